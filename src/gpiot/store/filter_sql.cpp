#include "gpiot/store/filter_sql.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

namespace gpiot::store {
namespace {

/// What a column must be one of.
struct Condition {
  std::string_view column;
  std::vector<std::string> values;
};

/// Over the tables s (source) and p (passage).
std::vector<Condition> conditions_of(const Filter& filter) {
  std::vector<Condition> all = {{"s.name", filter.sources}, {"p.kind", filter.kinds}};
  if (!filter.version.empty()) all.push_back({"s.version", {filter.version}});
  if (!filter.licence.empty()) all.push_back({"s.licence", {filter.licence}});
  std::erase_if(all, [](const Condition& condition) { return condition.values.empty(); });
  return all;
}

}  // namespace

std::string filter_joins() { return " JOIN document d ON d.id = p.document JOIN source s ON s.id = d.source "; }

std::string filter_conditions(const Filter& filter, int first) {
  std::string sql;
  for (const auto& condition : conditions_of(filter)) {
    sql += fmt::format(" AND {} IN (", condition.column);
    for (std::size_t i = 0; i < condition.values.size(); ++i) sql += fmt::format("{}?{}", i == 0 ? "" : ", ", first++);
    sql += ')';
  }
  return sql;
}

void bind_filter(Statement& statement, const Filter& filter, int first) {
  for (const auto& condition : conditions_of(filter)) {
    for (const auto& value : condition.values) statement.bind(first++, value);
  }
}

}  // namespace gpiot::store
