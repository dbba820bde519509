#include "gpiot/agents/specify.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "gpiot/agents/grammar.h"
#include "gpiot/agents/learner.h"
#include "gpiot/agents/outlines.h"
#include "gpiot/agents/parser_plan.h"
#include "gpiot/agents/plan_mend.h"
#include "gpiot/agents/references.h"
#include "gpiot/agents/worked_example.h"
#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

constexpr double kTemperature = 0.3;
constexpr std::string_view kTargetPrompt = "specify_target";
constexpr std::string_view kIoPrompt = "specify_io";
constexpr std::string_view kWhere = "agents.specify";
const std::string kQuotations = "\n\nFrom the documentation of installed packages (quotations):\n";

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
/// sampling rate and texts always, and at the end whatever scalar is left. So nothing is lost and no time constant
/// lacks a rate.
IoChoices choices_for(const core::Requirement& requirement, const Available& have, bool first, bool last) {
  IoChoices choices;
  const auto* rate = rate_input(requirement);
  for (std::size_t i = 0; i < have.variables.size(); ++i) {
    const auto& variable = have.variables[i];
    const bool output = i >= have.first_output;
    const bool array = variable.type == "numpy.ndarray";
    const bool unused = have.unused.contains(variable.name);
    const bool is_rate = rate != nullptr && variable.name == rate->name;
    const bool text = !output && variable.type == "str";  // what a frame holds is looked up in it again
    const bool forced =
        is_rate || text || (output && unused) || (!output && array && first) || (!output && last && unused);
    // The rate comes last in a signature: that is how people write such functions.
    (is_rate ? choices.last_inputs : forced ? choices.forced_inputs : choices.optional_inputs).push_back(variable.name);
    for (const auto& dim : shape_dims(variable.shape)) {
      if (std::find(choices.dims.begin(), choices.dims.end(), dim) == choices.dims.end()) choices.dims.push_back(dim);
    }
  }
  if (choices.forced_inputs.empty() && !choices.optional_inputs.empty()) {
    choices.forced_inputs.push_back(choices.optional_inputs.front());
    choices.optional_inputs.erase(choices.optional_inputs.begin());
  }
  std::set<std::string> units = {"s", "Hz", "dB", "1/min"};
  for (const auto& variable : have.variables) {
    units.insert(variable.unit);
    const bool squared = variable.unit.ends_with("^2");
    if (variable.type == "numpy.ndarray" && !variable.unit.empty() && !squared) units.insert(variable.unit + "^2");
  }
  units.insert(requirement.result.variable.unit);
  for (const auto* none : {"", "samples", "samples^2"}) units.erase(none);
  choices.units.assign(units.begin(), units.end());
  if (last) choices.forced_outputs = {requirement.result.variable};
  return choices;
}

/// What the steps name; "one value for every sample" of several channels that nothing joins is a row of them.
OutputForm form_of(const core::Requirement& requirement, const core::SubTask& subtask, const Available& have,
                   const IoChoices& choices) {
  if (is_parser(requirement)) return OutputForm::PartOfText;
  if (is_reading(requirement)) return OutputForm::VectorOrNumber;
  const auto form = output_form(subtask);
  const bool several = std::ranges::any_of(have.variables, [&](const core::Variable& variable) {
    return std::ranges::find(choices.forced_inputs, variable.name) != choices.forced_inputs.end() &&
           shape_dims(variable.shape).size() == 2;
  });
  const bool row = form == OutputForm::OneValueForEach && several && !joins_channels(subtask);
  return row ? OutputForm::OneRowForEach : form;
}

