#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gpiot/agents/parsed.h"
#include "gpiot/core/program.h"

namespace gpiot::agents {

/// The paper's form: `- Sub-Task k [Name]`, lines `- Implementation step i: ...`, blocks separated by one blank line.
[[nodiscard]] std::string to_markdown(std::span<const core::SubTask> subtasks);

/// Reads that form, leniently (any bullet, numbering ignored, blank lines free, `#` headings skipped), since users
/// edit the file. Identifiers are made unique. Problems: no sub-task, a sub-task without steps, a line that is neither.
Parsed<std::vector<core::SubTask>> parse_subtasks(std::string_view text);

}  // namespace gpiot::agents
