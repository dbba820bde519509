#pragma once

#include <string_view>

#include "gpiot/agents/parsed.h"
#include "gpiot/core/program.h"

namespace gpiot::agents {

/// Reads an answer of the code-writing role: the first fenced block that holds a `def` (or, without a fence, everything
/// up to the documentation heading), and what follows as documentation. Code at module level after the function, such
/// as example calls, is left out. Problems: no function; the code block is not closed (the answer was cut).
Parsed<core::Program> parse_answer(std::string_view text);

}  // namespace gpiot::agents
