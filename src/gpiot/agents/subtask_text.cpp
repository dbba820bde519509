#include "gpiot/agents/subtask_text.h"

#include <fmt/format.h>

#include <regex>
#include <set>

#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

const std::regex& heading_form() {
  static const std::regex form(R"(^(?:[-*+]\s*)?(?:\*\*)?sub-?\s?task\s*\d*\s*:?\s*\[?(.*?)\]?(?:\*\*)?\s*:?$)",
                               std::regex::icase);
  return form;
}

const std::regex& step_form() {
  static const std::regex form(R"(^(?:[-*+]|\d+[.)])\s*(?:implementation\s+step\s*)?(?:\d+\s*[:.)]\s*|[:]\s*)?(.*)$)",
                               std::regex::icase);
  return form;
}

std::string unique_identifier(const std::string& name, std::set<std::string>& used) {
  const std::string first = base::to_identifier(name);
  std::string identifier = first;
  for (int k = 2; !used.insert(identifier).second; ++k) identifier = fmt::format("{}_{}", first, k);
  return identifier;
}

constexpr std::size_t kLongestLine = 1000;  // std::regex recurses per character

}  // namespace

std::string to_markdown(std::span<const core::SubTask> subtasks) {
  std::string text;
  for (std::size_t k = 0; k < subtasks.size(); ++k) {
    if (k > 0) text += "\n";
    text += fmt::format("- Sub-Task {} [{}]\n", k + 1, subtasks[k].name);
    for (std::size_t i = 0; i < subtasks[k].steps.size(); ++i) {
      text += fmt::format("- Implementation step {}: {}\n", i + 1, subtasks[k].steps[i]);
    }
  }
  return text;
}

Parsed<std::vector<core::SubTask>> parse_subtasks(std::string_view text) {
  using Result = Parsed<std::vector<core::SubTask>>;
  std::vector<core::SubTask> subtasks;
  std::set<std::string> used;
  int number = 0;
  int heading_line = 0;
  for (const auto& raw : base::split_lines(text)) {
    ++number;
    const std::string line = base::trim(raw);
    if (line.empty() || line.front() == '#') continue;
    if (line.size() > kLongestLine) return Result::bad("the line is longer than 1000 bytes", number);
    std::smatch match;
    if (std::regex_match(line, match, heading_form())) {
      if (!subtasks.empty() && subtasks.back().steps.empty()) {
        return Result::bad(fmt::format("Sub-Task {} has no implementation step", subtasks.size()), heading_line);
      }
      const std::string name = base::trim(match[1].str());
      if (name.empty()) return Result::bad("the sub-task has no name: expected '- Sub-Task 1 [Name]'", number);
      subtasks.push_back({name, unique_identifier(name, used), {}});
      heading_line = number;
    } else if (!subtasks.empty() && std::regex_match(line, match, step_form())) {
      const std::string step = base::trim(match[1].str());
      if (!step.empty()) subtasks.back().steps.push_back(step);
    } else {
      return Result::bad("expected '- Sub-Task k [Name]' or '- Implementation step ...'", number);
    }
  }
  if (subtasks.empty()) return Result::bad("there is no sub-task: expected '- Sub-Task 1 [Name]'");
  if (subtasks.back().steps.empty()) {
    return Result::bad(fmt::format("Sub-Task {} has no implementation step", subtasks.size()), heading_line);
  }
  return Result::good(std::move(subtasks));
}

}  // namespace gpiot::agents
