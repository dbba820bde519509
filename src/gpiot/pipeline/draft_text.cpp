#include "gpiot/pipeline/draft_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "gpiot/pipeline/draft.h"
#include "gpiot/project/requirement_file.h"

namespace gpiot::pipeline {

std::string threshold_note(const core::EvaluatorFacts& facts) {
  if (facts.kind == "contract" || core::states_threshold(facts)) return "";
  const auto& keys = core::threshold_keys();
  const auto key = std::ranges::find_if(
      keys, [&](const core::ThresholdKey& one) { return std::ranges::find(one.kinds, facts.kind) != one.kinds.end(); });
  if (key == keys.end()) return "";
  return fmt::format(
      "no threshold is stated, so that any whole result is accepted: write {} under [evaluator]",
      key->share ? fmt::format("for example {} = 0.9", key->key) : fmt::format("{} = the most that will do", key->key));
}

std::string to_markdown(const Draft& draft) {
  auto text = project::to_markdown(draft.requirement);
  std::string comments;
  for (const auto& fact : draft.facts) comments += "# read from the files: " + fact + "\n";
  for (const auto& guess : draft.guesses) comments += "# GUESSED, please check: " + guess + "\n";
  const auto first = text.find('\n') + 1;
  return text.insert(first, comments);
}

}  // namespace gpiot::pipeline
