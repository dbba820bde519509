#include "gpiot/pipeline/preflight.h"

#include "gpiot/pipeline/measure.h"

namespace gpiot::pipeline {

void check_feasible(const Workbench& bench) {
  check_parts(bench);
  (void)import_cost(bench);
}

}  // namespace gpiot::pipeline
