#include "gpiot/pipeline/place_functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "gpiot/agents/place_plan.h"
#include "gpiot/pipeline/own_functions.h"

namespace gpiot::pipeline {
namespace {

using Points = std::vector<std::pair<double, double>>;

constexpr std::string_view kPlace = "kind=\"spectrum\", low=0.0, high=1e9, skip=0.0";
constexpr std::string_view kValue = "scale=1.0, offset=0.0";

double median_of(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

double miss_of(std::span<const std::pair<double, double>> points, const Line& line) {
  std::vector<double> distances;
  for (const auto& [x, y] : points) distances.push_back(std::abs(line.scale * x + line.offset - y));
  return median_of(std::move(distances));
}

/// By least squares; flat through the mean where all x are the same.
Line through(std::span<const std::pair<double, double>> points) {
  double x = 0, y = 0, xx = 0, xy = 0;
  const auto n = static_cast<double>(points.size());
  if (points.empty()) return {};
  for (const auto& point : points) x += point.first / n, y += point.second / n;
  for (const auto& point : points) {
    xx += (point.first - x) * (point.first - x);
    xy += (point.first - x) * (point.second - y);
  }
  const double scale = xx > 0 ? xy / xx : 0;
  return {scale, y - scale * x, 0};
}

/// Where a signal is looked at.
struct Way {
  std::string kind;
  double low = 0;
  double high = 1e9;
  double skip = 0;
  Line line;
};

CheckedCandidate place_function(const Workbench& bench, const core::Specification& spec, const Way& way) {
  auto own = own_function(
      bench.runtime, "place_top.py", spec, kPlace,
      fmt::format("kind=\"{}\", low={:.6g}, high={:.6g}, skip={:.6g}", way.kind, way.low, way.high, way.skip));
  own.origin += ", " + way.kind;
  return own;
}

CheckedCandidate value_function(const Workbench& bench, const core::Specification& spec, const Line& line) {
  return own_function(bench.runtime, "place_value.py", spec, kValue,
                      fmt::format("scale={:.8g}, offset={:.8g}", line.scale, line.offset));
}

/// The place that each way finds in each item, beside the item's label.
std::vector<Points> places_of(const Workbench& bench, TrialRunner& trials,
                              const std::vector<core::Specification>& specs, const PartData& data,
                              std::span<const Way> ways) {
  std::vector<std::string> codes;
  std::vector<std::vector<int>> chains;
  for (const auto& way : ways) {
    chains.push_back({static_cast<int>(codes.size()), static_cast<int>(ways.size())});
    codes.push_back(place_function(bench, specs[0], way).code);
  }
  codes.push_back(value_function(bench, specs[1], {1, 0, 0}).code);
  const auto batch =
      trials.run(codes, chains, specs, bench.requirement.result.variable.name, data.view, 0, bench.cancel);
  std::vector<Points> all(ways.size());
  for (std::size_t k = 0; k < ways.size(); ++k) {
    for (const auto& [record, value] : data.truth.values) {
      const auto found = batch.outcomes.at(k).results.find(record);
      if (found == batch.outcomes[k].results.end() || !found->second.is_number()) continue;
      if (const auto place = found->second.get<double>(); std::isfinite(place)) all[k].emplace_back(place, value);
    }
  }
  return all;
}

double mean_miss_of(std::span<const std::pair<double, double>> points, const Line& line) {
  double sum = 0;
  for (const auto& [x, y] : points) sum += std::abs(line.scale * x + line.offset - y);
  return points.empty() ? std::numeric_limits<double>::infinity() : sum / static_cast<double>(points.size());
}

/// The way with the bounds between which its places must lie, that labels as those of `data`, and beyond them by a
/// share of their range, are told by them.
Way bounded(const Way& way, const PartData& data, double share) {
  if (way.line.scale == 0) return way;
  double least = std::numeric_limits<double>::infinity(), most = -least;
  for (const auto& [record, value] : data.truth.values) least = std::min(least, value), most = std::max(most, value);
  const double margin = share * (most - least);
  const double first = (least - margin - way.line.offset) / way.line.scale;
  const double last = (most + margin - way.line.offset) / way.line.scale;
  return {way.kind, std::max(0.0, std::min(first, last)), std::max(first, last), 0, way.line};
}

/// For each way the bounds with which the labels are told best: what else stands out may lie close by.
std::vector<std::vector<CheckedCandidate>> functions_within(const Workbench& bench, TrialRunner& trials,
                                                            const std::vector<core::Specification>& specs,
                                                            const PartData& data, std::span<const Way> ways) {
  constexpr std::array<double, 4> kShares = {0.1, 0.05, 0.02, 0};
  std::vector<Way> tried;
  for (const auto& way : ways) {
    for (const double share : kShares) tried.push_back(bounded(way, data, share));
  }
  const auto places = places_of(bench, trials, specs, data, tried);
  std::vector<std::vector<CheckedCandidate>> own(2);
  for (std::size_t first = 0; first < tried.size(); first += kShares.size()) {
    std::size_t best = first;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t k = first; k < first + kShares.size(); ++k) {
      tried[k].line = robust_line(places[k], bench.options.seed);
      const double miss = mean_miss_of(places[k], tried[k].line);
      if (miss < least) best = k, least = miss;
    }
    own[0].push_back(place_function(bench, specs[0], tried[best]));
    own[1].push_back(value_function(bench, specs[1], tried[best].line));
    own[1].back().origin += ", " + tried[best].kind;
  }
  return own;
}

}  // namespace

Line robust_line(std::span<const std::pair<double, double>> all, std::uint64_t seed) {
  constexpr int kPairs = 2000;
  constexpr std::size_t kMost = 400;
  Points points;
  for (std::size_t k = 0; k < all.size(); k += 1 + all.size() / kMost) points.push_back(all[k]);
  constexpr double kNear = 4;  // medians of the distance
  Line best{0, 0, std::numeric_limits<double>::infinity()};
  const auto better = [&](Line line) {
    line.miss = miss_of(points, line);
    if (line.miss < best.miss) best = line;
  };
  better(through(points));
  std::mt19937_64 random(seed);
  for (int k = 0; k < kPairs && points.size() > 2; ++k) {
    const auto& [x1, y1] = points[random() % points.size()];
    const auto& [x2, y2] = points[random() % points.size()];
    if (x1 == x2) continue;
    const double scale = (y2 - y1) / (x2 - x1);
    better({scale, y1 - scale * x1, 0});
  }
  Points near;
  for (const auto& [x, y] : all) {
    if (std::abs(best.scale * x + best.offset - y) <= kNear * best.miss) near.emplace_back(x, y);
  }
  auto line = through(near);
  line.miss = miss_of(points, line);
  return line.miss <= 2 * best.miss && near.size() >= 2 ? line : best;
}

std::vector<std::vector<CheckedCandidate>> own_place_functions(const Workbench& bench, TrialRunner& trials,
                                                               const std::vector<core::Specification>& specs,
                                                               const PartData& data) {
  std::vector<core::SubTask> subtasks;
  for (const auto& spec : specs) subtasks.push_back(spec.subtask);
  if (agents::place_specs(bench.requirement, subtasks).empty()) return {};
  constexpr std::array<double, 5> kSkips = {0, 0.02, 0.05, 0.1, 0.2};
  std::vector<Way> ways;
  for (const auto* kind : {"spectrum", "echo", "start"}) {
    for (const double skip : kSkips) ways.push_back({kind, 0, 1e9, skip, {}});
  }
  auto places = places_of(bench, trials, specs, data, ways);
  std::vector<Way> best;
  for (std::size_t k = 0; k < ways.size(); ++k) {
    ways[k].line = robust_line(places[k], bench.options.seed);
    if (k % kSkips.size() == 0) best.push_back(ways[k]);
    if (ways[k].line.miss < best.back().line.miss) best.back() = ways[k];
  }
  return functions_within(bench, trials, specs, data, best);
}

}  // namespace gpiot::pipeline
