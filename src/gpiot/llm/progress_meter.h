#pragma once

#include <chrono>

#include "gpiot/core/text_generator.h"

namespace gpiot::llm {

/// Tells a listener about four times a second what has been done. The listener may be empty.
class ProgressMeter {
 public:
  explicit ProgressMeter(const core::GenerationListener& listener) : listener_(listener) {}

  core::GenerationProgress now;

  /// Tells `now` when the last time is long enough ago, or `always`.
  void tell(bool always = false) {
    const auto time = std::chrono::steady_clock::now();
    if (!listener_ || (!always && time - told_ < std::chrono::milliseconds(250))) return;
    told_ = time;
    listener_(now);
  }

 private:
  const core::GenerationListener& listener_;
  std::chrono::steady_clock::time_point told_{};
};

}  // namespace gpiot::llm
