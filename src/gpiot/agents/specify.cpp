#include "gpiot/agents/specify.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "gpiot/agents/grammar.h"
#include "gpiot/agents/outlines.h"
#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

constexpr double kTemperature = 0.3;
constexpr std::string_view kTargetPrompt = "specify_target";
constexpr std::string_view kIoPrompt = "specify_io";
constexpr std::string_view kWhere = "agents.specify";

/// Everything that exists before a sub-task, and what of it nobody has taken yet.
struct Available {
  std::vector<core::Variable> variables;  ///< inputs of the requirement, then outputs in order
  std::set<std::string> unused;
  std::size_t first_output = 0;  ///< index in `variables`
};

Available available_before(const core::Requirement& requirement, std::span<const core::Specification> earlier) {
  Available have;
  have.variables = requirement.data.inputs;
  have.first_output = have.variables.size();
  for (const auto& input : have.variables) have.unused.insert(input.name);
  for (const auto& spec : earlier) {
    for (const auto& input : spec.inputs) have.unused.erase(input.name);
    for (const auto& output : spec.outputs) {
      have.variables.push_back(output);
      have.unused.insert(output.name);
    }
  }
  return have;
}

/// Which inputs are given without asking: all arrays of the data at the start, later every output not yet taken, the
/// sampling rate always, and at the end whatever scalar is left. So nothing is lost and no time constant lacks a rate.
IoChoices choices_for(const core::Requirement& requirement, const Available& have, bool first, bool last) {
  IoChoices choices;
  const auto* rate = rate_input(requirement);
  for (std::size_t i = 0; i < have.variables.size(); ++i) {
    const auto& variable = have.variables[i];
    const bool output = i >= have.first_output;
    const bool array = variable.type == "numpy.ndarray";
    const bool unused = have.unused.contains(variable.name);
    const bool is_rate = rate != nullptr && variable.name == rate->name;
    const bool forced = is_rate || (output && unused) || (!output && array && first) || (!output && last && unused);
    (forced ? choices.forced_inputs : choices.optional_inputs).push_back(variable.name);
    for (const auto& dim : shape_dims(variable.shape)) {
      if (std::find(choices.dims.begin(), choices.dims.end(), dim) == choices.dims.end()) choices.dims.push_back(dim);
    }
  }
  // The newest values come first in the signature, the rate last: that is how people write such functions.
  std::stable_partition(choices.forced_inputs.begin(), choices.forced_inputs.end(),
                        [&](const auto& name) { return rate == nullptr || name != rate->name; });
  if (choices.forced_inputs.empty() && !choices.optional_inputs.empty()) {
    choices.forced_inputs.push_back(choices.optional_inputs.front());
    choices.optional_inputs.erase(choices.optional_inputs.begin());
  }
  std::set<std::string> units = {"samples", "s", "Hz", "dB", "1/min"};
  for (const auto& variable : have.variables) units.insert(variable.unit);
  units.insert(requirement.result.variable.unit);
  units.erase("");
  choices.units.assign(units.begin(), units.end());
  if (last) choices.forced_outputs = {requirement.result.variable};
  return choices;
}

/// A name that no other value, sub-task or the result has.
std::string free_name(const std::string& wanted, const std::set<std::string>& taken) {
  const std::string first = base::to_identifier(wanted);
  std::string name = first;
  for (int k = 2; taken.contains(name); ++k) name = fmt::format("{}_{}", first, k);
  return name;
}

std::set<std::string> taken_names(const core::Requirement& requirement, std::span<const core::SubTask> subtasks,
                                  const Available& have) {
  std::set<std::string> taken = {"np", "scipy", "math", requirement.result.variable.name};
  for (const auto& subtask : subtasks) taken.insert(subtask.identifier);
  for (const auto& variable : have.variables) taken.insert(variable.name);
  return taken;
}

/// Reads one answer of the second prompt into `spec`. Names without a producer are dropped.
std::string read_interface(const std::string& text, const core::Requirement& requirement, const Available& have,
                           std::set<std::string> taken, bool last, core::Specification& spec) {
  for (const auto& line : base::split_lines(text)) {
    if (line.rfind("Inputs:", 0) == 0) {
      for (const auto& part : base::split(line.substr(7), ',')) {
        const std::string name = base::trim(base::replace_all(part, "`", ""));
        const auto at = std::find_if(have.variables.begin(), have.variables.end(),
                                     [&](const auto& variable) { return variable.name == name; });
        if (at != have.variables.end()) spec.inputs.push_back(*at);
      }
    } else if (line.rfind("Output:", 0) == 0 && !last) {
      auto output = parse_variable(line.substr(7));
      if (!output.ok()) return output.problem;
      if (output.value->unit == kNoUnit) output.value->unit.clear();
      output.value->name = free_name(output.value->name, taken);
      taken.insert(output.value->name);
      spec.outputs.push_back(std::move(*output.value));
    }
  }
  if (last) spec.outputs = {requirement.result.variable};
  if (spec.inputs.empty()) return "no known input is named";
  return spec.outputs.empty() ? "no output is named" : "";
}

