#include "gpiot/pipeline/report_pictures.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "gpiot/base/error.h"

namespace gpiot::pipeline {
namespace {

using base::Json;
using Samples = std::vector<std::int64_t>;

constexpr std::size_t kPictures = 2;
constexpr int kColumns = 800;
constexpr std::int64_t kEvents = 20;  ///< in one picture, about

struct Stretch {
  const eval::RecordFacts* record;
  std::int64_t start;
  std::int64_t length;
};

const Samples& events_of(const eval::Events& events, const std::string& id) {
  static const Samples kNone;
  const auto found = events.find(id);
  return found == events.end() ? kNone : found->second;
}

/// As long as about twenty events take; ten seconds where that is not known.
std::int64_t length_of(const eval::RecordFacts& record, const Samples& events) {
  const auto whole = std::max<std::int64_t>(1, record.samples);
  if (events.size() >= 2) {
    const auto per_event = (events.back() - events.front()) / static_cast<std::int64_t>(events.size() - 1);
    return std::clamp<std::int64_t>(kEvents * per_event, std::min<std::int64_t>(50, whole), whole);
  }
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(10 * record.rate_hz), std::min<std::int64_t>(50, whole),
                                  whole);
}

Stretch stretch_of(const eval::RecordFacts& record, const Samples& truth, const Samples& found, double tolerance_ms) {
  const auto tolerance = eval::tolerance_in_samples(tolerance_ms, record.rate_hz);
  const auto length = length_of(record, truth.empty() ? found : truth);
  const auto middle = first_disagreement(truth, found, tolerance);
  const auto latest = std::max<std::int64_t>(0, record.samples - length);
  return {&record, std::clamp<std::int64_t>(middle - length / 2, 0, latest), length};
}

std::vector<const eval::RecordFacts*> worst_records(const PartData& data, const eval::Evaluation& measured) {
  std::vector<const eval::RecordFacts*> records;
  for (const auto& record : data.records) records.push_back(&record);
  const auto f1_of = [&](const eval::RecordFacts* record) {
    const auto score = measured.records.find(record->id);
    return score == measured.records.end() ? std::numeric_limits<double>::infinity() : score->second.f1;
  };
  std::ranges::stable_sort(records, [&](const auto* a, const auto* b) { return f1_of(a) < f1_of(b); });
  records.resize(std::min(records.size(), kPictures));
  return records;
}

/// The script's answer; null where there is none. It comes from a process that read foreign data.
Json read_stretches(const Workbench& bench, const PartData& data, const std::vector<Stretch>& stretches) {
  Json job = {{"columns", kColumns}, {"stretches", Json::array()}};
  for (const auto& stretch : stretches) {
    job["stretches"].push_back({{"record", stretch.record->id}, {"start", stretch.start}, {"length", stretch.length}});
  }
  core::RunRequest request;
  request.arguments = {"/app/plot_data.py", "--data", "/data", "--out", "/out/plot.json"};
  request.mounts = {{bench.runtime, "/app"}, {data.view, "/data"}};
  request.stdin_text = base::dump_json(job);
  request.collect = {"plot.json"};
  const auto outcome = bench.runner->run(request, bench.cancel);
  bench.cancel.throw_if_cancelled("pipeline.report");
  const auto text = outcome.files.find("plot.json");
  if (!outcome.ok() || text == outcome.files.end()) return nullptr;
  try {
    return base::parse_json(text->second, "pipeline.report", "plot.json");
  } catch (const base::Error&) {
    return nullptr;
  }
}

std::vector<std::pair<double, double>> pairs_of(const Json& list) {
  std::vector<std::pair<double, double>> pairs;
  if (!list.is_array()) return pairs;
  for (const auto& one : list) {
    if (one.is_array() && one.size() == 2 && one[0].is_number() && one[1].is_number()) {
      pairs.emplace_back(one[0].get<double>(), one[1].get<double>());
    }
  }
  return pairs;
}

std::vector<double> seconds_within(const Samples& events, const Stretch& stretch) {
  std::vector<double> seconds;
  for (const auto event : events) {
    if (event >= stretch.start && event < stretch.start + stretch.length) {
      seconds.push_back(static_cast<double>(event) / stretch.record->rate_hz);
    }
  }
  return seconds;
}

/// Where each true interval begins.
Samples starts_of(const eval::Intervals& intervals, const std::string& id) {
  Samples starts;
  if (const auto found = intervals.find(id); found != intervals.end()) {
    for (const auto& interval : found->second) starts.push_back(interval.first);
  }
  return starts;
}

std::vector<std::pair<double, double>> spans_within(const eval::Intervals& intervals, const Stretch& stretch) {
  std::vector<std::pair<double, double>> spans;
  const auto found = intervals.find(stretch.record->id);
  if (found == intervals.end()) return spans;
  for (const auto& [first, last] : found->second) {
    const auto from = std::max(first, stretch.start);
    const auto to = std::min(last + 1, stretch.start + stretch.length);
    if (from >= to) continue;
    spans.emplace_back(static_cast<double>(from) / stretch.record->rate_hz,
                       static_cast<double>(to) / stretch.record->rate_hz);
  }
  return spans;
}

void add_signals(const Workbench& bench, const PartData& data, const eval::Evaluation& measured,
                 ReportPictures& pictures) {
  const auto& found = measured.contract.events;
  std::vector<Stretch> stretches;
  for (const auto* record : worst_records(data, measured)) {
    if (record->rate_hz <= 0 || record->samples <= 0) continue;
    const auto starts = starts_of(data.truth.intervals, record->id);
    const auto& truth = starts.empty() ? events_of(data.truth.events, record->id) : starts;
    stretches.push_back(
        stretch_of(*record, truth, events_of(found, record->id), bench.requirement.evaluator.tolerance_ms));
  }
  if (stretches.empty()) return;
  const Json answer = read_stretches(bench, data, stretches);
  for (const auto& stretch : stretches) {
    const auto& id = stretch.record->id;
    if (!answer.is_object() || !answer.contains(id)) continue;
    pictures.signals.push_back(
        {id, bench.requirement.data.inputs.front().unit, static_cast<double>(stretch.start) / stretch.record->rate_hz,
         static_cast<double>(stretch.length) / stretch.record->rate_hz, pairs_of(answer[id]),
         seconds_within(events_of(data.truth.events, id), stretch), seconds_within(events_of(found, id), stretch),
         spans_within(data.truth.intervals, stretch)});
  }
}

}  // namespace

