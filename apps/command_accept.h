#pragma once

#include <CLI/CLI.hpp>

#include "app_context.h"

namespace gpiot::apps {

/// `gpiot accept PROJECT`: marks a run; its functions become passages of the knowledge base.
void register_accept_command(CLI::App& app, AppContext& context);

}  // namespace gpiot::apps
