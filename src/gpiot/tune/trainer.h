#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "gpiot/base/cancel.h"
#include "gpiot/tune/adapters.h"
#include "gpiot/tune/base_model.h"
#include "gpiot/tune/collective.h"
#include "gpiot/tune/head_loss.h"
#include "gpiot/tune/plan.h"
#include "gpiot/tune/tune_config.h"

namespace gpiot::tune {

/// What the listener of a run hears.
struct StepReport {
  std::int64_t step = 0;  ///< done, of `steps`
  std::int64_t steps = 0;
  int epoch = 0;            ///< from 1
  LossSums loss;            ///< with dropout
  double rate = 0;          ///< learning rate
  double norm = 0;          ///< of the gradients, before clipping
  std::int64_t tokens = 0;  ///< of this step, over all processes
  double step_s = 0;
  double tokens_per_s = 0;  ///< since the start of this process
  double remaining_s = 0;
};
struct ValidationReport {
  std::int64_t step = 0;
  LossSums loss;
  bool best = false;
};
struct RunListener {
  std::function<void(const StepReport&)> on_step = [](const StepReport&) {};
  std::function<void(const ValidationReport&)> on_validation = [](const ValidationReport&) {};
  std::function<void(const std::string&)> on_note = [](const std::string&) {};
};

/// What a run works on; all of it outlives the run.
struct RunInput {
  const BaseModel& model;
  const TuneConfig& config;
  const std::vector<Example>& training;
  const std::vector<Example>& validation;
  std::filesystem::path checkpoints;  ///< folder
  std::string base_sha256;
  std::string data_sha256;
  Collective& processes;
};

struct RunResult {
  std::int64_t step = 0;
  std::int64_t steps = 0;
  bool stopped_early = false;
  double best_loss = 0;  ///< mean over the tasks; 0 without validation
  std::int64_t best_step = 0;
  LossSums validation;  ///< of the adapters as they are left
};

/// Trains `adapters` to the end, or until `cancel`: then a checkpoint is saved and Cancelled thrown. The adapters are
/// left as they were at the best validation. `resume`: goes on from the newest whole checkpoint, if there is one.
/// Errors: Cancelled; Check where the loss is no number (the last good state is saved); Data where a checkpoint was
/// made with another configuration, base or data (the difference is shown); Io.
[[nodiscard]] RunResult train(const RunInput& input, Adapters& adapters, bool resume, const RunListener& listener,
                              const base::CancelToken& cancel);

}  // namespace gpiot::tune
