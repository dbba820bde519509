#pragma once

#include <span>
#include <string>
#include <string_view>

#include "gpiot/agents/parsed.h"
#include "gpiot/core/program.h"
#include "gpiot/core/requirement.h"

namespace gpiot::agents {

/// "- `name` (type, dtype, shape, unit): description"; what a variable does not have is left out.
[[nodiscard]] std::string to_markdown(const core::Variable& variable);
/// One line per variable, each ended by a line feed; "- none\n" for no variables.
[[nodiscard]] std::string to_markdown(std::span<const core::Variable> variables);
/// Reads one such line. The bullet is optional.
Parsed<core::Variable> parse_variable(std::string_view line);

/// The paper's form: `# Name`, **Target**, **Input Specifications**, **Output Specifications**, and the sub-task's
/// steps under **Implementation steps**.
[[nodiscard]] std::string to_markdown(const core::Specification& spec);
/// Reads that form; the identifier is made from the name. Users edit these files, so every problem names its line.
Parsed<core::Specification> parse_specification(std::string_view text);

}  // namespace gpiot::agents
