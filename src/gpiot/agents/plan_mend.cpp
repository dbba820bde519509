#include "gpiot/agents/plan_mend.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <regex>

#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

bool fits(const std::string& step) {
  const auto lower = base::to_lower(step);
  return base::has_word(lower, "fit ") || base::has_word(lower, "train");
}

bool predicts(const std::string& step) {
  const auto lower = base::to_lower(step);
  return base::has_word(lower, "predict");
}

bool scales(const std::string& step) {
  const auto lower = base::to_lower(step);
  return base::has_word(lower, "standardi") || base::has_word(lower, "scale") || base::has_word(lower, "normali");
}

/// "over the subcarriers", "across all axes": any plural but those of time.
bool is_over_channels(const std::string& lower) {
  static const std::regex form(R"(\b(?:over|across) (?:all |the |its )*(?:[a-z]+ )?([a-z]+s|axes)\b)");
  constexpr std::array kTimes = {"samples", "packets",   "frames",     "seconds", "minutes", "hours",
                                 "days",    "windows",   "neighbours", "values",  "points",  "intervals",
                                 "blocks",  "stretches", "peaks",      "readings"};
  for (auto at = std::sregex_iterator(lower.begin(), lower.end(), form); at != std::sregex_iterator(); ++at) {
    if (std::ranges::find(kTimes, (*at)[1].str()) == kTimes.end()) return true;
  }
  return false;
}

bool joins(const std::string& step) {
  constexpr std::array kWords = {"norm of", "magnitude", "euclid", "combin", "sum of the squares", "principal"};
  const auto lower = base::to_lower(step);
  return is_over_channels(lower) ||
         std::ranges::any_of(kWords, [&](const char* word) { return lower.find(word) != std::string::npos; });
}

/// "8 kN", "0.25 s", "10 percent", "3 times": numbers with the word behind them, in lower case, each once.
std::vector<std::string> quantities_of(const std::string& text) {
  static const std::regex form(R"((\d{1,9}(?:\.\d{1,9})?) ?([a-z%/]{1,12}))", std::regex::icase);
  std::vector<std::string> found;
  for (auto at = std::sregex_iterator(text.begin(), text.end(), form); at != std::sregex_iterator(); ++at) {
    auto quantity = base::to_lower((*at)[1].str() + " " + (*at)[2].str());
    if (std::ranges::find(found, quantity) == found.end()) found.push_back(std::move(quantity));
  }
  return found;
}

}  // namespace

bool fits_a_model(const core::SubTask& subtask) { return std::ranges::any_of(subtask.steps, fits); }

std::vector<std::string> settle_learner(std::vector<core::SubTask>& subtasks) {
  if (subtasks.empty() || !fits_a_model(subtasks.back())) return {};
  auto& learner = subtasks.back();
  std::vector<std::string> kept;
  const auto model = std::ranges::find_if(learner.steps, fits);
  for (auto step = learner.steps.begin(); step != learner.steps.end(); ++step) {
    if (step == model || (step < model && scales(*step))) kept.push_back(*step);
  }
  const auto told =
      std::find_if(model + 1, learner.steps.end(), [](const auto& step) { return step.starts_with("Predict"); });
  const bool in_one = predicts(*model);
  if (!in_one) {
    kept.push_back(told != learner.steps.end() ? *told : "Predict the answer of each other item from its features.");
  }
  if (kept == learner.steps) return {};
  const auto before = learner.steps.size();
  learner.steps = std::move(kept);
  return {fmt::format("'{}' has {} steps in place of {}: it fits one model and predicts", learner.name,
                      learner.steps.size(), before)};
}

std::vector<std::string> merge_learners(std::vector<core::SubTask>& subtasks) {
  std::vector<std::string> changes;
  while (subtasks.size() > 2 && fits_a_model(subtasks[subtasks.size() - 2])) {
    auto last = std::move(subtasks.back());
    subtasks.pop_back();
    changes.push_back(
        fmt::format("'{}' became part of '{}': a learned program has one learner", last.name, subtasks.back().name));
    auto& steps = subtasks.back().steps;
    for (auto& step : last.steps) {
      if (std::ranges::find(steps, step) == steps.end()) steps.push_back(std::move(step));
    }
  }
  return changes;
}

