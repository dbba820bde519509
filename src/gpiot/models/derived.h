#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "gpiot/models/resolve.h"
#include "gpiot/models/store.h"

namespace gpiot::models {

/// How a derived file came to be.
struct Derivation {
  std::string name;
  std::filesystem::path path;
  std::string recipe;  ///< "format q4_0", "widen ffn by 64"
  std::string tool;    ///< "gpiot 0.1.0"
};

/// A copy in another weight format: its name and its place in the models folder.
[[nodiscard]] Derivation derivation_of(const Store& store, const ResolvedModel& parent, const std::string& format,
                                       const std::string& tool);

/// Takes a file that was made from `parent` into the lock file, under the licence of the parent. Errors: Io, Format.
InstalledModel record_derived(const Store& store, const ResolvedModel& parent, const Derivation& derivation);

/// A widened copy to be written. `name` empty: that of the parent and "-wide64".
struct WidenOrder {
  std::string name;
  std::uint64_t width = 64;  ///< at least so many zero columns; weights::plan_widening rounds up
  std::string tool;
};
using OnShare = std::function<void(double)>;

/// Writes a copy of `parent` with a wider FFN (weights::widen_ffn) to the models folder and records it. Two processes
/// do not do it at once: the second one waits. Errors: as widen_ffn.
InstalledModel widen(const Store& store, const ResolvedModel& parent, const WidenOrder& order,
                     const OnShare& on_share = {});
/// The recorded one where it is there, else as widen. Errors: as widen; Model where the file was changed.
InstalledModel find_or_widen(const Store& store, const ResolvedModel& parent, const WidenOrder& order,
                             const OnShare& on_share = {});

/// The recorded copy of `parent` in that format where it is there, else what `write` puts at the path it is given. Two
/// processes do not do it at once: the second one waits. Errors: those of `write`; Model where the file was changed.
InstalledModel find_or_derive(const Store& store, const ResolvedModel& parent, const std::string& format,
                              const std::string& tool, const std::function<void(const std::filesystem::path&)>& write);

/// By how much the FFN of that copy was widened; nothing where it is no such copy.
[[nodiscard]] std::optional<std::uint64_t> widened_by(const InstalledModel& model);
/// The record of a file, by its hash. A widened copy goes first.
[[nodiscard]] std::optional<InstalledModel> find_by_hash(const Store& store, const std::string& sha256);

}  // namespace gpiot::models
