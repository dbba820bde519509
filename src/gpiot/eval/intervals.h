#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "gpiot/base/json.h"
#include "gpiot/eval/events.h"

namespace gpiot::eval {

/// A stretch of samples, both ends within it.
struct Interval {
  std::int64_t first = 0;
  std::int64_t last = 0;
  bool operator==(const Interval&) const = default;
};

/// True intervals by record id, in order, none of them overlapping.
using Intervals = std::map<std::string, std::vector<Interval>>;

/// In order, with those that overlap joined into one.
[[nodiscard]] std::vector<Interval> joined(std::vector<Interval> intervals);

/// How detections, each one sample, agree with true intervals.
struct AnomalyScore {
  EventScore alarms;              ///< truth = intervals; matched = those with a detection in them; predicted = matched
                                  ///< and every false alarm. The timing errors stay empty
  std::int64_t detections = 0;    ///< all of them
  std::int64_t false_alarms = 0;  ///< detections in no interval
  double hours = 0;               ///< length of the record
  [[nodiscard]] double false_alarms_per_hour() const {
    return hours > 0 ? static_cast<double>(false_alarms) / hours : 0;
  }
};

/// A detection counts for an interval when it lies in it or at most `tolerance_samples` beside it; one that is near two
/// counts for both. Several detections in one interval count once, for precision too: an interval is one thing to find,
/// whatever its length. There is no point adjustment (no sample counts as found because another one of its interval
/// was): that rewards chance hits in long intervals (Kim et al., arXiv 2109.05257). `detections` is increasing.
[[nodiscard]] AnomalyScore score_anomalies(std::span<const Interval> truth, std::span<const std::int64_t> detections,
                                           std::int64_t tolerance_samples, std::int64_t samples, double rate_hz);

/// All records taken together.
[[nodiscard]] AnomalyScore pool(std::span<const AnomalyScore> scores);

/// The figures that are not those of the alarms.
[[nodiscard]] base::Json to_json(const AnomalyScore& score);

}  // namespace gpiot::eval
