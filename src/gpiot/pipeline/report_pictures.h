#pragma once

#include "gpiot/eval/evaluation.h"
#include "gpiot/pipeline/part_data.h"
#include "gpiot/pipeline/report_page.h"

namespace gpiot::pipeline {

/// Pictures of a measured run: of the two worst records the stretch around the first event that was missed or invented
/// (the signal is read in the sandbox), or every item's true and predicted number. A picture that cannot be made is
/// left out. Errors: Sandbox, Cancelled.
[[nodiscard]] ReportPictures pictures_of(const Workbench& bench, const PartData& data,
                                         const eval::Evaluation& measured);

/// Where to look: the first true event without a found one within `tolerance`, or found one without a true one; the
/// first event of all where everything agrees; 0 where there is none. In samples.
[[nodiscard]] std::int64_t first_disagreement(const std::vector<std::int64_t>& truth,
                                              const std::vector<std::int64_t>& found, std::int64_t tolerance);

}  // namespace gpiot::pipeline
