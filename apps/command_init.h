#pragma once

#include <CLI/CLI.hpp>

#include "app_context.h"
#include "gpiot/pipeline/draft.h"

namespace gpiot::apps {

/// `gpiot init "what I want" --data DIR`: looks at the data in the sandbox and writes requirement.md.
void register_init_command(CLI::App& app, AppContext& context);

/// The requirement that fits the words and the data folder, after a look at it in the sandbox.
/// Errors: those of pipeline::draft_requirement; Sandbox.
[[nodiscard]] pipeline::Draft draft_from_data(const pipeline::DraftWishes& wishes, const base::CancelToken& cancel);

}  // namespace gpiot::apps