/// A name that no other value, sub-task or the result has. What is not yet the result is a candidate for it.
std::string free_name(const std::string& wanted, const std::string& result, const std::set<std::string>& taken) {
  const std::string plain = base::to_identifier(wanted);
  const std::string first = plain == result ? "candidate_" + plain : plain;
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
      output.value->name = free_name(output.value->name, requirement.result.variable.name, taken);
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

std::vector<std::string> extract_targets(core::TextGenerator& generator, const PromptSet& prompts,
                                         const core::Requirement& requirement, std::span<const core::SubTask> subtasks,
                                         std::uint32_t seed, std::vector<StageRecord>& records,
                                         std::span<const std::vector<core::Reference>> references,
                                         const core::GenerationListener& listener, const base::CancelToken& cancel) {
  std::vector<core::GenerationRequest> requests;
  for (std::size_t i = 0; i < subtasks.size(); ++i) {
    const auto& subtask = subtasks[i];
    const auto lines = i < references.size() ? reference_lines(references[i], "") : "";
    core::GenerationRequest request;
    request.messages = prompts.render(kTargetPrompt, {{"requirement", requirement_line(requirement)},
                                                      {"subtasks", subtask_outline(subtasks)},
                                                      {"subtask", subtask.name},
                                                      {"steps", step_outline(subtask)},
                                                      {"references", lines.empty() ? "" : kQuotations + lines}});
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

/// The chain so far as a conversation, after that of the worked example: small models go on in the form they see.
struct Conversation {
  std::vector<core::ChatMessage> messages;
  std::string head;  ///< the problem, before the first function
};

Conversation start_conversation(const PromptSet& prompts, const core::Requirement& requirement,
                                std::span<const core::SubTask> subtasks) {
  Conversation talk;
  const auto example = prompts.example(example_of_plan(requirement, subtasks));
  talk.messages.assign(example.begin() + 2, example.end());
  talk.head = problem_outline(requirement, requirement_line(requirement)) + "\n\n";
  return talk;
}

/// The answer as it stands after reading: names that were altered are altered here too.
std::string answer_as_read(const std::string& answer, const core::Specification& spec) {
  std::vector<std::string> names;
  for (const auto& input : spec.inputs) names.push_back("`" + input.name + "`");
  std::string text = answer.substr(0, answer.find('\n')) + "\nInputs: " + base::join(names, ", ");
  for (const auto& output : spec.outputs) text += "\nOutput: " + to_markdown(output).substr(2);
  return text;
}

/// The second prompt for the sub-task after those in `earlier`.
core::Specification extract_interface(core::TextGenerator& generator, const PromptSet& prompts,
                                      const core::Requirement& requirement, std::span<const core::SubTask> subtasks,
                                      std::span<const core::Specification> earlier, const std::string& target,
                                      std::uint32_t seed, Conversation& talk, std::vector<StageRecord>& records,
                                      const core::GenerationListener& listener, const base::CancelToken& cancel) {
  const std::size_t index = earlier.size();
  const bool last = index + 1 == subtasks.size();
  const auto have = available_before(requirement, earlier);
  core::Specification spec{.subtask = subtasks[index], .target = target, .inputs = {}, .outputs = {}};
  auto choices = choices_for(requirement, have, index == 0, last);
  choices.form = form_of(requirement, spec.subtask, have, choices);

  const auto parts = prompts.render(kIoPrompt, {{"head", index == 0 ? talk.head : ""},
                                                {"number", std::to_string(index + 1)},
                                                {"subtask", spec.subtask.name},
                                                {"steps", step_outline(spec.subtask)}});
  if (index == 0) talk.messages.insert(talk.messages.begin(), parts.front());
  talk.messages.push_back(parts.back());
  core::GenerationRequest request;
  request.messages = talk.messages;
  if (index == 0) request.fixed_messages = request.messages.size() - 1;
  request.sampling = {
      .temperature = kTemperature, .seed = seed, .max_tokens = 300, .grammar = io_grammar(choices), .stop = {}};
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
  talk.messages.push_back({"assistant", answer_as_read(answer.text, spec)});
  return spec;
}

}  // namespace

SpecifyResult specify(core::TextGenerator& generator, const PromptSet& prompts, const core::Requirement& requirement,
                      std::span<const core::SubTask> subtasks, std::uint32_t seed,
                      const core::GenerationListener& listener, const base::CancelToken& cancel,
                      std::span<const std::vector<core::Reference>> references) {
  SpecifyResult result;
  const auto targets =
      extract_targets(generator, prompts, requirement, subtasks, seed, result.records, references, listener, cancel);
  auto talk = start_conversation(prompts, requirement, subtasks);
  const bool learned = requirement.result.learned;
  const auto asked = subtasks.first(subtasks.size() - (learned ? 1 : 0));
  const auto wanted = learned ? before_learner(requirement) : requirement;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    result.specs.push_back(extract_interface(generator, prompts, wanted, asked, result.specs, targets[i], seed, talk,
                                             result.records, listener, cancel));
  }
  if (learned) {
    core::Specification last{.subtask = subtasks.back(), .target = targets.back(), .inputs = {}, .outputs = {}};
    result.specs.push_back(learner_spec(requirement, std::move(last)));
  }
  return result;
}

}  // namespace gpiot::agents
