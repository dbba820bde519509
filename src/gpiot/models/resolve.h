#pragma once

#include <filesystem>
#include <string>

#include "gpiot/models/catalogue.h"
#include "gpiot/models/store.h"

namespace gpiot::models {

/// A model file that is there, ready to be loaded.
struct ResolvedModel {
  std::string name;  ///< as it goes into manifests: alias, hub reference or file name
  std::filesystem::path path;
  std::string sha256;
};

/// `name` is an installed model's name, a catalogue alias, hf.co/owner/repo:file, or the path of a GGUF file; empty
/// means the default model. Downloads nothing.
/// Errors: NotFound (the remedy names the pull), Model when the installed file is not the one that was recorded.
[[nodiscard]] ResolvedModel resolve(const Store& store, const Catalogue& catalogue, const std::string& name);

}  // namespace gpiot::models
