#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "gpiot/base/json.h"
#include "gpiot/tune/estimate.h"
#include "gpiot/tune/event_file.h"
#include "gpiot/tune/trainer.h"

namespace gpiot::apps {

/// Shows a training: lines on stderr (one live line on a terminal), or with `json` events on stdout; and keeps every
/// step in a file of JSON lines.
class TuneReport {
 public:
  /// `folder` holds log.jsonl and the event files for TensorBoard; empty: nothing is kept.
  TuneReport(bool json, const std::filesystem::path& folder, bool silent = false);
  [[nodiscard]] tune::RunListener listener();
  void note(const std::string& text);
  /// An event that is kept and, with --json, printed.
  void event(const std::string& kind, const base::Json& facts);
  void estimate(const tune::Estimate& estimate, double free_bytes);

 private:
  void step(const tune::StepReport& report);
  void validation(const tune::ValidationReport& report);
  [[nodiscard]] double seconds() const;
  void close_line();

  bool json_;
  bool silent_;
  bool terminal_;
  bool open_ = false;
  std::filesystem::path log_file_;
  std::optional<tune::EventFile> board_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace gpiot::apps
