#pragma once

#include <filesystem>
#include <string>

namespace gpiot::bench {

/// Which source a program was built from, as far as its working tree says.
struct SourceState {
  std::string commit;    ///< full hash of HEAD; empty where git does not know
  bool changed = false;  ///< tracked files differ from it
  /// "1f7dfc5...", "1f7dfc5...+changed", "unknown".
  [[nodiscard]] std::string name() const;
};

/// Of the working tree at `root`. Never fails.
[[nodiscard]] SourceState source_state(const std::filesystem::path& root);

/// "AMD EPYC 9R14, 2 cores": the processor and how many of its threads this process may use.
[[nodiscard]] std::string machine_name();

}  // namespace gpiot::bench
