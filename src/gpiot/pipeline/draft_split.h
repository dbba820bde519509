#pragma once

#include <optional>

#include "gpiot/base/json.h"
#include "gpiot/core/requirement.h"
#include "gpiot/pipeline/draft_place.h"

namespace gpiot::pipeline {

/// Parts the items by subject, file, time, or at random, as what was seen of `group` allows.
void draft_split(core::Requirement& requirement, const base::Json& group, const std::optional<Place>& label,
                 const std::optional<Place>& subject, const Guess& guess);

}  // namespace gpiot::pipeline
