#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gpiot/base/json.h"
#include "gpiot/core/requirement.h"
#include "gpiot/pipeline/draft.h"
#include "gpiot/pipeline/draft_place.h"

namespace gpiot::pipeline {

/// A column of the records themselves that is 0 where nothing is, and 1 where an event is.
struct Marks {
  std::string column;
  std::string kind;  ///< evaluator: "anomaly", "change_points", "events"
};

/// The one that the words are about, where they ask for events or the user says so: "change points" is about
/// `changepoint`, "anomalies" about `anomaly`. Nothing where the user wants another result or another label, or where
/// only --result could tell that a state of each row (occupied or not) is meant as an event.
[[nodiscard]] std::optional<Marks> marks_in(const base::Json& group, const std::vector<Place>& labels,
                                            const DraftWishes& wishes);

/// Makes them the labels of `requirement`, whose rate is set already.
void draft_marks(core::Requirement& requirement, const Marks& marks, const Guess& guess);

/// What counts as found: the usual tolerance is for pulses, and where samples are farther apart it is some of them.
/// Where no rate is known nothing is measured in time.
void draft_tolerance(core::Requirement& requirement, const Guess& guess);

}  // namespace gpiot::pipeline
