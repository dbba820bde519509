#include "gpiot/pipeline/freshness.h"

#include "gpiot/base/error.h"
#include "gpiot/pipeline/candidate_store.h"

namespace gpiot::pipeline {

bool is_fresh(const Workbench& bench, const std::string& file, const std::string& input_sha256) {
  const auto state = bench.state.state_of(file, input_sha256);
  return state == project::FileState::Fresh || state == project::FileState::Edited;
}

bool specs_are_fresh(const Workbench& bench) {
  try {
    const auto subtasks = load_subtasks(bench);
    const auto input = specs_input(bench, subtasks);
    for (std::size_t i = 0; i < subtasks.size(); ++i) {
      if (!is_fresh(bench, spec_file(i, subtasks[i]), input)) return false;
    }
    return !subtasks.empty();
  } catch (const base::Error&) {
    return false;
  }
}

bool chosen_is_fresh(const Workbench& bench) {
  std::string specs_sha256;
  (void)load_specs(bench, &specs_sha256);
  const auto chosen = load_chosen(bench.project);
  return chosen && chosen->specs_sha256 == specs_sha256;
}

}  // namespace gpiot::pipeline
