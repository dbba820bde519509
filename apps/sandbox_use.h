#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "gpiot/pipeline/events.h"
#include "gpiot/sandbox/sandbox.h"

namespace gpiot::apps {

/// Adds --sandbox to a command that runs generated code. A project file cannot set it.
void add_sandbox_option(CLI::App* command, std::string& level);

/// The sandbox of the private Python environment, tested. Where it is weaker than asked for, `sink` is told so first.
/// Errors: Sandbox when there is none; InvalidArgument for an unknown level.
[[nodiscard]] std::unique_ptr<sandbox::Sandbox> make_sandbox(const std::string& level, const pipeline::EventSink& sink);

}  // namespace gpiot::apps
