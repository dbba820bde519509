#pragma once

#include <atomic>

#include "gpiot/base/error.h"

namespace gpiot::base {

/// Set once (Ctrl-C, a lost client), read often. Safe to set from a signal handler.
class CancelToken {
 public:
  void cancel() noexcept { cancelled_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool cancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }
  /// Errors: Cancelled.
  void throw_if_cancelled(std::string_view where) const {
    if (cancelled()) throw Error(ErrorCode::Cancelled, where, "stopped on request");
  }

 private:
  std::atomic<bool> cancelled_{false};
};

}  // namespace gpiot::base
