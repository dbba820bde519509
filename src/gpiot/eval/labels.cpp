#include "gpiot/eval/labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"
#include "gpiot/eval/csv_column.h"
#include "gpiot/eval/data_folder.h"
#include "gpiot/eval/wfdb_annotations.h"

namespace gpiot::eval {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "eval.labels";
constexpr std::uint64_t kMaxLabelBytes = 256ULL << 20;

std::vector<std::int64_t> from_wfdb(const core::LabelFacts& labels, const fs::path& path) {
  std::vector<std::int64_t> events;
  for (const auto& annotation : parse_wfdb_annotations(read_data(path, kMaxLabelBytes), path.string())) {
    const auto& wanted = labels.symbols;
    if (wanted.empty() || std::find(wanted.begin(), wanted.end(), annotation.symbol) != wanted.end()) {
      events.push_back(annotation.sample);
    }
  }
  return events;
}

std::vector<std::int64_t> from_csv(const fs::path& path, const std::string& column) {
  std::vector<std::int64_t> events;
  for (const auto& cell : read_csv_column(path, column)) {
    std::int64_t sample = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), sample);
    if (error != std::errc() || end != cell.data() + cell.size()) {
      throw Error(ErrorCode::Data, kWhere,
                  fmt::format("{} column \"{}\": got \"{}\", expected a sample index", path.string(), column,
                              base::printable(cell.substr(0, 60))));
    }
    events.push_back(sample);
  }
  return events;
}

/// Stretches of rows whose cell is neither empty, nor NaN, nor 0.
std::vector<Interval> marked_in(const fs::path& path, const std::string& column, const RecordFacts& record) {
  std::vector<Interval> stretches;
  std::int64_t at = -1;
  for (const auto& cell : read_csv_column(path, column)) {
    ++at;
    double mark = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), mark);
    const auto word = base::to_lower(cell);
    const bool is_word = word == "true" || word == "false" || word.empty();
    if (!is_word && (error != std::errc() || end != cell.data() + cell.size())) {
      throw Error(ErrorCode::Data, kWhere,
                  fmt::format("{} column \"{}\": got \"{}\", expected 0, or a number or true where an event is",
                              path.string(), column, base::printable(cell.substr(0, 60))));
    }
    if ((mark == 0 || std::isnan(mark)) && word != "true") continue;
    if (!stretches.empty() && stretches.back().last == at - 1) {
      stretches.back().last = at;
    } else {
      stretches.push_back({at, at});
    }
  }
  if (at + 1 != record.samples) {
    throw Error(ErrorCode::Data, kWhere,
                fmt::format("{} has {} rows and {} samples: expected as many, for a mark beside each", path.string(),
                            at + 1, record.samples));
  }
  return stretches;
}

void check_within(std::int64_t first, std::int64_t last, const fs::path& path, const RecordFacts& record) {
  if (first >= 0 && last < record.samples) return;
  throw Error(ErrorCode::Data, kWhere,
              fmt::format("{} has an event outside the record: got samples {} to {}, expected 0 to {}", path.string(),
                          first, last, record.samples - 1));
}

std::vector<std::int64_t> events_of(const core::LabelFacts& labels, const fs::path& path, const RecordFacts& record) {
  if (labels.format != "wfdb-annotations" && labels.format != "csv" && labels.format != "marks") {
    throw Error(ErrorCode::Unsupported, kWhere,
                fmt::format("labels.format is not known: got \"{}\", expected one of wfdb-annotations, csv, marks",
                            labels.format));
  }
  if (labels.format == "marks") {
    std::vector<std::int64_t> firsts;
    for (const auto& stretch : marked_in(path, labels.column, record)) firsts.push_back(stretch.first);
    return firsts;
  }
  auto events = labels.format == "csv" ? from_csv(path, labels.column) : from_wfdb(labels, path);
  std::sort(events.begin(), events.end());
  events.erase(std::unique(events.begin(), events.end()), events.end());
  if (!events.empty()) check_within(events.front(), events.back(), path, record);
  return events;
}

