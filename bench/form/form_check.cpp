#include "form_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace gpiot::bench {
namespace {

constexpr int kFewest = 3;
constexpr int kMost = 8;
constexpr std::string_view kBlank = "no blank line here: exactly one stands between two sub-tasks, none elsewhere";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// What follows `start` in `line`; nothing where the line begins otherwise.
std::optional<std::string_view> after(std::string_view line, std::string_view start) {
  if (!line.starts_with(start)) return std::nullopt;
  return line.substr(start.size());
}

std::string problem_of_heading(std::string_view line, int number) {
  const auto name = after(line, fmt::format("- Sub-Task {} [", number));
  if (!name || !name->ends_with(']')) return fmt::format("expected '- Sub-Task {} [Name]'", number);
  const std::string_view inner = name->substr(0, name->size() - 1);
  if (inner.find_first_of("[]\r") != std::string_view::npos) return "the name holds a bracket";
  if (std::ranges::none_of(inner, is_letter)) return "no identifier can be made from the name: it holds no letter";
  return {};
}

std::string problem_of_step(std::string_view line, int number) {
  const auto text = after(line, fmt::format("- Implementation step {}: ", number));
  if (!text) return fmt::format("expected '- Implementation step {}: ...'", number);
  if (text->find_first_not_of(" \t\r") == std::string_view::npos) return "the implementation step is empty";
  return {};
}

/// Reads the text line by line; knows what may stand on the next one.
class FormReader {
 public:
  FormCheck read(std::string_view text) {
    while (text.ends_with('\n')) text.remove_suffix(1);
    if (text.empty()) return {"there is no sub-task", 0, 0};
    for (std::size_t start = 0; start <= text.size() && found_.ok();) {
      const auto end = std::min(text.find('\n', start), text.size());
      ++line_;
      take(text.substr(start, end - start));
      start = end + 1;
    }
    if (found_.ok() && steps_ == 0) note(fmt::format("Sub-Task {} has no implementation step", found_.subtasks));
    if (found_.ok() && (found_.subtasks < kFewest || found_.subtasks > kMost)) {
      line_ = 0;
      note(fmt::format("got {} sub-tasks, expected {} to {}", found_.subtasks, kFewest, kMost));
    }
    return found_;
  }

 private:
  void take(std::string_view line) {
    if (heading_next_) {
      note(line.empty() ? std::string(kBlank) : problem_of_heading(line, found_.subtasks + 1));
      if (found_.ok()) ++found_.subtasks;
      heading_next_ = false;
      steps_ = 0;
    } else if (line.empty()) {
      if (steps_ == 0) note(std::string(kBlank));
      heading_next_ = true;
    } else {
      note(problem_of_step(line, steps_ + 1));
      ++steps_;
    }
  }
  void note(std::string problem) {
    if (problem.empty()) return;
    found_.problem = std::move(problem);
    found_.line = line_;
  }

  FormCheck found_;
  int line_ = 0;
  int steps_ = 0;
  bool heading_next_ = true;
};

}  // namespace

FormCheck check_form(std::string_view text) { return FormReader().read(text); }

}  // namespace gpiot::bench
