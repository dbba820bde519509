#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gpiot::apps {

/// An adapter file, and what its manifest (<file>.json) says of it.
struct Adapter {
  std::filesystem::path file;
  std::string role, base, base_sha256, sha256;
  std::string projection;                ///< "own": with projection layers; "off", or empty in older manifests
  std::string base_parent, base_recipe;  ///< of a widened base: its original, "widen ffn by 64"; else empty
  double validation_loss = -1;           ///< -1: not measured
};

/// The name of an installed model with that hash; empty where there is none.
[[nodiscard]] std::string installed_base(const std::string& sha256);

/// What the file itself is, its base aside: "ok", "missing", "changed" or "no adapter".
[[nodiscard]] std::string state_of_file(const Adapter& adapter);

/// Adapters with a manifest below a folder, two levels deep, or the file itself. Errors: NotFound; Format where a
/// manifest is none.
[[nodiscard]] std::vector<Adapter> adapters_in(const std::filesystem::path& place);

}  // namespace gpiot::apps
