#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gpiot/base/json.h"
#include "gpiot/eval/events.h"

namespace gpiot::eval {

/// How well found change points cut a record into the true segments, besides the matching of score_events.
struct SegmentScore {
  double covering = 0;          ///< of the true segments by the found ones, [0, 1]; 1 = the same segments
  double hausdorff_ms = 0;      ///< largest distance from any change point, true or found, to the nearest other kind
  double annotation_error = 0;  ///< |number found - number true|
};

/// A change point is the first sample of a new segment; both lists are increasing, within [0, samples). Sample 0 begins
/// the first segment and is no change point to the covering. Hausdorff distance: 0 where both lists are empty, the
/// length of the record where one is. Source: covering of van den Burg and Williams, "An Evaluation of Change Point
/// Detection Algorithms" (arXiv 2003.06222), equation 4, for one annotator; Hausdorff distance and annotation error as
/// in Truong, Oudre and Vayatis (arXiv 1801.00718), section 3.2.
[[nodiscard]] SegmentScore score_segments(std::span<const std::int64_t> truth, std::span<const std::int64_t> predicted,
                                          std::int64_t samples, double rate_hz);

/// Mean over the records; `scores` is not empty.
[[nodiscard]] SegmentScore mean_of(std::span<const SegmentScore> scores);

[[nodiscard]] base::Json to_json(const SegmentScore& score);

}  // namespace gpiot::eval
