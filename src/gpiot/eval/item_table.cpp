#include "gpiot/eval/item_table.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "gpiot/base/error.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"

namespace gpiot::eval {
namespace {

using base::Error;
using base::ErrorCode;
using base::Json;
using Ids = std::vector<std::string>;

constexpr std::string_view kTable = "eval.table";
constexpr std::string_view kSplit = "eval.split";
constexpr double kChoosingShare = 0.3;  ///< of the development items, measured while programs are chosen
constexpr std::size_t kMostItems = 2'000'000;

[[noreturn]] void misfit(const std::string& problem) { throw Error(ErrorCode::Data, kTable, problem); }

template <typename T>
std::vector<T> column(const Json& root, const char* key, std::size_t count) {
  const auto node = root.find(key);
  if (node == root.end() || node->is_null()) return {};
  if (!node->is_array() || (count > 0 && node->size() != count)) {
    misfit(fmt::format("the table has no whole column {}: got {} entries, expected {}", key, node->size(), count));
  }
  std::vector<T> values;
  values.reserve(node->size());
  for (const auto& one : *node) {
    if constexpr (std::is_same_v<T, std::string>) {
      values.push_back(one.is_string() ? one.get<std::string>() : base::dump_json(one));
    } else {
      if (!one.is_number())
        misfit(fmt::format("the table's column {} holds no number: got {}", key, base::dump_json(one).substr(0, 60)));
      values.push_back(one.get<T>());
    }
  }
  return values;
}

/// Labels that are positions: lists of `axes` finite numbers.
std::vector<Position> positions_of(const Json& root, std::size_t count, std::size_t axes) {
  const auto node = root.find("labels");
  if (node == root.end() || !node->is_array() || node->size() != count) misfit("the table has no whole column labels");
  std::vector<Position> positions;
  for (const auto& one : *node) {
    const bool numbers = one.is_array() && one.size() == axes && std::ranges::all_of(one, [](const Json& v) {
                           return v.is_number() && std::isfinite(v.get<double>());
                         });
    if (!numbers) {
      misfit(fmt::format("a label is no position: got {}, expected {} finite numbers",
                         base::printable(base::dump_json(one)).substr(0, 60), axes));
    }
    positions.push_back(one.get<Position>());
  }
  return positions;
}

void read_labels(const core::Requirement& requirement, const Json& root, ItemTable& table) {
  if (requirement.labels.format.empty() || requirement.result.kind == "events") return;  // events: a file of each item
  if (requirement.result.kind == "class") table.classes = column<std::string>(root, "labels", table.ids.size());
  if (const auto axes = core::position_axes(requirement.result); axes > 0) {
    table.positions = positions_of(root, table.ids.size(), axes);
    return;
  }
  if (requirement.result.kind == "value") table.values = column<double>(root, "labels", table.ids.size());
  if (!std::ranges::all_of(table.values, [](double value) { return std::isfinite(value); })) {
    misfit("a label is not finite: expected numbers");
  }
  if (table.classes.empty() && table.values.empty()) misfit("the table has no labels, expected one for each item");
  const std::set<std::string> different(table.classes.begin(), table.classes.end());
  if (different.size() == 1) {
    misfit(fmt::format("all labels are the same: got \"{}\" for {} items, expected at least two classes",
                       base::printable(*different.begin()), table.ids.size()));
  }
}

Ids without(const Ids& all, const std::set<std::string>& taken) {
  Ids rest;
  std::ranges::copy_if(all, std::back_inserter(rest), [&](const auto& id) { return !taken.contains(id); });
  return rest;
}

/// The groups that a part names: a subject, a file, its stem, or a pattern such as "test/*".
std::set<std::string> named(const Ids& groups, const Ids& wanted, std::string_view key) {
  std::set<std::string> found;
  for (const auto& name : wanted) {
    const auto before = found.size();
    for (const auto& group : groups) {
      const auto file = group.substr(group.rfind('/') + 1);
      const bool fits =
          group == name || file.substr(0, file.rfind('.')) == name || ::fnmatch(name.c_str(), group.c_str(), 0) == 0;
      if (fits) found.insert(group);
    }
    if (found.size() > before) continue;
    throw Error(ErrorCode::Data, kSplit,
                fmt::format("{} names what is not there: got \"{}\", expected one of {}", key, base::printable(name),
                            base::printable(base::join(groups, ", ").substr(0, 400))));
  }
  return found;
}

/// Which groups are final. Groups in neither list, where both are given, are in neither part.
struct GroupParts {
  std::set<std::string> development;
  std::set<std::string> final_part;
};

GroupParts part_groups(const core::SplitFacts& facts, const Ids& groups) {
  GroupParts parts;
  parts.development = named(groups, facts.development, "split.development");
  parts.final_part = named(groups, facts.final_part, "split.final");
  const auto rest_of = [&](const std::set<std::string>& taken) {
    const auto rest = without(groups, taken);
    return std::set<std::string>(rest.begin(), rest.end());
  };
  if (parts.development.empty() && parts.final_part.empty()) {
    if (groups.size() < 2) {
      throw Error(ErrorCode::Data, kSplit,
                  fmt::format("there is only one {} to part: got {}, expected at least two", facts.by,
                              groups.empty() ? "none" : base::printable(groups.front())),
                  "split by \"time\", or bring the data of another one");
    }
    auto drawn = draw(groups, facts.final_share, facts.seed);
    if (drawn.empty()) drawn.push_back(groups.back());
    if (drawn.size() == groups.size()) drawn.pop_back();
    parts.final_part.insert(drawn.begin(), drawn.end());
  }
  if (parts.development.empty()) parts.development = rest_of(parts.final_part);
  if (parts.final_part.empty()) parts.final_part = rest_of(parts.development);
  return parts;
}

Split split_rows(const core::SplitFacts& facts, const ItemTable& table, const std::vector<std::size_t>& rows) {
  Split split;
  if (facts.by == "index") {
    Ids ids;
    for (const auto row : rows) ids.push_back(table.ids[row]);
    std::ranges::sort(ids);
    split.final_part = draw(ids, facts.final_share, facts.seed);
    split.development = without(ids, {split.final_part.begin(), split.final_part.end()});
  } else if (facts.by == "time") {
    std::map<std::string, std::vector<std::size_t>> by_file;
    for (const auto row : rows) by_file[table.files[row]].push_back(row);
    for (auto& [file, items] : by_file) {
      std::ranges::stable_sort(items, {}, [&](std::size_t row) { return table.times[row]; });
      const auto cut =
          static_cast<std::size_t>(std::llround((1 - facts.final_share) * static_cast<double>(items.size())));
      for (std::size_t i = 0; i < items.size(); ++i) {
        (i < cut ? split.development : split.final_part).push_back(table.ids[items[i]]);
      }
    }
  } else {
    const auto& group_of = facts.by == "subject" ? table.subjects : table.files;
    std::set<std::string> groups;
    for (const auto row : rows) groups.insert(group_of[row]);
    const auto parts = part_groups(facts, {groups.begin(), groups.end()});
    for (const auto row : rows) {
      if (parts.final_part.contains(group_of[row])) {
        split.final_part.push_back(table.ids[row]);
      } else if (parts.development.contains(group_of[row])) {
        split.development.push_back(table.ids[row]);
      }
    }
  }
  return split;
}

std::map<std::string, std::size_t> row_of_id(const ItemTable& table) {
  std::map<std::string, std::size_t> rows;
  for (std::size_t row = 0; row < table.ids.size(); ++row) rows[table.ids[row]] = row;
  return rows;
}

}  // namespace

ItemTable parse_item_table(const core::Requirement& requirement, std::string_view text) {
  const Json root = base::parse_json(text, kTable, "table.json");
  if (!root.is_object()) misfit("table.json is no object");
  ItemTable table;
  table.ids = column<std::string>(root, "ids", 0);
  if (table.ids.empty()) misfit("the data folder holds no items: expected at least two");
  if (table.ids.size() > kMostItems)
    misfit(fmt::format("too many items: got {}, expected at most {}", table.ids.size(), kMostItems));
  if (row_of_id(table).size() != table.ids.size()) misfit("two items have the same id");
  table.files = column<std::string>(root, "files", table.ids.size());
  table.times = column<std::int64_t>(root, "times", table.ids.size());
  table.subjects = column<std::string>(root, "subjects", table.ids.size());
  table.lengths = column<std::int64_t>(root, "lengths", table.ids.size());
  table.rate_hz = root.contains("rate_hz") && root["rate_hz"].is_number() ? root["rate_hz"].get<double>() : 0;
  for (const auto& note : column<std::string>(root, "notes", 0)) table.notes.push_back(base::printable(note));
  if (table.files.empty() || table.times.empty()) misfit("the table names no files or times");
  if (requirement.split.by == "subject" && table.subjects.empty()) misfit("the table names no subjects");
  read_labels(requirement, root, table);
  return table;
}

Split split_items(const core::Requirement& requirement, const ItemTable& table) {
  std::vector<std::size_t> rows(table.ids.size());
  for (std::size_t row = 0; row < rows.size(); ++row) rows[row] = row;
  if (table.ids.size() == 1 && requirement.labels.format.empty()) return {table.ids, table.ids};
  auto split = split_rows(requirement.split, table, rows);
  if (!split.development.empty() && !split.final_part.empty()) return split;
  throw Error(ErrorCode::Data, kSplit,
              fmt::format("the split leaves a part without items: got {} development and {} final of {} items",
                          split.development.size(), split.final_part.size(), table.ids.size()));
}

namespace {

/// Whether each class that is asked for is among those to learn from; true where there are no classes.
bool covers_its_classes(const ItemTable& table, const Split& split) {
  if (table.classes.empty()) return true;
  const auto row_of = row_of_id(table);
  std::set<std::string> known;
  for (const auto& id : split.development) known.insert(table.classes[row_of.at(id)]);
  return std::ranges::all_of(split.final_part,
                             [&](const auto& id) { return known.contains(table.classes[row_of.at(id)]); });
}

/// A seeded share of each class, in the order of the table.
Split dealt_by_class(const core::SplitFacts& facts, const ItemTable& table, const std::vector<std::size_t>& rows) {
  std::map<std::string, Ids> members;
  for (const auto row : rows) members[table.classes[row]].push_back(table.ids[row]);
  std::set<std::string> drawn;
  for (const auto& [label, ids] : members) {
    const auto some = draw(ids, facts.final_share, facts.seed);
    drawn.insert(some.begin(), some.end());
  }
  Split split;
  for (const auto row : rows) {
    (drawn.contains(table.ids[row]) ? split.final_part : split.development).push_back(table.ids[row]);
  }
  return split;
}

}  // namespace

Split split_for_choosing(const core::Requirement& requirement, const ItemTable& table, const Ids& development) {
  const auto row_of = row_of_id(table);
  std::vector<std::size_t> rows;
  for (const auto& id : development) rows.push_back(row_of.at(id));
  auto facts = requirement.split;
  facts.development.clear();
  facts.final_part.clear();
  facts.final_share = kChoosingShare;
  const auto& group_of = facts.by == "subject" ? table.subjects : table.files;
  std::set<std::string> groups;
  if (facts.by == "subject" || facts.by == "file") {
    for (const auto row : rows) groups.insert(group_of[row]);
    if (groups.size() < 2) facts.by = "time";
  }
  auto split = split_rows(facts, table, rows);
  return covers_its_classes(table, split) ? split : dealt_by_class(facts, table, rows);
}

std::vector<RecordFacts> facts_of_items(const ItemTable& table, const Ids& ids) {
  const auto row_of = row_of_id(table);
  std::vector<RecordFacts> facts;
  for (const auto& id : ids) {
    const auto row = row_of.at(id);
    facts.push_back({id, table.lengths.empty() ? 0 : table.lengths[row], table.rate_hz, {table.files[row]}});
  }
  return facts;
}

Truth truth_of_items(const ItemTable& table, const Ids& ids, const Ids& learning) {
  const auto row_of = row_of_id(table);
  Truth truth;
  for (const auto& id : ids) {
    const auto row = row_of.at(id);
    if (!table.classes.empty()) truth.classes[id] = table.classes[row];
    if (!table.values.empty()) truth.values[id] = table.values[row];
    if (!table.positions.empty()) truth.positions[id] = table.positions[row];
  }
  for (const auto& id : learning) {
    const auto row = row_of.at(id);
    if (!table.classes.empty()) truth.learning_classes.push_back(table.classes[row]);
    if (!table.values.empty()) truth.learning_values.push_back(table.values[row]);
    if (!table.positions.empty()) truth.learning_positions.push_back(table.positions[row]);
  }
  return truth;
}

std::map<std::string, double> last_seen_of_items(const core::Requirement& requirement, const ItemTable& table,
                                                 const Ids& ids) {
  std::map<std::string, double> last_seen;
  // With a limit the rows between two that are left are not known.
  if (requirement.split.by != "time" || table.values.empty() || requirement.split.limit > 0) return last_seen;
  std::map<std::string, std::vector<std::size_t>> by_file;
  for (std::size_t row = 0; row < table.ids.size(); ++row) by_file[table.files[row]].push_back(row);
  const std::set<std::string> wanted(ids.begin(), ids.end());
  const auto back = static_cast<std::size_t>(requirement.evaluator.horizon_items);
  for (auto& [file, rows] : by_file) {
    std::ranges::stable_sort(rows, {}, [&](std::size_t row) { return table.times[row]; });
    for (std::size_t i = back; i < rows.size(); ++i) {
      if (wanted.contains(table.ids[rows[i]])) last_seen[table.ids[rows[i]]] = table.values[rows[i - back]];
    }
  }
  return last_seen;
}

}  // namespace gpiot::eval
