#include "gpiot/agents/parser_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string>

#include "gpiot/agents/subtask_text.h"
#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

constexpr std::size_t kMostSteps = 24;
constexpr std::size_t kLongestStep = 600;  // bytes; a line of a plan has 1000 at most

/// Sentences end at a mark before a blank and what does not go on in a small letter.
std::vector<std::string> sentences_of(const std::string& statement) {
  std::string text = statement;
  for (const auto* space : {"\r", "\n", "\t"}) text = base::replace_all(text, space, " ");
  std::vector<std::string> sentences;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool mark = text[i] == '.' || text[i] == '?' || text[i] == '!';
    const bool last = i + 1 == text.size();
    const bool abbreviation = i >= 2 && text[i - 2] == '.';  // e.g.
    const bool ends = mark && !abbreviation && !last && text[i + 1] == ' ' && i + 2 < text.size() &&
                      std::islower(static_cast<unsigned char>(text[i + 2])) == 0;
    if (!ends && !last) continue;
    auto sentence = base::trim(text.substr(start, i + 1 - start));
    start = i + 1;
    if (sentence.empty()) continue;
    sentence.resize(std::min(sentence.size(), kLongestStep));
    while (!base::is_valid_utf8(sentence)) sentence.pop_back();
    sentences.push_back(std::move(sentence));
  }
  return sentences;
}

/// Small models take the digits of such a text for its bytes.
bool is_hexadecimal(const core::Requirement& requirement, const core::Variable& input) {
  const auto words = base::to_lower(input.description + " " + requirement.statement);
  return input.type == "str" && words.find("hexadecimal") != std::string::npos;
}

std::string words_of(const core::Variable& variable) { return base::replace_all(variable.name, "_", " "); }

}  // namespace

bool is_parser(const core::Requirement& requirement) {
  if (requirement.result.learned || requirement.result.kind == "position") return false;
  const auto says_bytes = [&](const core::Variable& input) {
    const auto words = base::to_lower(input.name + " " + input.description + " " + requirement.statement);
    return words.find("byte") != std::string::npos;
  };
  const auto is_sent = [&](const core::Variable& input) {
    return input.type == "str" || (input.type == "numpy.ndarray" && input.dtype == "uint8" && says_bytes(input));
  };
  const auto is_scalar = [](const core::Variable& input) { return input.type == "float" || input.type == "int"; };
  return std::ranges::any_of(requirement.data.inputs, is_sent) &&
         std::ranges::all_of(requirement.data.inputs,
                             [&](const core::Variable& input) { return is_sent(input) || is_scalar(input); });
}

std::vector<core::SubTask> parser_plan(const core::Requirement& requirement) {
  if (!is_parser(requirement)) return {};
  auto steps = sentences_of(requirement.statement);
  if (steps.empty() || steps.size() > kMostSteps) return {};
  std::vector<std::string> names;
  for (const auto& input : requirement.data.inputs) {
    names.push_back(words_of(input));
    if (!is_hexadecimal(requirement, input)) continue;
    steps.insert(steps.begin(),
                 fmt::format("Turn the hexadecimal text into bytes first: data = bytes.fromhex({}), each "
                             "data[i] a number from 0 to 255.",
                             input.name));
  }
  const auto name = "Read " + base::join(names, " and ");
  return {{name, base::to_identifier(name, 40), std::move(steps)}};
}

std::vector<core::Specification> parser_specs(const core::Requirement& requirement,
                                              std::span<const core::SubTask> subtasks) {
  const auto plan = parser_plan(requirement);
  if (plan.empty() || to_markdown(plan) != to_markdown(subtasks)) return {};
  const auto& result = requirement.result.variable;
  return {
      {.subtask = plan.front(),
       .target = fmt::format("Reads what was received as the steps state it, and returns the {}.", words_of(result)),
       .inputs = requirement.data.inputs,
       .outputs = {result}}};
}

}  // namespace gpiot::agents
