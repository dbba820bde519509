#pragma once

#include <cstdint>
#include <vector>

#include "gpiot/tune/batch.h"

namespace gpiot::tune {

/// The batches of one optimiser step, each a list of numbers of examples.
using StepPlan = std::vector<std::vector<std::size_t>>;

/// One epoch: all examples of both tasks in an order drawn from `seed` and `epoch` alone, packed into batches of at
/// most `batch_tokens` (one longer example makes a batch of its own), as many of them to a step as `step_tokens` hold.
/// `paired`: a document counts twice.
[[nodiscard]] std::vector<StepPlan> plan_epoch(const std::vector<Example>& examples, std::int64_t batch_tokens,
                                               std::int64_t step_tokens, bool paired, std::uint64_t seed, int epoch);

}  // namespace gpiot::tune
