#include "gpiot/agents/decompose.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <set>

#include "gpiot/agents/grammar.h"
#include "gpiot/agents/learner.h"
#include "gpiot/agents/outlines.h"
#include "gpiot/agents/plan_frequencies.h"
#include "gpiot/agents/plan_mend.h"
#include "gpiot/agents/plan_rank.h"
#include "gpiot/agents/worked_example.h"
#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

constexpr double kTemperature = 0.3;      ///< of the first plan
constexpr double kMoreTemperature = 0.6;  ///< of the others
constexpr int kMaxTokens = 600;           ///< twice a plan of the usual length: the longest answer holds up the batch
constexpr std::string_view kWhere = "agents.decompose";

/// Works that the host does, or that no function of a chain may do.
constexpr std::array kForeignWork = {"plot",           "print",  "display", "visuali",  "load the", "load data",
                                     "save ",          "store ", "csv",     "train",    "evaluat",  "accuracy",
                                     "user interface", "notif",  "a file",  "database", "annotat",  "ground truth"};

/// Words of a step that names several methods, or none.
constexpr std::array kVague = {"sophisticated", "algorithm like", "method like", "filter like", "such as", " like the ",
                               " like a ",      "e.g.",           "various",     "appropriate", "suitable"};

std::ptrdiff_t filters_named(const std::string& lower) {
  constexpr std::array kFilters = {"low-pass", "high-pass", "band-pass"};
  return std::ranges::count_if(kFilters, [&](const char* filter) { return lower.find(filter) != std::string::npos; });
}

std::string_view prompt_of(const core::Requirement& requirement) {
  return requirement.result.learned ? "decompose_learned" : "decompose";
}

core::GenerationRequest request_for(const PromptSet& prompts, const core::Requirement& requirement,
                                    std::string_view kind) {
  const auto example = prompts.example(kind);
  core::GenerationRequest request;
  request.messages = prompts.render(prompt_of(requirement),
                                    {{"example_problem", example.at(0).content},
                                     {"example_plan", example.at(1).content},
                                     {"problem", problem_outline(requirement, requirement_outline(requirement))}});
  request.fixed_messages = request.messages.size() - 1;
  request.sampling.max_tokens = kMaxTokens;
  request.sampling.grammar = subtasks_grammar();
  return request;
}

/// What cannot be done to one set of readings.
std::size_t time_in_readings(std::span<const core::SubTask> subtasks) {
  constexpr std::array kTimeWords = {"filter", "smooth",  "spectrum", "frequenc",           "successive", "percentile",
                                     "moving", "rolling", "window",   "standard deviation", "interpolat", "over time"};
  std::size_t count = 0;
  for (const auto& subtask : subtasks) {
    for (const auto& step : subtask.steps) {
      const auto lower = base::to_lower(step);
      count += std::ranges::any_of(kTimeWords, [&](const char* word) { return base::has_word(lower, word); }) ? 1 : 0;
    }
  }
  return count;
}

/// All rules of plan_mend.h and plan_frequencies.h that fit the requirement; what they changed, a sentence each.
std::vector<std::string> mend(std::vector<core::SubTask>& subtasks, const core::Requirement& requirement,
                              const std::string& example) {
  auto mended = drop_borrowed_reasons(subtasks, example);
  const auto add = [&](std::vector<std::string> changes) { std::ranges::move(changes, std::back_inserter(mended)); };
  const bool learned = requirement.result.learned;
  if (learned) add(merge_learners(subtasks));
  if (learned) add(settle_learner(subtasks));
  if (learned) add(drop_named_answers(subtasks, requirement.result.variable.description));
  if (!learned && has_channels(requirement)) add(join_channels(subtasks));
  if (requirement.result.kind == "events") add(take_starts(subtasks));
  if (!is_reading(requirement)) add(fill_gaps(subtasks, requirement.statement));
  add(lower_frequencies(subtasks, requirement.data.rate_hz));
  return mended;
}

