#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "gpiot/tune/adapters.h"
#include "gpiot/tune/frozen_matrix.h"
#include "gpiot/tune/optimizer.h"
#include "gpiot/tune/recompute.h"

namespace gpiot::tune {

/// The type of computation. `automatic`: bfloat16 where the processor or device has it, else float.
enum class NumberType { automatic, bf16, f32 };

/// What `gpiot tune` does: tune.toml, overridden by --set KEY=VALUE. Defaults are the paper's where it states them,
/// else those of its released script.
struct TuneConfig {
  std::string base;               ///< model name or path; empty = the catalogue's default
  std::vector<std::string> data;  ///< files of records, relative to tune.toml
  std::string output = "tuned";   ///< folder, relative to tune.toml
  AdapterOptions adapters;
  OptimizerOptions optimizer;
  double warmup_share = 0.03;  ///< of all steps
  int epochs = 5;
  std::int64_t context_tokens = 2048;  ///< longest record
  std::int64_t batch_tokens = 2048;    ///< computed at a time: memory
  std::int64_t step_tokens = 4096;     ///< between two moves of the optimiser
  double validation_share = 0.1;       ///< where no record says its split
  int validate_every = 20;             ///< steps
  int patience = 0;                    ///< validations without a better loss until it stops; 0 = never
  double checkpoint_minutes = 5;
  std::uint64_t seed = 1;
  NumberType type = NumberType::automatic;
  BaseStorage base_storage = BaseStorage::same;
  std::string device = "cpu";  ///< or "cuda"
  Recompute recompute = Recompute::none;
};

/// Reads tune.toml. Errors: NotFound, Format (line and key), InvalidArgument (values out of range).
[[nodiscard]] TuneConfig read_config(const std::filesystem::path& path);
/// One KEY=VALUE of the command line, with the keys of the file. Errors: InvalidArgument.
void set_value(TuneConfig& config, const std::string& key, const std::string& value);
/// As tune.toml, every key with its value. Two configurations are the same where their texts are.
[[nodiscard]] std::string config_text(const TuneConfig& config);
/// Errors: InvalidArgument.
void check_config(const TuneConfig& config);
/// The lines in which two texts of configurations differ, "rank: was 64, is 32". A key that `before` does not have, for
/// it is older than the key, stands at its default.
[[nodiscard]] std::vector<std::string> config_differences(const std::string& before, const std::string& now);

}  // namespace gpiot::tune
