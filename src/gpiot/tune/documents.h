#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

namespace gpiot::tune {

/// Where the documents of a batch begin: document i is rows offsets[i] to offsets[i + 1]. The same on the device, so
/// that no layer has to send it there again.
struct Documents {
  Documents() = default;
  Documents(std::vector<std::int64_t> starts, const at::Device& device);

  std::vector<std::int64_t> offsets;  ///< [documents + 1]; the last one is the number of rows
  at::Tensor on_device;               ///< the same, int32
  std::int64_t longest = 0;           ///< rows of the longest document
};

}  // namespace gpiot::tune
