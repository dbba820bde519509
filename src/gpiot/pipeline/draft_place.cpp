#include "gpiot/pipeline/draft_place.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"

namespace gpiot::pipeline {

using base::Error;
using base::ErrorCode;
using base::Json;

namespace {

constexpr std::string_view kWhere = "pipeline.init";

}  // namespace

const Json& child(const Json& object, const char* key) {
  static const Json kNone;
  if (!object.is_object()) return kNone;
  const auto found = object.find(key);
  return found == object.end() ? kNone : *found;
}

std::string one_line_of(const std::string& text) {
  auto line = base::printable(text);
  for (const auto* space : {"\n", "\r", "\t"}) line = base::replace_all(line, space, " ");
  return line;
}

std::string text(const Json& object, const char* key) {
  const auto& value = child(object, key);
  return value.is_string() ? one_line_of(value.get<std::string>()).substr(0, 200) : "";
}

std::vector<Place> places(const Json& list) {
  std::vector<Place> found;
  for (const auto& one : list.is_array() ? list : Json::array()) {
    Place place{text(one, "place"), text(one, "name"), text(one, "why"), child(one, "sure") == true};
    const auto& values = child(one, "values");
    if (values.is_array()) {
      place.values = values.size();
      place.numbers = std::ranges::all_of(values, [](const Json& v) { return v.is_number(); });
    }
    place.names_key = text(child(one, "names"), "key");
    const auto& names = child(child(one, "names"), "values");
    for (const auto& name : names.is_array() ? names : Json::array()) {
      if (name.is_string()) place.names.push_back(one_line_of(name.get<std::string>()));
    }
    found.push_back(std::move(place));
  }
  return found;
}

std::optional<Place> chosen(const std::vector<Place>& all, const std::string& wish, std::string_view what,
                            const Json& group) {
  if (wish == "none") return std::nullopt;
  if (wish.empty()) return all.empty() ? std::nullopt : std::optional(all.front());
  for (const auto& place : all) {
    if (place.name == wish || place.place == wish) return place;
  }
  std::vector<std::string> names;
  for (const auto& field : child(group, "fields")) {
    names.push_back(text(field, "name"));
    if (names.back() != wish) continue;
    const bool table = text(group, "format") == "csv" || text(group, "format") == "arff";
    return Place{table ? "column" : "key", wish, "you named it", true};
  }
  throw Error(ErrorCode::InvalidArgument, kWhere,
              fmt::format("no such {}: got \"{}\", expected one of {}, or none", what, base::printable(wish),
                          base::join(names, ", ").substr(0, 600)));
}

namespace {

/// Of the columns and arrays with one number for each item, in lower case: their own names.
std::map<std::string, std::string> number_fields(const Json& group) {
  std::map<std::string, std::string> names;
  for (const auto& field : child(group, "fields")) {
    const auto name = text(field, "name");
    const bool number = text(field, "dtype").find("str") == std::string::npos;
    if (number && child(field, "shape").size() == 1) names.emplace(base::to_lower(name), name);
  }
  return names;
}

/// The first that all of `wanted` are found under, with its own name each.
std::optional<std::vector<std::string>> all_of(const std::map<std::string, std::string>& names,
                                               const std::vector<std::string>& wanted) {
  std::vector<std::string> found;
  for (const auto& one : wanted) {
    const auto at = names.find(one);
    if (at == names.end()) return std::nullopt;
    found.push_back(at->second);
  }
  return found;
}

std::string first_of(const std::map<std::string, std::string>& names, std::initializer_list<const char*> wanted) {
  for (const auto* one : wanted) {
    if (const auto at = names.find(one); at != names.end()) return at->second;
  }
  return "";
}

}  // namespace

std::optional<PositionPlace> position_in(const Json& group, const std::string& words) {
  const auto lower = base::to_lower(words);
  const bool asked = std::ranges::any_of(std::array{"where ", "position", "locali", "locate "},
                                         [&](const char* word) { return lower.find(word) != std::string::npos; });
  for (const auto& field : child(group, "fields")) {
    const auto name = text(field, "name");
    const auto& shape = child(field, "shape");
    const auto plain = base::to_lower(name);
    const bool named = plain == "position" || plain == "positions" || plain == "location" || plain == "coordinates";
    if (!named || !shape.is_array() || shape.size() != 2 || !shape[1].is_number_integer()) continue;
    const auto axes = shape[1].get<int>();
    if (axes == 2 || axes == 3) return PositionPlace{.key = name, .axes = static_cast<std::size_t>(axes)};
  }
  const auto names = number_fields(group);
  for (const std::string before : {"pos_", "position_", "loc_", "location_", ""}) {
    if (before.empty() && !asked) continue;
    for (const std::string after : {"", "_m"}) {
      auto flat = all_of(names, {before + "x" + after, before + "y" + after});
      if (!flat) continue;
      if (auto deep = all_of(names, {before + "x" + after, before + "y" + after, before + "z" + after})) flat = deep;
      return PositionPlace{.columns = *flat, .axes = flat->size()};
    }
  }
  return std::nullopt;
}

std::optional<EventColumns> event_columns_in(const Json& group) {
  if (text(group, "format") != "csv") return std::nullopt;
  const auto names = number_fields(group);
  const auto start = first_of(names, {"start", "start_sample", "first", "begin", "onset"});
  const auto end = first_of(names, {"end", "end_sample", "last", "stop", "offset"});
  if (!start.empty() && !end.empty()) return EventColumns{"anomaly", start, end};
  if (const auto change = first_of(names, {"change_point", "changepoint", "change"}); !change.empty()) {
    return EventColumns{"change_points", change};
  }
  if (const auto sample = first_of(names, {"sample", "event", "event_sample"}); !sample.empty()) {
    return EventColumns{"events", sample};
  }
  return std::nullopt;
}

namespace {

/// "csv bed/*.csv (12 files)"
std::string described(const Json& group) {
  const auto glob = text(group, "glob");
  const auto files = child(group, "files").is_number() ? child(group, "files").get<int>() : 1;
  return fmt::format("{} {} ({} {})", text(group, "format"), glob.empty() ? "without a pattern" : glob, files,
                     files == 1 ? "file" : "files");
}

}  // namespace

std::string unused_note(const Json& groups, const Json& used, const Json* beside) {
  constexpr std::size_t kMost = 5;
  std::vector<std::string> others;
  for (const auto& one : groups) {
    if (&one != &used && &one != beside) others.push_back(described(one));
  }
  if (others.empty()) return "";
  const auto more = others.size() > kMost ? fmt::format(" and {} more", others.size() - kMost) : std::string();
  others.resize(std::min(others.size(), kMost));
  return fmt::format("{} is used, and not: {}{}; --files PATTERN takes another", described(used),
                     base::join(others, ", "), more);
}

const Json& main_group(const Json& groups, const std::filesystem::path& data, const std::string& files) {
  if (!groups.is_array() || groups.empty()) {
    throw Error(
        ErrorCode::Data, kWhere,
        fmt::format("the data folder {} holds no records: got no file of a known kind, expected wfdb, csv, npy, "
                    "npz, wav, mat, jsonl, arff or ts",
                    data.string()));
  }
  const Json* group = &groups.front();
  if (!files.empty()) {
    std::vector<std::string> all;
    for (const auto& one : groups) {
      if (text(one, "glob") == files) return one;
      all.push_back(described(one));
    }
    throw Error(ErrorCode::InvalidArgument, kWhere,
                fmt::format("no such files in the data: got \"{}\", expected one of {}", base::printable(files),
                            base::join(all, ", ").substr(0, 600)));
  }
  for (const auto& one : groups) {
    if (child(*group, "labels").empty() && !child(one, "labels").empty()) group = &one;
  }
  if (pattern_of(*group).empty()) refuse_without_pattern(*group);
  return *group;
}

std::string pattern_of(const Json& group) {
  const auto glob = text(group, "glob");
  return glob.empty() ? text(child(group, "apart"), "glob") : glob;
}

void refuse_without_pattern(const Json& group) {
  throw Error(ErrorCode::Data, kWhere,
              fmt::format("the {} files of the folder have no pattern in common: expected files that are named alike",
                          text(group, "format")),
              "put the files that belong together into a folder of their own");
}

const Json* event_group(const Json& groups, const Json& group) {
  for (const auto& one : groups) {
    const bool labels = &one != &group && text(one, "format") == "csv" && !text(one, "glob").empty();
    if (labels && child(one, "files") == child(group, "files") && event_columns_in(one)) return &one;
  }
  return nullptr;
}

const Json* item_field(const Json& group, const std::function<bool(const std::string&)>& is_label) {
  const Json* best = nullptr;
  for (const auto& field : child(group, "fields")) {
    const auto& shape = child(field, "shape");
    const bool number = text(field, "dtype").find("str") == std::string::npos;
    if (!shape.is_array() || shape.empty() || !number || is_label(text(field, "name"))) continue;
    if (best == nullptr || shape.size() > child(*best, "shape").size()) best = &field;
  }
  return best;
}

namespace {

std::set<std::string> time_columns(const Json& group) {
  std::set<std::string> times;
  for (const auto& time : child(group, "times")) {
    for (const auto& column : child(time, "columns")) {
      if (column.is_string()) times.insert(column.get<std::string>());
    }
  }
  return times;
}

}  // namespace

std::string frame_field(const Json& group, const std::function<bool(const std::string&)>& is_label) {
  const auto times = time_columns(group);
  std::string line;
  bool numbers = false;
  for (const auto& field : child(group, "fields")) {
    const auto name = text(field, "name");
    if (is_label(name)) continue;
    if (child(field, "hexadecimal") == true) return name;
    if (times.contains(name)) continue;
    if (child(field, "lines") == true && line.empty()) line = name;
    numbers = numbers || text(field, "dtype").find("str") == std::string::npos;
  }
  return numbers ? "" : line;
}

InputColumns input_columns(const Json& group, const std::function<bool(const std::string&)>& is_label) {
  const auto times = time_columns(group);
  std::set<std::string> labels;
  for (const auto& one : child(group, "labels")) {
    if (child(one, "named") == true && text(one, "place") == "column") labels.insert(text(one, "name"));
  }
  InputColumns columns;
  for (const auto& field : child(group, "fields")) {
    const auto name = text(field, "name");
    const bool number = text(field, "dtype").find("str") == std::string::npos;
    if (!number || is_label(name) || times.contains(name) || name == "index") continue;
    if (labels.contains(name)) {
      columns.left_out.emplace_back(name, "its name says that it is a label, too");
    } else if (child(field, "counts_up") == true) {
      columns.left_out.emplace_back(name, "it counts the rows");
    } else {
      columns.used.push_back(name);
    }
  }
  return columns;
}

void refuse_for_events(const Place& label) {
  throw Error(ErrorCode::Unsupported, kWhere,
              fmt::format("events cannot be told by a {}: got {}, expected label files beside the records", label.place,
                          label.name),
              "write a table for each record, with its name and an ending (NAME.events, NAME_events.csv) and a column "
              "\"sample\", "
              "or name a column of 0 and 1 of csv files, or leave out --label");
}

const Json& field_of(const Json& group, const std::string& name) {
  static const Json kNone;
  for (const auto& field : child(group, "fields")) {
    if (text(field, "name") == name) return field;
  }
  return kNone;
}

bool is_sorted_by(const Json& group, const std::string& name) {
  return child(field_of(group, name), "in_blocks") == true;
}

double likeness_of_rows(const Json& group, const std::vector<std::string>& columns) {
  std::vector<double> all;
  for (const auto& field : child(group, "fields")) {
    const auto& likeness = child(field, "likeness");
    const bool wanted = std::ranges::find(columns, text(field, "name")) != columns.end();
    if (wanted && likeness.is_number()) all.push_back(likeness.get<double>());
  }
  if (all.empty()) return 0;
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::ranges::nth_element(all, middle);
  return *middle;
}

std::string kind_in_words(const std::string& statement) {
  const auto lower = base::to_lower(statement);
  const auto has = [&](std::initializer_list<const char*> words) {
    return std::ranges::any_of(words, [&](const char* word) { return lower.find(word) != std::string::npos; });
  };
  if (has({"classif", "recogni", "which ", "tell ", "distinguish", "whether", "identify"})) return "class";
  if (has({"estimate", "predict", "forecast", "how much", "how many", "calibrat", "rate of"})) return "value";
  if (has({"detect", "find ", "locate", "mark", "count"})) return "events";
  return "";
}

std::string subject_field(const std::string& pattern) {
  return pattern.find("{subject}") == std::string::npos ? pattern : "subject";
}

std::string joined_pattern(const std::string& labels, const std::string& subjects) {
  const auto ours = base::split(labels, '{');
  const auto theirs = base::split(subjects, '{');
  std::string pattern;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const bool subject = i < theirs.size() && theirs[i].starts_with("subject}");
    pattern += (i == 0 ? "" : "{") + (subject ? theirs[i] : ours[i]);
  }
  return pattern;
}

}  // namespace gpiot::pipeline