std::vector<Interval> intervals_of(const core::LabelFacts& labels, const fs::path& path, const RecordFacts& record) {
  if (labels.format == "marks") return marked_in(path, labels.column, record);
  const auto starts = from_csv(path, labels.column);
  const auto ends = from_csv(path, labels.end_column);
  if (starts.size() != ends.size()) {
    throw Error(
        ErrorCode::Data, kWhere,
        fmt::format("{}: got {} starts and {} ends, expected as many", path.string(), starts.size(), ends.size()));
  }
  std::vector<Interval> intervals;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    if (ends[i] < starts[i]) {
      throw Error(ErrorCode::Data, kWhere,
                  fmt::format("{} interval {} ends before it starts: got {} to {}, expected columns \"{}\" and \"{}\" "
                              "with its first and last sample",
                              path.string(), i + 1, starts[i], ends[i], labels.column, labels.end_column));
    }
    check_within(starts[i], ends[i], path, record);
    intervals.push_back({starts[i], ends[i]});
  }
  return joined(std::move(intervals));
}

/// The id that runtime/table_select.py gives to an item of a file with this stem.
std::string cleaned(const std::string& stem) {
  std::string id;
  for (const char c : stem) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) == 0x80U) continue;  // one "-" for each character
    const bool plain = std::isalnum(byte) != 0 || c == '.' || c == '_' || c == '-';
    id += plain && byte < 0x80U ? c : '-';
  }
  const auto first = id.find_first_not_of(".-");
  return first == std::string::npos ? "item" : id.substr(first);
}

/// What `read` finds in the label file of each record.
template <typename Read>
auto load_all(const core::Requirement& requirement, const fs::path& project_dir, std::span<const RecordFacts> records,
              const Read& read) {
  std::map<std::string, decltype(read(requirement.labels, fs::path(), records.front()))> truth;
  if (requirement.labels.format.empty()) return truth;
  const auto folder = data_folder(requirement, project_dir);
  const bool in_records = requirement.labels.format == "marks";
  std::map<std::string, fs::path> files;
  if (in_records) {
    for (const auto& record : records) files.emplace(record.id, file_beneath(folder, record.files.at(0)));
  } else {
    files = matching_files(folder, requirement.labels.files);
  }
  if (core::is_table(requirement)) {
    const auto as_they_are = files;
    for (const auto& [stem, file] : as_they_are) files.try_emplace(cleaned(stem), file);
  }
  const auto by_stem = files;
  for (const auto& [stem, file] : by_stem) {
    const auto star = star_of(requirement.labels.files, file.filename().string());
    if (!star.empty()) files.try_emplace(star, file);
  }
  bool any = false;
  for (const auto& record : records) {
    auto found = files.find(record.id);
    if (found == files.end() && !record.files.empty()) {
      found = files.find(star_of(requirement.data.files, record.files.front().filename().string()));
    }
    if (found == files.end()) {
      throw Error(ErrorCode::NotFound, kWhere,
                  fmt::format("no label file of record {} in {}: expected one named like \"{}\"", record.id,
                              folder.string(), requirement.labels.files));
    }
    truth[record.id] = read(requirement.labels, found->second, record);
    any = any || !truth[record.id].empty();
  }
  if (!any && !records.empty()) {
    throw Error(ErrorCode::Data, kWhere,
                fmt::format("no event in the labels of {} records: expected {}", records.size(),
                            in_records ? "rows with a mark in column " + requirement.labels.column
                                       : "annotations with a symbol of labels.symbols"));
  }
  return truth;
}

}  // namespace

Events load_labels(const core::Requirement& requirement, const fs::path& project_dir,
                   std::span<const RecordFacts> records) {
  return load_all(requirement, project_dir, records, events_of);
}

Intervals load_intervals(const core::Requirement& requirement, const fs::path& project_dir,
                         std::span<const RecordFacts> records) {
  return load_all(requirement, project_dir, records, intervals_of);
}

Truth load_truth(const core::Requirement& requirement, const fs::path& project_dir,
                 std::span<const RecordFacts> records) {
  Truth truth;
  if (core::has_intervals(requirement)) {
    truth.intervals = load_intervals(requirement, project_dir, records);
  } else {
    truth.events = load_labels(requirement, project_dir, records);
  }
  return truth;
}

Events load_labels(const core::Requirement& requirement, const fs::path& project_dir,
                   std::span<const std::string> ids) {
  if (requirement.labels.format.empty()) return {};
  return load_labels(requirement, project_dir, read_facts(requirement, project_dir, ids));
}

}  // namespace gpiot::eval
