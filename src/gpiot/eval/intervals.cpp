#include "gpiot/eval/intervals.h"

#include <algorithm>
#include <cmath>

namespace gpiot::eval {
namespace {

double rounded(double value) { return std::round(value * 1e6) / 1e6; }

EventScore counted(std::int64_t truth, std::int64_t matched, std::int64_t false_alarms) {
  EventScore score;
  score.truth = truth;
  score.matched = matched;
  score.predicted = matched + false_alarms;
  return pool(std::span<const EventScore>(&score, 1));  // which fills in the quotients
}

}  // namespace

std::vector<Interval> joined(std::vector<Interval> intervals) {
  std::ranges::sort(intervals, {}, &Interval::first);
  std::vector<Interval> out;
  for (const auto& interval : intervals) {
    if (out.empty() || interval.first > out.back().last) {
      out.push_back(interval);
    } else {
      out.back().last = std::max(out.back().last, interval.last);
    }
  }
  return out;
}

AnomalyScore score_anomalies(std::span<const Interval> truth, std::span<const std::int64_t> detections,
                             std::int64_t tolerance_samples, std::int64_t samples, double rate_hz) {
  AnomalyScore score;
  score.detections = std::ssize(detections);
  score.hours = static_cast<double>(samples) / rate_hz / 3600;
  std::int64_t matched = 0;
  for (const auto& interval : truth) {
    const auto next = std::ranges::lower_bound(detections, interval.first - tolerance_samples);
    matched += next != detections.end() && *next <= interval.last + tolerance_samples ? 1 : 0;
  }
  for (const auto at : detections) {
    // Ends increase as starts do, so the first interval that has not ended yet is the only one that can hold it.
    const auto near = std::ranges::lower_bound(truth, at - tolerance_samples, {}, &Interval::last);
    score.false_alarms += near == truth.end() || near->first > at + tolerance_samples ? 1 : 0;
  }
  score.alarms = counted(std::ssize(truth), matched, score.false_alarms);
  return score;
}

AnomalyScore pool(std::span<const AnomalyScore> scores) {
  AnomalyScore all;
  for (const auto& score : scores) {
    all.alarms.truth += score.alarms.truth;
    all.alarms.matched += score.alarms.matched;
    all.detections += score.detections;
    all.false_alarms += score.false_alarms;
    all.hours += score.hours;
  }
  all.alarms = counted(all.alarms.truth, all.alarms.matched, all.false_alarms);
  return all;
}

base::Json to_json(const AnomalyScore& score) {
  return {{"detections", score.detections},
          {"false_alarms", score.false_alarms},
          {"hours", rounded(score.hours)},
          {"false_alarms_per_hour", rounded(score.false_alarms_per_hour())}};
}

}  // namespace gpiot::eval
