#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "app_context.h"
#include "gpiot/models/pull.h"

namespace gpiot::apps {

/// model list | pull | verify | add | derive.
void register_model_command(CLI::App& app, AppContext& context);

/// Notes and progress of a pull on stderr (a live line on a terminal, else a line every 10 s), or as JSON events on
/// stdout; a licence is asked for on a terminal. For every command that may have to pull. `context` must outlive it.
[[nodiscard]] models::PullHooks make_pull_hooks(AppContext& context);

/// Tells the progress of a derivation by tenths, and ends it where the user has cancelled. `context` must outlive it.
[[nodiscard]] std::function<void(double)> share_printer(AppContext& context);

}  // namespace gpiot::apps
