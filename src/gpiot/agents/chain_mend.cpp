#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "gpiot/agents/chain_check.h"
#include "gpiot/agents/learner.h"
#include "gpiot/agents/outlines.h"
#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

using Specs = std::vector<core::Specification>;

/// Renames a value from sub-task `from` on, until another sub-task gives that name anew.
void rename_later(Specs& specs, std::size_t from, const std::string& old_name, const std::string& new_name) {
  for (std::size_t i = from; i < specs.size(); ++i) {
    for (auto& input : specs[i].inputs) {
      if (input.name == old_name) input.name = new_name;
    }
    for (const auto& output : specs[i].outputs) {
      if (output.name == old_name) return;
    }
  }
}

std::string plain(const std::string& name) { return base::replace_all(base::to_identifier(name, 200), "_", ""); }

void mend_names(const core::Requirement& requirement, Specs& specs, std::vector<std::string>& mended) {
  std::set<std::string> functions;
  std::set<std::string> taken = {requirement.result.variable.name};
  for (const auto& input : requirement.data.inputs) taken.insert(input.name);
  for (std::size_t i = 0; i < specs.size(); ++i) {
    auto& identifier = specs[i].subtask.identifier;
    const std::string first = is_identifier(identifier) ? identifier : base::to_identifier(specs[i].subtask.name);
    std::string unique = first;
    for (int k = 2; !functions.insert(unique).second; ++k) unique = fmt::format("{}_{}", first, k);
    if (unique != identifier) mended.push_back(fmt::format("function '{}' is now '{}'", identifier, unique));
    identifier = unique;
    for (auto& output : specs[i].outputs) {
      const bool is_result = i + 1 == specs.size() && output.name == requirement.result.variable.name;
      const std::string wanted = is_identifier(output.name) ? output.name : base::to_identifier(output.name);
      std::string free = wanted;
      for (int k = 2; !is_result && !taken.insert(free).second; ++k) free = fmt::format("{}_{}", wanted, k);
      if (free == output.name) continue;
      mended.push_back(fmt::format("'{}': output `{}` is now `{}`", specs[i].subtask.name, output.name, free));
      rename_later(specs, i + 1, output.name, free);
      output.name = free;
    }
  }
}

/// The producer that an unknown name most likely means: the same letters, or the only unused value of its type.
const core::Variable* likely(const std::vector<core::Variable>& have, const std::set<std::string>& unused,
                             const core::Variable& input) {
  const core::Variable* only = nullptr;
  int count = 0;
  for (const auto& variable : have) {
    if (plain(variable.name) == plain(input.name)) return &variable;
    if (unused.contains(variable.name) && variable.type == input.type && variable.dtype == input.dtype) {
      only = &variable;
      ++count;
    }
  }
  return count == 1 ? only : nullptr;
}

void mend_inputs(const core::Requirement& requirement, Specs& specs, std::vector<std::string>& mended) {
  std::vector<core::Variable> have = requirement.data.inputs;
  std::set<std::string> unused;
  for (auto& spec : specs) {
    for (auto& input : spec.inputs) {
      const auto at = std::find_if(have.begin(), have.end(), [&](const auto& v) { return v.name == input.name; });
      const core::Variable* given = at != have.end() ? &*at : likely(have, unused, input);
      if (given == nullptr) continue;
      const bool same = given->name == input.name && given->type == input.type && given->dtype == input.dtype &&
                        given->shape == input.shape && given->unit == input.unit;
      if (!same)
        mended.push_back(
            fmt::format("'{}': input `{}` now has the facts of `{}`", spec.subtask.name, input.name, given->name));
      if (!same) input = *given;
      unused.erase(input.name);
    }
    for (const auto& output : spec.outputs) {
      have.push_back(output);
      unused.insert(output.name);
    }
  }
}

void mend_result(const core::Requirement& requirement, Specs& specs, std::vector<std::string>& mended) {
  const auto& contract = requirement.result.variable;
  auto& outputs = specs.back().outputs;
  const auto at = std::find_if(outputs.begin(), outputs.end(), [&](const auto& v) { return v.name == contract.name; });
  if (at != outputs.end() && at->type == contract.type && at->dtype == contract.dtype && at->shape == contract.shape &&
      at->unit == contract.unit) {
    return;
  }
  if (at != outputs.end()) {
    *at = contract;
  } else if (outputs.size() == 1) {
    outputs.front() = contract;
  } else {
    outputs.push_back(contract);
  }
  mended.push_back(fmt::format("'{}' now gives the result `{}`", specs.back().subtask.name, contract.name));
}

}  // namespace

std::vector<std::string> mend_chain(const core::Requirement& requirement, std::vector<core::Specification>& specs) {
  std::vector<std::string> mended;
  if (specs.empty()) return mended;
  if (requirement.result.learned) {
    auto last = learner_spec(requirement, specs.back());
    specs.pop_back();
    mended = mend_chain(before_learner(requirement), specs);
    specs.push_back(std::move(last));
    return mended;
  }
  mend_result(requirement, specs, mended);
  mend_names(requirement, specs, mended);
  mend_inputs(requirement, specs, mended);
  for (const auto& problem : check_chain(requirement, specs)) {
    if (problem.kind != ChainProblemKind::RateMissing) continue;
    specs[problem.subtask].inputs.push_back(*rate_input(requirement));
    mended.push_back(fmt::format("'{}' now gets the sampling rate", specs[problem.subtask].subtask.name));
  }
  return mended;
}

}  // namespace gpiot::agents
