#pragma once

#include <CLI/CLI.hpp>

#include "app_context.h"

namespace gpiot::apps {

/// synthesize, decompose, specify, generate, assemble, run, repair, status, explain.
void register_project_commands(CLI::App& app, AppContext& context);

}  // namespace gpiot::apps
