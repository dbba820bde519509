#include "gpiot/eval/csv_column.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"
#include "gpiot/eval/data_folder.h"

namespace gpiot::eval {
namespace {

constexpr std::string_view kWhere = "eval.csv";
constexpr std::string_view kSeparators = ",;\t";

/// As `gpiot init` reads tables: what stands between the names, outside of quotes.
char separator_of(std::string_view header) {
  bool quoted = false;
  std::array<std::size_t, kSeparators.size()> counts{};
  for (const char c : header) {
    if (c == '"') quoted = !quoted;
    if (const auto at = kSeparators.find(c); at != std::string_view::npos && !quoted) ++counts[at];
  }
  return kSeparators[static_cast<std::size_t>(std::ranges::max_element(counts) - counts.begin())];
}

std::vector<std::string> cells(std::string_view line, char separator) {
  std::vector<std::string> found(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') {
      if (quoted && i + 1 < line.size() && line[i + 1] == '"') {
        found.back() += '"';
        ++i;
      } else {
        quoted = !quoted;
      }
    } else if (line[i] == separator && !quoted) {
      found.back() = base::trim(found.back());
      found.emplace_back();
    } else {
      found.back() += line[i];
    }
  }
  found.back() = base::trim(found.back());
  return found;
}

}  // namespace

std::vector<std::string> read_csv_column(const std::filesystem::path& path, const std::string& column) {
  const auto content = read_data(path);
  std::string_view text = content;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const auto lines = base::split_lines(text);
  const char separator = lines.empty() ? ',' : separator_of(lines[0]);
  const auto header = lines.empty() ? std::vector<std::string>() : cells(lines[0], separator);
  const auto found = std::find(header.begin(), header.end(), column);
  if (found == header.end()) {
    throw base::Error(base::ErrorCode::Data, kWhere,
                      fmt::format("{} has no column \"{}\": got {}", path.string(), column,
                                  base::printable(base::join(header, ", ")).substr(0, 400)));
  }
  const auto index = static_cast<std::size_t>(found - header.begin());
  std::vector<std::string> values;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (base::trim(lines[i]).empty()) continue;
    auto row = cells(lines[i], separator);
    if (row.size() <= index) {
      throw base::Error(base::ErrorCode::Data, kWhere,
                        fmt::format("{} line {} is too short: got {} cells, expected at least {}", path.string(), i + 1,
                                    row.size(), index + 1));
    }
    values.push_back(std::move(row[index]));
  }
  return values;
}

std::string quoted_cell(const std::string& cell) {
  const bool plain = !cell.empty() && cell.find_first_of(",;\t\"") == std::string::npos;
  return plain ? cell : '"' + base::replace_all(cell, "\"", "\"\"") + '"';
}

}  // namespace gpiot::eval
