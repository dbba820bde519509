#pragma once

#include <CLI/CLI.hpp>

#include "app_context.h"

namespace gpiot::apps {

/// `gpiot knowledge add|refresh|remove|list|stats|search`.
void register_knowledge_command(CLI::App& app, AppContext& context);

}  // namespace gpiot::apps
