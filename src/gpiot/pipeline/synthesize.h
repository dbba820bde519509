#pragma once

#include "gpiot/pipeline/measure.h"

namespace gpiot::pipeline {

/// What a whole synthesis ended with.
struct SynthesisResult {
  Measurement development;
  Measurement final_part;
  int repair_rounds = 0;
  bool was_finished = false;  ///< nothing was to be done
};

/// Bounded repair: feeds the traceback or the measurement back to the sub-task at fault, chooses and measures again,
/// keeps the best version. Stops early when a problem repeats. Returns the development measurement of what is kept.
[[nodiscard]] Measurement run_repair(Workbench& bench, Measurement current, int* rounds_done);

/// All stages in order, skipping those whose files are fresh; `from` redoes that stage and all after it.
[[nodiscard]] SynthesisResult synthesize(Workbench& bench, std::optional<Stage> from);

}  // namespace gpiot::pipeline
