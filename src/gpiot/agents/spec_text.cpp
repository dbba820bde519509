#include "gpiot/agents/spec_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

const std::set<std::string, std::less<>> kDtypes = {"float64", "float32", "int64", "int32",      "int16",     "int8",
                                                    "uint8",   "uint16",  "bool",  "complex128", "complex64", "str"};
constexpr std::array kTypes = {"numpy.ndarray", "float", "int", "str", "list", "dict", "tuple", "bool"};

bool is_type(std::string_view text) { return std::find(kTypes.begin(), kTypes.end(), text) != kTypes.end(); }

/// Splits at commas outside parentheses and square brackets.
std::vector<std::string> split_fields(std::string_view text) {
  std::vector<std::string> fields(1);
  int depth = 0;
  for (const char c : text) {
    if (c == '(' || c == '[') ++depth;
    if (c == ')' || c == ']') --depth;
    if (c == ',' && depth == 0) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  for (auto& field : fields) field = base::trim(field);
  return fields;
}

/// Position of the parenthesis that closes the one at `open`, npos where there is none.
std::size_t closing(std::string_view text, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth == 0) return i;
  }
  return std::string_view::npos;
}

/// Another unit of a variable whose channels have several, such as "g, deg/s".
bool is_unit(std::string_view text) {
  constexpr std::size_t kLongest = 12;
  return !text.empty() && text.size() <= kLongest && text.find_first_of(" `()") == std::string_view::npos;
}

enum class Part { None, Steps, Target, Input, Output };

Part part_of(std::string_view line) {
  const std::string lower = base::to_lower(base::replace_all(base::trim(line), "*", ""));
  if (lower.rfind("target", 0) == 0) return Part::Target;
  if (lower.rfind("input specification", 0) == 0) return Part::Input;
  if (lower.rfind("output specification", 0) == 0) return Part::Output;
  if (lower.rfind("implementation steps", 0) == 0) return Part::Steps;
  return Part::None;
}

}  // namespace

std::string to_markdown(const core::Variable& variable) {
  std::vector<std::string> facts = {variable.type};
  for (const auto* fact : {&variable.dtype, &variable.shape, &variable.unit}) {
    if (!fact->empty()) facts.push_back(*fact);
  }
  return fmt::format("- `{}` ({}): {}", variable.name, base::join(facts, ", "), variable.description);
}

std::string to_markdown(std::span<const core::Variable> variables) {
  std::string text;
  for (const auto& variable : variables) text += to_markdown(variable) + "\n";
  return text.empty() ? "- none\n" : text;
}

Parsed<core::Variable> parse_variable(std::string_view line) {
  using Result = Parsed<core::Variable>;
  constexpr std::string_view kForm = "expected '- `name` (type, dtype, shape, unit): description'";
  const std::string text = base::trim(line);
  const auto open_tick = text.find('`');
  const auto close_tick = open_tick == std::string::npos ? open_tick : text.find('`', open_tick + 1);
  if (close_tick == std::string::npos) return Result::bad(std::string(kForm));
  const auto open = text.find('(', close_tick);
  const auto close = open == std::string::npos ? open : closing(text, open);
  if (close == std::string::npos || !base::trim(text.substr(close_tick + 1, open - close_tick - 1)).empty()) {
    return Result::bad(std::string(kForm));
  }
  core::Variable variable;
  variable.name = base::trim(text.substr(open_tick + 1, close_tick - open_tick - 1));
  if (variable.name.empty()) return Result::bad(std::string(kForm));
  const auto fields = split_fields(std::string_view(text).substr(open + 1, close - open - 1));
  variable.type = fields.front();
  if (variable.type == "np.ndarray" || variable.type == "ndarray") variable.type = "numpy.ndarray";
  if (!is_type(variable.type)) {
    return Result::bad(
        fmt::format("unknown type: got '{}', expected one of {}", variable.type, fmt::join(kTypes, ", ")));
  }
  for (std::size_t i = 1; i < fields.size(); ++i) {
    const auto& field = fields[i];
    if (variable.type == "numpy.ndarray" && variable.dtype.empty() && kDtypes.contains(field)) {
      variable.dtype = field;
    } else if (!field.empty() && field.front() == '(' && variable.shape.empty()) {
      variable.shape = field;
    } else if (variable.unit.empty()) {
      variable.unit = field;
    } else if (variable.type == "numpy.ndarray" && is_unit(field)) {
      variable.unit += ", " + field;
    } else {
      return Result::bad(fmt::format("cannot tell what '{}' is; {}", field, kForm));
    }
  }
  std::string rest = base::trim(text.substr(close + 1));
  if (!rest.empty() && rest.front() == ':') rest.erase(0, 1);
  variable.description = base::trim(rest);
  return Result::good(std::move(variable));
}

std::string to_markdown(const core::Specification& spec) {
  std::string text = fmt::format("# {}\n\n**Target**\n{}\n\n", spec.subtask.name, spec.target);
  text += "**Input Specifications**\n" + to_markdown(spec.inputs);
  text += "\n**Output Specifications**\n" + to_markdown(spec.outputs);
  if (!spec.subtask.steps.empty()) {
    text += "\n**Implementation steps**\n";
    for (const auto& step : spec.subtask.steps) text += "- " + step + "\n";
  }
  return text;
}

Parsed<core::Specification> parse_specification(std::string_view text) {
  using Result = Parsed<core::Specification>;
  core::Specification spec;
  Part part = Part::None;
  int number = 0;
  for (const auto& raw : base::split_lines(text)) {
    ++number;
    const std::string line = base::trim(raw);
    if (line.empty()) continue;
    if (line.front() == '#') {
      spec.subtask.name = base::trim(line.substr(std::min(line.find_first_not_of('#'), line.size())));
      continue;
    }
    if (line.front() == '*' && part_of(line) != Part::None) {
      part = part_of(line);
    } else if (part == Part::Target) {
      spec.target += (spec.target.empty() ? "" : " ") + line;
    } else if (part == Part::Steps) {
      spec.subtask.steps.push_back(base::trim(line.front() == '-' ? line.substr(1) : line));
    } else if (part == Part::Input || part == Part::Output) {
      if (line == "- none") continue;
      auto variable = parse_variable(line);
      if (!variable.ok()) return Result::bad(variable.problem, number);
      (part == Part::Input ? spec.inputs : spec.outputs).push_back(std::move(*variable.value));
    } else {
      return Result::bad("expected '# Name' or '**Target**'", number);
    }
  }
  if (spec.subtask.name.empty()) return Result::bad("the heading '# Name' is missing");
  if (spec.target.empty()) return Result::bad("the part **Target** is missing or empty");
  if (spec.outputs.empty()) return Result::bad("the part **Output Specifications** is missing or empty");
  spec.subtask.identifier = base::to_identifier(spec.subtask.name);
  return Result::good(std::move(spec));
}

}  // namespace gpiot::agents
