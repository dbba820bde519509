#pragma once

#include "gpiot/pipeline/workbench.h"

namespace gpiot::pipeline {

/// Refuses before the first token what would fail after the last one: records that cannot be read, a split that leaves
/// a part empty, labels that do not fit the records, a package that is not there, a budget below what the imports take.
/// Errors: NotFound, Data, Capacity (the data); Unsupported (data or package); InvalidArgument (the budget); Sandbox.
void check_feasible(const Workbench& bench);

}  // namespace gpiot::pipeline
