#include "gpiot/pipeline/figure_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "gpiot/base/strings.h"

namespace gpiot::pipeline {
namespace {

using base::Json;
using Names = std::vector<std::pair<const char*, const char*>>;  ///< key in the report, name in the table

/// The parts of a report and what is shown of them, in order; a part that is not there is left out.
struct Shown {
  const char* part;
  Names figures;
};

const std::vector<Shown>& shown_parts() {
  static const std::vector<Shown> kParts = {
      {"pooled", {{"precision", "precision"}, {"recall", "recall"}, {"f1", "F1"}}},
      {"segments",
       {{"covering", "covering"},
        {"hausdorff_ms", "Hausdorff distance, ms"},
        {"annotation_error", "annotation error"}}},
      {"anomalies", {{"false_alarms_per_hour", "false alarms per hour"}}},
      {"classes", {{"accuracy", "accuracy"}, {"macro_f1", "macro F1"}}},
      {"values", {{"mae", "MAE"}, {"rmse", "RMSE"}, {"r2", "R2"}}},
      {"positions",
       {{"mean_error", "mean error, m"},
        {"median_error", "median error, m"},
        {"p90_error", "90th percentile, m"},
        {"within_radius", "share within the radius"}}},
      {"exact", {{"exact", "exact"}}}};
  return kParts;
}

const Json& part_of(const Json& object, const char* key) {
  static const Json kNone;
  if (!object.is_object()) return kNone;
  const auto found = object.find(key);
  return found == object.end() ? kNone : *found;
}

std::string cell(const Json& object, const char* key) {
  constexpr double kWhole = 1e4;  // from here on four digits would be written with an exponent
  const auto& value = part_of(object, key);
  if (!value.is_number()) return "-";
  const auto number = value.get<double>();
  return std::abs(number) >= kWhole && std::abs(number) < 1e12 ? fmt::format("{:.0f}", number)
                                                               : fmt::format("{:.4g}", number);
}

std::string always(const Json& answer) {
  if (answer.is_string()) return base::printable(answer.get<std::string>()).substr(0, 40);
  if (answer.is_number()) return fmt::format("{:.4g}", answer.get<double>());
  return "the mean position";
}

std::string last_seen(const Json& persistence) {
  const auto back = persistence.value("items_back", 1);
  return back == 1 ? "last seen" : fmt::format("seen {} items before", back);
}

void add_rows(const Json& part, const Names& names, FigureTable& table) {
  const auto& baseline = part_of(part, "baseline");
  const auto& persistence = part_of(part, "persistence");
  if (table.columns.empty()) table.columns.emplace_back("program");
  if (baseline.is_object()) table.columns.push_back("always " + always(part_of(baseline, "always")));
  if (persistence.is_object()) table.columns.push_back(last_seen(persistence));
  for (const auto& [key, name] : names) {
    if (!part.contains(key)) continue;
    std::vector<std::string> cells = {cell(part, key)};
    if (baseline.is_object()) cells.push_back(cell(baseline, key));
    if (persistence.is_object()) cells.push_back(cell(persistence, key));
    table.rows.emplace_back(name, std::move(cells));
  }
}

}  // namespace

FigureTable figure_table(const Json& measured) {
  FigureTable table;
  for (const auto& [part, names] : shown_parts()) {
    const auto& figures = part_of(measured, part);
    if (figures.is_object()) add_rows(figures, names, table);
  }
  return table;
}

std::vector<std::string> table_lines(const FigureTable& table) {
  std::vector<std::string> lines;
  if (table.rows.empty()) return lines;
  std::size_t head = 0;
  for (const auto& [name, cells] : table.rows) head = std::max(head, name.size());
  std::string line(head, ' ');
  for (const auto& column : table.columns) line += fmt::format("  {:>9}", column);
  lines.push_back(line);
  for (const auto& [name, cells] : table.rows) {
    line = fmt::format("{:<{}}", name, head);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      line += fmt::format("  {:>{}}", cells[i], std::max<std::size_t>(table.columns[i].size(), 9));
    }
    lines.push_back(line);
  }
  return lines;
}

}  // namespace gpiot::pipeline
