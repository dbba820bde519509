#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "form_row.h"
#include "gpiot/core/text_generator.h"

namespace gpiot::bench {

/// Says how far a run is, with the time it will still take. May be called from all threads.
class Progress {
 public:
  using Sink = std::function<void(const std::string&)>;  ///< gets one line, without its end

  /// `total` rows are to be made. Lines about batches come at most every `interval`.
  Progress(std::size_t total, Sink sink, std::chrono::milliseconds interval = std::chrono::seconds(10));

  void batch(const core::GenerationProgress& now);
  void call_done(std::size_t row, int calls);
  void row_done(std::size_t row, const FormRow& result);
  void say(const std::string& text);

 private:
  [[nodiscard]] double elapsed_s() const;
  [[nodiscard]] std::string outlook() const;
  void tell(const std::string& text);

  Sink sink_;
  std::chrono::milliseconds interval_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point told_ = start_;
  std::mutex mutex_;
  std::vector<double> shares_;  ///< of each row, how much is done, [0, 1]
  std::size_t rows_done_ = 0;
  int tokens_before_ = 0;  ///< of the batches that have ended
  core::GenerationProgress last_;
};

}  // namespace gpiot::bench
