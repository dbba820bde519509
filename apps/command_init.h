#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "app_context.h"
#include "gpiot/pipeline/draft.h"

namespace gpiot::apps {

/// `gpiot init "what I want" --data DIR`: looks at the data in the sandbox and writes requirement.md.
void register_init_command(CLI::App& app, AppContext& context);

/// The requirement that fits the words and the data folder, after a look at it in the sandbox.
/// `sandbox_level`: auto, A or B. Errors: those of pipeline::draft_requirement; Sandbox.
[[nodiscard]] pipeline::Draft draft_from_data(const pipeline::DraftWishes& wishes, const std::string& sandbox_level,
                                              const AppContext& context);

}  // namespace gpiot::apps
