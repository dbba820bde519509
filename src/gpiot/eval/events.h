#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace gpiot::eval {

/// How found events agree with the true ones. Where a quotient has no events below it: 1 when there are neither true
/// nor found events, else 0.
struct EventScore {
  std::int64_t truth = 0;      ///< true events
  std::int64_t predicted = 0;  ///< found events
  std::int64_t matched = 0;    ///< pairs
  double precision = 0;        ///< matched / predicted
  double recall = 0;           ///< matched / truth
  double f1 = 0;
  double mean_abs_error_ms = 0;  ///< over the pairs, 0 where there is none
  double median_abs_error_ms = 0;
  std::vector<double> abs_errors_ms;  ///< of each pair, in time order
};

/// Matches one to one within `tolerance_samples`, greedily in time order: the two earliest unmatched events are paired
/// when they are near enough, else the earlier one stays alone. All tolerances being equal, no other matching has more
/// pairs (exchange argument; tested against brute force). Which pairs are formed is not chosen by their timing error,
/// so in a crowd of false events the error is an upper bound.
/// `truth` and `predicted` are increasing. Source: ours; 150 ms windows as in ANSI/AAMI EC57.
[[nodiscard]] EventScore score_events(std::span<const std::int64_t> truth, std::span<const std::int64_t> predicted,
                                      std::int64_t tolerance_samples, double rate_hz);

/// All events of all records taken together (gross statistics).
[[nodiscard]] EventScore pool(std::span<const EventScore> scores);

/// Whole samples within `tolerance_ms`: 150 ms at 360 Hz is 54.
[[nodiscard]] std::int64_t tolerance_in_samples(double tolerance_ms, double rate_hz);

}  // namespace gpiot::eval
