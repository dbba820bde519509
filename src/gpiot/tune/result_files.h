#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gpiot/tune/trainer.h"

namespace gpiot::tune {

/// What a manifest says besides the files.
struct Provenance {
  std::string base_name;
  std::string base_sha256;
  std::string base_parent;         ///< of a widened base: name ...
  std::string base_parent_sha256;  ///< ... and hash of its original, else empty
  std::string base_recipe;         ///< "widen ffn by 64", else empty
  std::string records_sha256;
  std::size_t records = 0;
  std::string version;  ///< of gpiot
  std::string type;     ///< of computation: "bf16", "f32"
};

/// A role's file as it is called in the output folder and on gpiot's command line.
[[nodiscard]] std::string role_name(Task role);  ///< "tdslm", "cgslm"

/// Writes tdslm.gguf and cgslm.gguf with a manifest <file>.json beside each, which ties adapter, base, records,
/// configuration and measures together; and, where there is such a form, each role for PEFT in peft/tdslm and
/// peft/cgslm. Returns the paths of the adapters. Errors: as role_pairs; Io.
std::vector<std::filesystem::path> write_roles(const std::filesystem::path& folder, const ModelShape& shape,
                                               const Adapters& adapters, const TuneConfig& config,
                                               const RunResult& result, const Provenance& provenance);

}  // namespace gpiot::tune
