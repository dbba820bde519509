#include "gpiot/agents/answer.h"

#include <vector>

#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

constexpr std::string_view kFence = "```";

struct Blocks {
  std::string code;
  std::string rest;
  bool closed = false;
};

/// The first fenced block with a function in it, and the text after it.
Blocks find_code(std::string_view text) {
  Blocks blocks;
  for (auto open = text.find(kFence); open != std::string_view::npos;) {
    const auto start = text.find('\n', open);
    if (start == std::string_view::npos) break;
    const auto close = text.find("\n```", start);
    const auto body = text.substr(start + 1, close == std::string_view::npos ? close : close - start);
    if (body.find("def ") != std::string_view::npos) {
      blocks.code = body;
      blocks.closed = close != std::string_view::npos;
      if (blocks.closed) blocks.rest = text.substr(close + 4);
      return blocks;
    }
    if (close == std::string_view::npos) break;
    open = text.find(kFence, close + 4);
  }
  const auto heading = text.find("### Documentation");
  blocks.code = text.substr(0, heading);
  if (heading != std::string_view::npos) blocks.rest = text.substr(heading);
  blocks.closed = true;
  return blocks;
}

bool at_module_level(const std::string& line) {
  return !line.empty() && line.front() != ' ' && line.front() != '\t' && line.front() != '#' && line.front() != ')' &&
         line.front() != ']' && line.front() != '}';
}

bool may_stay(const std::string& line) {
  for (const auto* const start : {"def ", "import ", "from ", "@", "class "}) {
    if (line.rfind(start, 0) == 0) return true;
  }
  const auto equals = line.find(" = ");  // a constant
  return equals != std::string::npos && line.find(' ') == equals && line.find('(') == std::string::npos;
}

/// Leaves out calls, prints and `if __name__` blocks that follow the first function.
std::string without_calls(const std::string& code) {
  std::string kept;
  bool function_seen = false;
  bool skipping = false;
  for (const auto& line : base::split_lines(code)) {
    if (at_module_level(line)) {
      skipping = function_seen && !may_stay(line);
      function_seen = function_seen || line.rfind("def ", 0) == 0;
    }
    if (!skipping) kept += line + "\n";
  }
  return base::trim(kept) + "\n";
}

}  // namespace

Parsed<core::Program> parse_answer(std::string_view text) {
  using Result = Parsed<core::Program>;
  const Blocks blocks = find_code(text);
  if (!blocks.closed) return Result::bad("the answer was cut before the code ended");
  core::Program program;
  program.code = without_calls(blocks.code);
  const bool has_function = program.code.rfind("def ", 0) == 0 || program.code.find("\ndef ") != std::string::npos;
  if (!has_function) return Result::bad("the answer holds no Python function");
  std::string documentation = base::trim(blocks.rest);
  constexpr std::string_view kHeading = "### Documentation";
  if (documentation.rfind(kHeading, 0) == 0) documentation = base::trim(documentation.substr(kHeading.size()));
  program.documentation = std::move(documentation);
  return Result::good(std::move(program));
}

}  // namespace gpiot::agents
