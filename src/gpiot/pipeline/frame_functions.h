#pragma once

#include <string>
#include <vector>

#include "gpiot/pipeline/choose.h"
#include "gpiot/pipeline/part_data.h"
#include "gpiot/pipeline/trial_runner.h"

namespace gpiot::pipeline {

/// Whether labelled frames may tell their form: what a device sent is all that the program is given beside a sampling
/// rate, and there are labels of verdicts, numbers or first bytes.
[[nodiscard]] bool may_tell_their_form(const core::Requirement& requirement);

/// The function of the plan for a parser (agents/parser_plan.h) with the form of the frames as it is found on `data`
/// (runtime/frame_form.py): the checks behind a verdict, where a number stands in a frame or a line of text, or how
/// frames are recognised in a stream. Empty, and said so, where no form tells nearly all labelled frames; those that it
/// misses are named. `specs` are of that plan, and may_tell_their_form holds. Errors: those of own_function; Sandbox.
[[nodiscard]] std::vector<std::vector<CheckedCandidate>> own_frame_functions(
    const Workbench& bench, TrialRunner& trials, const std::vector<core::Specification>& specs, const PartData& data);

/// `value` as Python writes it; the entries of an outer list or object on lines of their own, `indent` blanks in.
[[nodiscard]] std::string python_literal(const base::Json& value, int indent);

}  // namespace gpiot::pipeline
