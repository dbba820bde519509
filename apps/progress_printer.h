#pragma once

#include <chrono>
#include <string>

#include "gpiot/pipeline/events.h"

namespace gpiot::apps {

/// Shows the events of a run: on a terminal one live line per stage, otherwise plain lines (progress at most every
/// 10 s); with `json` each event as one line on stdout.
class ProgressPrinter {
 public:
  explicit ProgressPrinter(bool json);
  void operator()(const pipeline::Event& event);

 private:
  void clear_line();
  bool json_;
  bool is_terminal_;
  bool line_open_ = false;
  std::chrono::steady_clock::time_point last_progress_{};
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace gpiot::apps
