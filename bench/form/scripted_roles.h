#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "gpiot/agents/prompt_set.h"
#include "gpiot/core/text_generator.h"
#include "requirement_list.h"

namespace gpiot::bench {

// For tests: what a model that keeps the form would answer.

inline constexpr const char* kPlan =
    "- Sub-Task 1 [Remove drift]\n- Implementation step 1: Subtract the median.\n\n- Sub-Task 2 [Compute slope]\n"
    "- Implementation step 1: Differentiate.\n\n- Sub-Task 3 [Select rises]\n- Implementation step 1: Threshold.\n";

/// The answer to a request of either role; which one is asked shows in the grammar.
inline std::string role_answer(const core::GenerationRequest& request) {
  const auto& grammar = request.sampling.grammar;
  if (grammar.find("Sub-Task") != std::string::npos) return kPlan;
  if (grammar.find("Inputs: ") == std::string::npos) return "Computes it.";
  return "Reasoning: So.\nInputs: `level`\nOutput: `flat` (numpy.ndarray, float64, (n_samples,), V): Flat.\n";
}

inline std::vector<ListedRequirement> listed_requirements(int count) {
  std::vector<ListedRequirement> list;
  for (int k = 0; k < count; ++k) {
    ListedRequirement listed{"tank-" + std::to_string(k), "water", "hash-" + std::to_string(k), {}};
    listed.requirement.statement = "Find sudden rises.";
    listed.requirement.data.inputs = {{"level", "numpy.ndarray", "float64", "(n_samples,)", "V", "tank level"}};
    listed.requirement.result.variable = {"rises", "numpy.ndarray", "int64", "(n_events,)", "samples", "indices"};
    list.push_back(std::move(listed));
  }
  return list;
}

inline agents::PromptSet shipped_prompts() {
  return agents::PromptSet::load(std::filesystem::path(std::getenv("GPIOT_ROOT")) / "prompts");
}

}  // namespace gpiot::bench
