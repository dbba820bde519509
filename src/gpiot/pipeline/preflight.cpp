#include "gpiot/pipeline/preflight.h"

#include "gpiot/eval/data_view.h"
#include "gpiot/eval/labels.h"
#include "gpiot/pipeline/measure.h"

namespace gpiot::pipeline {

void check_feasible(const Workbench& bench) {
  const auto& requirement = bench.requirement;
  const auto split = eval::make_split(requirement, eval::list_records(requirement, bench.project));
  for (const auto& part : {split.development, split.final_part}) {
    const auto records = eval::read_facts(requirement, bench.project, part);
    (void)eval::load_labels(requirement, bench.project, records);
  }
  (void)import_cost(bench);
}

}  // namespace gpiot::pipeline