StageRecord record_of(const PromptSet& prompts, std::string_view prompt, std::uint32_t seed,
                      const core::Generation& answer) {
  return {std::string(prompt),  prompts.sha256(prompt),   seed,       kTemperature,
          answer.prompt_tokens, answer.completion_tokens, answer.text};
}

}  // namespace

std::vector<std::string> extract_targets(core::TextGenerator& generator, const PromptSet& prompts,
                                         const core::Requirement& requirement, std::span<const core::SubTask> subtasks,
                                         std::uint32_t seed, std::vector<StageRecord>& records,
                                         const core::GenerationListener& listener, const base::CancelToken& cancel) {
  std::vector<core::GenerationRequest> requests;
  for (const auto& subtask : subtasks) {
    core::GenerationRequest request;
    request.messages = prompts.render(kTargetPrompt, {{"requirement", requirement_line(requirement)},
                                                      {"subtasks", subtask_outline(subtasks)},
                                                      {"subtask", subtask.name},
                                                      {"steps", step_outline(subtask)}});
    request.sampling = {
        .temperature = kTemperature, .seed = seed, .max_tokens = 120, .grammar = target_grammar(), .stop = {}};
    requests.push_back(std::move(request));
  }
  const auto answers = generator.generate(requests, listener, cancel);
  cancel.throw_if_cancelled(kWhere);
  std::vector<std::string> targets;
  for (const auto& answer : answers) {
    records.push_back(record_of(prompts, kTargetPrompt, seed, answer));
    targets.push_back(base::trim(base::replace_all(answer.text, "\n", " ")));
  }
  return targets;
}

core::Specification extract_interface(core::TextGenerator& generator, const PromptSet& prompts,
                                      const core::Requirement& requirement, std::span<const core::SubTask> subtasks,
                                      std::span<const core::Specification> earlier, const std::string& target,
                                      std::uint32_t seed, std::vector<StageRecord>& records,
                                      const core::GenerationListener& listener, const base::CancelToken& cancel) {
  const std::size_t index = earlier.size();
  const bool last = index + 1 == subtasks.size();
  const auto have = available_before(requirement, earlier);
  core::Specification spec{.subtask = subtasks[index], .target = target, .inputs = {}, .outputs = {}};

  core::GenerationRequest request;
  request.messages = prompts.render(
      kIoPrompt, {{"requirement", requirement_line(requirement)},
                  {"available", to_markdown(have.variables)},
                  {"subtask", spec.subtask.name},
                  {"target", target},
                  {"steps", step_outline(spec.subtask)},
                  {"next", last ? "nothing: this is the last step, it gives the result" : subtasks[index + 1].name}});
  request.sampling = {.temperature = kTemperature,
                      .seed = seed,
                      .max_tokens = 300,
                      .grammar = io_grammar(choices_for(requirement, have, index == 0, last)),
                      .stop = {}};
  const auto answer = generator.generate({&request, 1}, listener, cancel).at(0);
  cancel.throw_if_cancelled(kWhere);
  records.push_back(record_of(prompts, kIoPrompt, seed, answer));
  const auto problem =
      read_interface(answer.text, requirement, have, taken_names(requirement, subtasks, have), last, spec);
  if (!problem.empty()) {
    throw base::Error(
        base::ErrorCode::Format, kWhere,
        fmt::format("the model's specification of '{}' could not be read: {}", spec.subtask.name, problem),
        "try another seed or a larger model");
  }
  return spec;
}

SpecifyResult specify(core::TextGenerator& generator, const PromptSet& prompts, const core::Requirement& requirement,
                      std::span<const core::SubTask> subtasks, std::uint32_t seed,
                      const core::GenerationListener& listener, const base::CancelToken& cancel) {
  SpecifyResult result;
  const auto targets =
      extract_targets(generator, prompts, requirement, subtasks, seed, result.records, listener, cancel);
  for (const auto& target : targets) {
    result.specs.push_back(extract_interface(generator, prompts, requirement, subtasks, result.specs, target, seed,
                                             result.records, listener, cancel));
  }
  return result;
}

}  // namespace gpiot::agents
