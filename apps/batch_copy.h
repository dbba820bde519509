#pragma once

#include <functional>
#include <string>

#include "app_context.h"
#include "gpiot/models/resolve.h"
#include "gpiot/models/store.h"

namespace gpiot::apps {

/// The file to load for answers in batches: on an x86 processor a copy in llm::kBatchFormat of an installed model whose
/// weights are in good part Q6_K, written at the first use and found later; else, or where it cannot be written, the
/// model itself. `note` hears what is done, and why not. Errors: Cancelled.
[[nodiscard]] models::ResolvedModel batch_copy(const models::Store& store, const models::ResolvedModel& model,
                                               AppContext& context,
                                               const std::function<void(const std::string&)>& note);

/// The same for the embedding model: a copy in F16 of one in BF16, where the processor multiplies that faster. Its
/// vectors are those of the original to about 1e-4 (docs/decisions/0009-batch-copy.md). Errors: Cancelled.
[[nodiscard]] models::ResolvedModel embedder_copy(const models::Store& store, const models::ResolvedModel& model,
                                                  AppContext& context,
                                                  const std::function<void(const std::string&)>& note);

}  // namespace gpiot::apps