std::vector<std::string> drop_named_answers(std::vector<core::SubTask>& subtasks, const std::string& answers) {
  constexpr long kMany = 3;
  std::vector<std::string> names;
  for (const auto& name : base::split(base::replace_all(base::to_lower(answers), " or ", ","), ',')) {
    if (const auto trimmed = base::trim(name); !trimmed.empty()) names.push_back(trimmed);
  }
  const auto names_many = [&](const std::string& step) {
    const auto lower = base::to_lower(step);
    return std::ranges::count_if(names, [&](const auto& name) { return base::has_word(lower, name); }) >= kMany;
  };
  std::vector<std::string> changes;
  for (auto& subtask : subtasks) {
    if (fits_a_model(subtask) || std::ranges::all_of(subtask.steps, names_many)) continue;
    if (std::erase_if(subtask.steps, names_many) > 0)
      changes.push_back(
          fmt::format("a step of '{}' that names the answers is left out: they are not known there", subtask.name));
  }
  return changes;
}

bool joins_channels(const core::SubTask& subtask) {
  return joins(subtask.name) || std::ranges::any_of(subtask.steps, joins);
}

std::vector<std::string> join_channels(std::vector<core::SubTask>& subtasks) {
  if (subtasks.empty() || std::ranges::any_of(subtasks, joins_channels)) return {};
  auto& steps = subtasks.front().steps;
  const bool returns = !steps.empty() && steps.back().starts_with("Return");
  if (returns) steps.pop_back();
  steps.emplace_back("Compute the norm over the channels and return it, one value for every sample.");
  return {
      fmt::format("'{}' ends with the norm over the channels: no step made one value of them", subtasks.front().name)};
}

std::vector<std::string> take_starts(std::vector<core::SubTask>& subtasks) {
  static const std::regex marks(R"(truth value|\bmask\b|\bstretch)", std::regex::icase);
  static const std::regex takes(
      R"(\bfirst\b|\bstart of|\bstarts of|\bbeginning|\bmiddle|\bcent(re|er) of|\bmaxim|\bpeak)", std::regex::icase);
  bool marked = false;
  for (const auto& subtask : subtasks) {
    for (const auto& step : subtask.steps) {
      marked = marked || std::regex_search(step, marks);
      if (std::regex_search(step, takes)) return {};
    }
  }
  if (!marked) return {};
  auto& steps = subtasks.back().steps;
  const auto end = !steps.empty() && steps.back().starts_with("Return") ? steps.end() - 1 : steps.end();
  steps.insert(end, "Take the first sample of each stretch.");
  return {fmt::format("'{}' takes the first sample of each stretch: no step made one position of it",
                      subtasks.back().name)};
}

std::vector<std::string> fill_gaps(std::vector<core::SubTask>& subtasks, const std::string& statement) {
  static const std::regex nan(R"(\bnans?\b)", std::regex::icase);
  static const std::regex filled(R"(\bnans?\b|missing|interpolat)", std::regex::icase);
  if (subtasks.empty() || !std::regex_search(statement, nan)) return {};
  for (const auto& subtask : subtasks) {
    for (const auto& step : subtask.steps) {
      if (std::regex_search(step, filled)) return {};
    }
  }
  auto& steps = subtasks.front().steps;
  steps.insert(steps.begin(), "Replace each NaN by linear interpolation between its neighbours in time.");
  return {fmt::format("'{}' begins with filling what is missing (NaN): no step did", subtasks.front().name)};
}

std::vector<std::string> drop_borrowed_reasons(std::vector<core::SubTask>& subtasks, const std::string& example) {
  std::vector<std::string> changes;
  for (auto& subtask : subtasks) {
    for (auto& step : subtask.steps) {
      const auto at = step.find("; ");
      if (at == std::string::npos || example.find(step.substr(at)) == std::string::npos) continue;
      changes.push_back(fmt::format("a reason of the worked example left '{}':{}", subtask.name, step.substr(at + 1)));
      step = step.substr(0, at) + ".";
    }
  }
  return changes;
}

std::vector<std::string> borrowed_quantities(const std::vector<core::SubTask>& subtasks, const std::string& example,
                                             const std::string& problem) {
  std::string steps;
  for (const auto& subtask : subtasks) steps += base::join(subtask.steps, "\n") + "\n";
  const auto shown = quantities_of(example);
  const auto stated = quantities_of(problem);
  auto borrowed = quantities_of(steps);
  std::erase_if(borrowed, [&](const auto& quantity) {
    return std::ranges::find(shown, quantity) == shown.end() || std::ranges::find(stated, quantity) != stated.end();
  });
  return borrowed;
}

}  // namespace gpiot::agents
