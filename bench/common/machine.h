#pragma once

#include <string>

namespace gpiot::bench {

/// Which source this program was built from.
struct SourceState {
  std::string commit;    ///< full hash of HEAD; empty where git does not know
  bool changed = false;  ///< tracked files differ from it
  /// "1f7dfc5...", "1f7dfc5...+changed", "unknown".
  [[nodiscard]] std::string name() const;
};

/// Noted when it was built.
[[nodiscard]] SourceState built_from();

/// "AMD EPYC 9R14, 2 cores": the processor and how many of its threads this process may use.
[[nodiscard]] std::string machine_name();

}  // namespace gpiot::bench
