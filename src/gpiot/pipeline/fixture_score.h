#pragma once

#include <optional>
#include <string>

#include "gpiot/pipeline/part_data.h"

namespace gpiot::pipeline {

/// Synthetic records with known events of the kind that the requirement asks for.
struct FixtureData {
  std::string kind;               ///< "ecg": a row of runtime/fixtures.py
  core::Requirement requirement;  ///< the user's, but measured as events against the synthetic truth
  PartData part;
};

/// For data without labels: records that a program can be scored on all the same. None where there are labels, where
/// the result is no events, or where no kind of synthetic signal knows the events asked for (docs/fixtures.md). Two
/// events agree within the requirement's tolerance or a tenth of their usual distance, whichever is more; precision
/// and recall of .8 count as good. Ours: the paper measures with labels alone. Errors: Sandbox, Io.
[[nodiscard]] std::optional<FixtureData> fixture_data(const Workbench& bench);

/// Runs app/ on them: {"kind", "records", "samples", "tolerance_ms", "precision", "recall"}, with "problem" in place of
/// the last two where the program fails there; null where fixture_data gives none.
[[nodiscard]] base::Json score_on_fixture(const Workbench& bench);

/// "on synthetic ecg: precision 0.981, recall 0.970"; empty for null.
[[nodiscard]] std::string fixture_summary(const base::Json& score);

}  // namespace gpiot::pipeline