/// The plan of an answer, or nothing and why.
std::optional<Plan> plan_of(const PromptSet& prompts, const core::GenerationRequest& request,
                            const core::Generation& answer, const core::Requirement& requirement, bool second,
                            std::string& problem) {
  auto parsed = parse_subtasks(answer.text);
  if (!parsed.ok()) {
    problem = fmt::format("line {}: {}", parsed.line, parsed.problem);
    return std::nullopt;
  }
  const auto count = parsed.value->size();
  if (count < kFewestSubtasks || count > kMostSubtasks || answer.finish != core::FinishReason::Stop) {
    problem = fmt::format("{} sub-tasks, or the answer was cut", count);
    return std::nullopt;
  }
  const auto& example = request.messages.at(2).content;
  auto mended = mend(*parsed.value, requirement, example);
  const auto prompt = prompt_of(requirement);
  auto faults = plan_faults(*parsed.value, requirement.data.rate_hz, requirement.result.learned).size();
  if (is_reading(requirement)) faults += time_in_readings(*parsed.value);
  const auto borrowed = borrowed_quantities(*parsed.value, example, request.messages.back().content).size();
  const auto shown = parse_subtasks(example);
  const double like = shown.ok() ? likeness(*parsed.value, *shown.value) : 1;
  return Plan{std::move(*parsed.value),
              faults + borrowed,
              plan_cost({faults, borrowed, like, requirement.result.learned, second}),
              std::move(mended),
              {std::string(prompt), prompts.sha256(prompt), request.sampling.seed, request.sampling.temperature,
               answer.prompt_tokens, answer.completion_tokens, answer.text}};
}

}  // namespace

std::vector<std::string> plan_faults(std::span<const core::SubTask> subtasks, double rate_hz, bool learned) {
  std::vector<std::string> faults;
  std::set<std::string> seen;
  const auto look = [&](const std::string& text) {
    const std::string lower = base::to_lower(text);
    if (!seen.insert(lower).second) faults.push_back("stands twice: " + text);
    if (rate_hz > 0 && highest_frequency_hz(text) >= rate_hz / 2)
      faults.push_back(fmt::format("a frequency at or above half the rate of {:g} Hz: {}", rate_hz, text));
    if (filters_named(lower) > 1) faults.push_back("names two filters in one: " + text);
    for (const auto* const word : kVague) {
      if (lower.find(word) != std::string::npos)
        faults.push_back(fmt::format("'{}' names no one method: {}", word, text));
    }
    for (const auto* const work : kForeignWork) {
      if (base::has_word(lower, work) && !(learned && std::string_view(work) == "train"))
        faults.push_back(fmt::format("'{}' is not for a sub-task: {}", work, text));
    }
  };
  for (const auto& subtask : subtasks) {
    look(subtask.name);
    for (const auto& step : subtask.steps) look(step);
  }
  if (learned && !subtasks.empty() && !fits_a_model(subtasks.back())) {
    faults.push_back("the last sub-task fits no model: " + subtasks.back().name);
  }
  for (std::size_t k = 0; learned && k + 1 < subtasks.size(); ++k) {
    if (fits_a_model(subtasks[k])) faults.push_back("fits a model before the last sub-task: " + subtasks[k].name);
  }
  return faults;
}

std::vector<Plan> decompose(core::TextGenerator& generator, const PromptSet& prompts,
                            const core::Requirement& requirement, const DecomposeOptions& options,
                            const core::GenerationListener& listener, const base::CancelToken& cancel) {
  std::vector<core::GenerationRequest> requests(static_cast<std::size_t>(std::max(1, options.plans)));
  const auto kinds = example_kinds(requirement);
  for (std::uint32_t k = 0; k < requests.size(); ++k) {
    requests[k] = request_for(prompts, requirement, kinds[k % kinds.size()]);
    requests[k].sampling.seed = options.seed + k;
    requests[k].sampling.temperature = k == 0 ? kTemperature : kMoreTemperature;
  }
  const auto answers = generator.generate(requests, listener, cancel);
  cancel.throw_if_cancelled(kWhere);
  std::vector<Plan> plans;
  std::set<std::string> seen;
  std::string problem = "no answer";
  for (std::size_t k = 0; k < answers.size(); ++k) {
    auto plan = plan_of(prompts, requests[k], answers[k], requirement, k % kinds.size() != 0, problem);
    if (plan && seen.insert(to_markdown(plan->subtasks)).second) plans.push_back(std::move(*plan));
  }
  if (plans.empty()) {
    throw base::Error(base::ErrorCode::Format, kWhere,
                      fmt::format("the model's decomposition could not be read: {}", problem),
                      "try another seed or a larger model");
  }
  std::stable_sort(plans.begin(), plans.end(), [](const Plan& a, const Plan& b) { return a.cost < b.cost; });
  return plans;
}

}  // namespace gpiot::agents
