#pragma once

#include "gpiot/base/cancel.h"
#include "gpiot/core/program_runner.h"
#include "gpiot/sandbox/cgroup.h"
#include "gpiot/sandbox/jail.h"

namespace gpiot::sandbox {

/// Most files the program may have in one writable folder: names cost kernel memory that no size limit counts.
inline constexpr std::uint64_t kMostFiles = 10'000;

/// Lets the program of `jail` go and stays with it to its end: feeds stdin, keeps stdout and stderr up to the limit,
/// measures, and kills everything at the first limit passed or when `cancel` is set. Fills all of the outcome but
/// the files. One thread, and a Sampler beside it.
[[nodiscard]] core::RunOutcome run_to_end(Jail& jail, Cgroup& cgroup, const core::RunRequest& request,
                                          const base::CancelToken& cancel);

}  // namespace gpiot::sandbox