std::int64_t first_disagreement(const Samples& truth, const Samples& found, std::int64_t tolerance) {
  const auto alone = [&](std::int64_t event, const Samples& others) {
    const auto near = std::ranges::lower_bound(others, event - tolerance);
    return near == others.end() || *near > event + tolerance;
  };
  std::int64_t first = std::numeric_limits<std::int64_t>::max();
  for (const auto event : truth) {
    if (alone(event, found)) first = std::min(first, event);
  }
  for (const auto event : found) {
    if (alone(event, truth)) first = std::min(first, event);
  }
  if (first != std::numeric_limits<std::int64_t>::max()) return first;
  return truth.empty() ? 0 : truth.front();
}

ReportPictures pictures_of(const Workbench& bench, const PartData& data, const eval::Evaluation& measured) {
  ReportPictures pictures;
  pictures.unit = bench.requirement.result.variable.unit;
  if (bench.requirement.result.kind == "events") add_signals(bench, data, measured, pictures);
  for (const auto& [id, truth] : data.truth.values) {
    const auto answer = measured.contract.values.find(id);
    if (answer != measured.contract.values.end()) pictures.answers.emplace_back(truth, answer->second);
  }
  for (const auto& [id, truth] : data.truth.positions) {
    const auto answer = measured.contract.positions.find(id);
    if (answer == measured.contract.positions.end()) continue;
    pictures.positions.push_back({{truth[0], truth[1]}, {answer->second[0], answer->second[1]}});
  }
  return pictures;
}

}  // namespace gpiot::pipeline
