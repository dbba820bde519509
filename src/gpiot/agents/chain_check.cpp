#include "gpiot/agents/chain_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>

#include "gpiot/agents/learner.h"
#include "gpiot/agents/outlines.h"
#include "gpiot/agents/spec_text.h"
#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

using Kind = ChainProblemKind;

constexpr std::array<std::string_view, 10> kNames = {
    "unknown_input", "type_mismatch", "shape_mismatch", "unit_mismatch",  "duplicate_output",
    "unused_output", "unused_input",  "missing_result", "bad_identifier", "rate_missing"};

struct Producer {
  core::Variable variable;
  bool from_data = false;
  std::size_t subtask = 0;
  bool used = false;
};

std::string in_spec(const core::Specification& spec, const std::string& rest) {
  return fmt::format("'{}': {}", spec.subtask.name, rest);
}

/// An input against its producer; the first difference is reported.
void compare(const core::Specification& spec, std::size_t index, const core::Variable& input,
             const core::Variable& given, std::vector<ChainProblem>& problems) {
  const auto differs = [&](Kind kind, const std::string& got, const std::string& expected) {
    if (got == expected) return;
    problems.push_back(
        {kind, index, in_spec(spec, fmt::format("input `{}`: got '{}', expected '{}'", input.name, got, expected))});
  };
  differs(Kind::TypeMismatch, input.type + " " + input.dtype, given.type + " " + given.dtype);
  differs(Kind::ShapeMismatch, input.shape, given.shape);
  differs(Kind::UnitMismatch, input.unit, given.unit);
}

void check_inputs(const core::Requirement& requirement, const core::Specification& spec, std::size_t index,
                  std::map<std::string, Producer>& have, std::vector<ChainProblem>& problems) {
  std::set<std::string> names;
  for (const auto& input : spec.inputs) {
    if (!is_identifier(input.name) || !names.insert(input.name).second) {
      problems.push_back({Kind::BadIdentifier, index,
                          in_spec(spec, fmt::format("input `{}` is no identifier, or stands twice", input.name))});
    }
    const auto at = have.find(input.name);
    if (at == have.end()) {
      problems.push_back(
          {Kind::UnknownInput, index, in_spec(spec, fmt::format("nothing before it gives `{}`", input.name))});
      continue;
    }
    at->second.used = true;
    compare(spec, index, input, at->second.variable, problems);
  }
  const auto* rate = rate_input(requirement);
  std::string text = spec.target;
  for (const auto& step : spec.subtask.steps) text += " " + step;
  if (rate != nullptr && !names.contains(rate->name) && speaks_of_time(text)) {
    problems.push_back(
        {Kind::RateMissing, index,
         in_spec(spec, fmt::format("speaks of times or frequencies, but does not get `{}`", rate->name))});
  }
}

void check_outputs(const core::Specification& spec, std::size_t index, std::map<std::string, Producer>& have,
                   std::vector<ChainProblem>& problems) {
  if (spec.outputs.empty()) problems.push_back({Kind::BadIdentifier, index, in_spec(spec, "gives nothing")});
  for (const auto& output : spec.outputs) {
    if (!is_identifier(output.name)) {
      problems.push_back(
          {Kind::BadIdentifier, index, in_spec(spec, fmt::format("output `{}` is no identifier", output.name))});
    }
    if (!have.emplace(output.name, Producer{output, false, index, false}).second) {
      problems.push_back(
          {Kind::DuplicateOutput, index, in_spec(spec, fmt::format("output `{}` exists already", output.name))});
    }
  }
}

void check_end(const core::Requirement& requirement, std::span<const core::Specification> specs,
               const std::map<std::string, Producer>& have, std::vector<ChainProblem>& problems) {
  const auto& contract = requirement.result.variable;
  const core::Variable* result = nullptr;
  for (const auto& output : specs.back().outputs) {
    if (output.name == contract.name) result = &output;
  }
  const auto same = [&](const core::Variable& a) {
    return a.type == contract.type && a.dtype == contract.dtype && a.shape == contract.shape && a.unit == contract.unit;
  };
  if (result == nullptr || !same(*result)) {
    problems.push_back({Kind::MissingResult, specs.size() - 1,
                        in_spec(specs.back(), fmt::format("expected the output {}", to_markdown(contract).substr(2)))});
  }
  for (const auto& [name, producer] : have) {
    if (producer.used || name == contract.name) continue;
    problems.push_back({producer.from_data ? Kind::UnusedInput : Kind::UnusedOutput, producer.subtask,
                        fmt::format("`{}` is used by no sub-task", name)});
  }
}

/// Nobody may change the learner's interface: it is called by main.py.
void check_learner(const core::Requirement& requirement, const core::Specification& spec, std::size_t index,
                   std::vector<ChainProblem>& problems) {
  const auto expected = learner_spec(requirement, spec);
  const auto same = [](const core::Variable& a, const core::Variable& b) {
    return a.name == b.name && a.type == b.type && a.shape == b.shape;
  };
  if (std::ranges::equal(spec.inputs, expected.inputs, same) &&
      std::ranges::equal(spec.outputs, expected.outputs, same)) {
    return;
  }
  problems.push_back({Kind::MissingResult, index,
                      in_spec(spec, fmt::format("learns from labelled items: expected the inputs\n{}and the output\n{}",
                                                to_markdown(expected.inputs), to_markdown(expected.outputs)))});
}

}  // namespace

std::string_view name(ChainProblemKind kind) { return kNames.at(static_cast<std::size_t>(kind)); }

bool is_warning(const ChainProblem& problem) {
  return problem.kind == Kind::UnusedOutput || problem.kind == Kind::UnusedInput || problem.kind == Kind::RateMissing;
}

bool is_identifier(const std::string& name) {
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) != 0) return false;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_') return false;
  }
  // to_identifier alters keywords, and only those, once the case and the underscores are set aside.
  const std::string plain = base::to_lower(base::replace_all(name, "_", ""));
  return plain != base::to_lower(name) || base::to_identifier(name, name.size() + 1) == plain;
}

std::vector<ChainProblem> check_chain(const core::Requirement& requirement,
                                      std::span<const core::Specification> specs) {
  std::vector<ChainProblem> problems;
  if (specs.size() < (requirement.result.learned ? 2U : 1U)) {
    return {{Kind::MissingResult, 0, fmt::format("there are too few specifications: got {}", specs.size())}};
  }
  if (requirement.result.learned) {
    problems = check_chain(before_learner(requirement), specs.first(specs.size() - 1));
    check_learner(requirement, specs.back(), specs.size() - 1, problems);
    return problems;
  }
  std::map<std::string, Producer> have;
  for (const auto& input : requirement.data.inputs) have.emplace(input.name, Producer{input, true, 0, false});
  std::set<std::string> functions;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const auto& identifier = specs[i].subtask.identifier;
    if (!is_identifier(identifier) || !functions.insert(identifier).second) {
      problems.push_back(
          {Kind::BadIdentifier, i,
           in_spec(specs[i], fmt::format("the function name '{}' is no identifier, or stands twice", identifier))});
    }
    check_inputs(requirement, specs[i], i, have, problems);
    check_outputs(specs[i], i, have, problems);
  }
  check_end(requirement, specs, have, problems);
  return problems;
}

}  // namespace gpiot::agents
