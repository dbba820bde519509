#pragma once

#include <memory>
#include <string>

#include "gpiot/core/program_runner.h"
#include "gpiot/sandbox/bwrap_arguments.h"
#include "gpiot/sandbox/jail.h"

namespace gpiot::sandbox {

/// A jail of level A: starts bwrap and waits until its new root is in place. Errors: Sandbox, with what bwrap said.
[[nodiscard]] std::unique_ptr<Jail> start_level_a(const std::string& bwrap, const PythonLocation& python,
                                                  const core::RunRequest& request, const Weakening& weakening);

/// The version of bubblewrap. Errors: Sandbox when it is missing or too old.
[[nodiscard]] std::string check_bwrap(const std::string& bwrap);

}  // namespace gpiot::sandbox
