#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gpiot::tune {

/// Where a training is: with it, a resumed run is the same as one that was never stopped. The order of the data and the
/// dropout follow from seed and step, so no random state is kept.
struct Checkpoint {
  std::int64_t step = 0;  ///< done
  double best_loss = 0;   ///< of validation; 0 with no `best`
  std::int64_t best_step = 0;
  int worse = 0;       ///< validations since the best
  std::string config;  ///< config_text
  std::string data_sha256;
  std::string base_sha256;
  at::Tensor values, mean, square;
  at::Tensor best;  ///< values at the best validation; empty where there was none
};

/// Writes folder/step-00000120.safetensors and deletes all but the two newest. Errors: Io.
void save_checkpoint(const std::filesystem::path& folder, const Checkpoint& checkpoint);

/// The newest whole checkpoint, nothing where there is none. A broken one is skipped; why is put into `skipped`.
[[nodiscard]] std::optional<Checkpoint> load_checkpoint(const std::filesystem::path& folder,
                                                        std::vector<std::string>& skipped);

}  // namespace gpiot::tune
