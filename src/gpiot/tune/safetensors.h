#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace gpiot::tune {

/// Tensors and a few texts in the safetensors format, that stock tools open.
struct SafeTensors {
  std::vector<std::pair<std::string, at::Tensor>> tensors;  ///< float or bfloat16, on the CPU
  std::map<std::string, std::string> facts;                 ///< __metadata__
};

/// Beside `path` first, synced, then renamed. The facts get "data_sha256", by which a broken file is known.
/// Errors: Io.
void write_safetensors(const std::filesystem::path& path, SafeTensors content);
/// Errors: NotFound; Io; Format where it is cut, does not hold together, or its data is not that of "data_sha256".
[[nodiscard]] SafeTensors read_safetensors(const std::filesystem::path& path);

}  // namespace gpiot::tune
