#pragma once

#include <CLI/CLI.hpp>

#include "app_context.h"

namespace gpiot::apps {

/// adapter list | verify | export. `context` must outlive it.
void register_adapter_command(CLI::App& app, AppContext& context);

}  // namespace gpiot::apps
