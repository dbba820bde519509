#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gpiot/base/cancel.h"
#include "gpiot/sandbox/sandbox.h"

namespace gpiot::sandbox {

enum class EscapeVerdict {
  Blocked,    ///< refused by the kernel, or nothing was there
  Contained,  ///< it happened, inside the sandbox and its limits only
  Escaped,    ///< it reached, read or changed something of the host, or outlived its limits
  Error,      ///< the attempt told nothing: not counted as held
};
[[nodiscard]] std::string_view name(EscapeVerdict verdict);

struct EscapeResult {
  std::string group;
  std::string name;
  EscapeVerdict verdict = EscapeVerdict::Error;
  std::string detail;
};

struct EscapeReport {
  std::string level;
  std::vector<EscapeResult> results;
  [[nodiscard]] std::size_t count(EscapeVerdict verdict) const;
  [[nodiscard]] std::size_t held() const { return count(EscapeVerdict::Blocked) + count(EscapeVerdict::Contained); }
  /// All but the known gaps of the level.
  [[nodiscard]] bool all_held() const;
};

/// An attempt that a level is known not to stop, and why. docs/decisions/0006-level-b.md holds the same list.
struct KnownGap {
  std::string_view attempt;  ///< "group.name"
  std::string_view why;
};
/// None at level A; at level B none in the groups files, network and verdict.
[[nodiscard]] std::span<const KnownGap> known_gaps(std::string_view level);
/// The gap that an escape is, where it is known.
[[nodiscard]] const KnownGap* known_gap(std::string_view level, const EscapeResult& result);

/// Which attempts, and who hears of each as it ends.
struct EscapeOptions {
  std::vector<std::string> only;  ///< "group.name"; empty means all
  std::function<void(const EscapeResult&)> on_result;
};

/// Runs every attempt of `folder` (runtime/escape), each in a sandbox of its own, and judges it from the host: by its
/// canaries, listeners, victim process and process list, and only then by the attempt's word.
/// Errors: Sandbox; Format when the list of attempts cannot be read; Cancelled.
[[nodiscard]] EscapeReport run_escape_suite(Sandbox& sandbox, const std::filesystem::path& folder,
                                            const base::CancelToken& cancel, const EscapeOptions& options = {});

}  // namespace gpiot::sandbox
