#pragma once

#include "gpiot/base/cancel.h"
#include "gpiot/models/resolve.h"
#include "gpiot/tune/result_files.h"
#include "gpiot/tune/tune_config.h"
#include "tune_report.h"

namespace gpiot::apps {

/// The file that is trained on, and that the adapters will run on: the one that is named; with projection = "own" its
/// widened copy, which is found or made, unless the named one is wide enough itself. A dry run only says what it would
/// write. Errors: as models::resolve, models::find_or_widen, tune::read_shape.
[[nodiscard]] models::ResolvedModel tuned_base(const tune::TuneConfig& config, bool dry_run, TuneReport& report,
                                               const base::CancelToken& cancel);

/// What a manifest says of it: name, hash, and of a widened copy where it came from.
[[nodiscard]] tune::Provenance provenance_of(const models::ResolvedModel& base);

}  // namespace gpiot::apps
