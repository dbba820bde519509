#pragma once

#include <CLI/CLI.hpp>

#include "app_context.h"

namespace gpiot::apps {

/// adapter export: adapters that are what their manifests say, as a folder to hand on. `context` must outlive it.
void register_adapter_export(CLI::App& adapter, AppContext& context);

}  // namespace gpiot::apps
