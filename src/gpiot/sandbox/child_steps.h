#pragma once

/// What a child does between fork and exec: raw calls only, since it may share its parent's memory and locks.
namespace gpiot::sandbox::child {

/// Says "step: reason of errno" on descriptor 2 and ends with status 126.
[[noreturn]] void fail(const char* step) noexcept;

/// Default actions, nothing blocked.
void reset_signals() noexcept;

}  // namespace gpiot::sandbox::child
