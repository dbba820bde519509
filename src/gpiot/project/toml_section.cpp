#include "gpiot/project/toml_section.h"

#include <algorithm>
#include <numeric>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"

namespace gpiot::project {
namespace {

using base::Error;
using base::ErrorCode;
using Names = std::vector<std::string>;

constexpr std::string_view kWhere = "project.requirement";

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t k = 0; k < b.size(); ++k) {
      const std::size_t replaced = diagonal + (a[i] == b[k] ? 0 : 1);
      diagonal = row[k + 1];
      row[k + 1] = std::min({replaced, row[k] + 1, diagonal + 1});
    }
  }
  return row.back();
}

std::string nearest(std::string_view key, const Names& known) {
  const auto best = std::min_element(known.begin(), known.end(), [&](const auto& a, const auto& b) {
    return edit_distance(key, a) < edit_distance(key, b);
  });
  return best == known.end() ? std::string() : *best;
}

}  // namespace

std::string KeyLines::locate(std::string_view key) const {
  const auto found = line_of_key.find(key);
  if (found == line_of_key.end()) return fmt::format("{}, {}", file, key);
  return fmt::format("{} line {}, {}", file, found->second, key);
}

TomlSection::TomlSection(const toml::table* table, std::string prefix, KeyLines& lines, const Names& known)
    : table_(table), prefix_(std::move(prefix)), lines_(lines) {
  if (table_ == nullptr) return;
  for (const auto& [key, node] : *table_) {
    const std::string shown(key.str());
    lines_.line_of_key[prefix_ + shown] = key.source().begin.line + lines_.lines_before;
    if (std::find(known.begin(), known.end(), shown) != known.end()) continue;
    throw Error(ErrorCode::Format, kWhere,
                fmt::format("unknown key at {}: got \"{}\", expected one of {}; did you mean \"{}\"?",
                            lines_.locate(base::printable(prefix_ + shown)), base::printable(shown),
                            base::join(known, ", "), nearest(shown, known)),
                fmt::format("write {} or remove the key", nearest(shown, known)));
  }
}

const toml::node* TomlSection::find(std::string_view key, bool required) const {
  const toml::node* node = table_ == nullptr ? nullptr : table_->get(key);
  if (node == nullptr && required) {
    throw Error(ErrorCode::Format, kWhere,
                fmt::format("missing key: got no {}{} in {}, expected it", prefix_, key, lines_.file));
  }
  return node;
}

void TomlSection::text(std::string_view key, std::string& value, bool required) const {
  if (const auto* node = find(key, required)) value = typed<std::string>(key, *node, "a text in quotes");
}

std::optional<double> TomlSection::number(std::string_view key) const {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (node->is_integer()) return static_cast<double>(**node->as_integer());
  return typed<double>(key, *node, "a number");
}

void TomlSection::natural(std::string_view key, std::uint64_t& value) const {
  const auto* node = find(key);
  if (node == nullptr) return;
  const auto whole = typed<std::int64_t>(key, *node, "a whole number");
  if (whole < 0) wrong_type(key, fmt::format("{}", whole), "a whole number of 0 or more");
  value = static_cast<std::uint64_t>(whole);
}

void TomlSection::truth(std::string_view key, bool& value) const {
  if (const auto* node = find(key)) value = typed<bool>(key, *node, "true or false");
}

void TomlSection::texts(std::string_view key, Names& values) const {
  const auto* node = find(key);
  if (node == nullptr) return;
  const auto* array = node->as_array();
  if (array == nullptr) wrong_type(key, kind(*node), "a list of texts");
  values.clear();
  for (const auto& item : *array) values.push_back(typed<std::string>(key, item, "a list of texts"));
}

const toml::table* TomlSection::table(std::string_view key, bool required) const {
  const auto* node = find(key, required);
  if (node == nullptr) return nullptr;
  if (!node->is_table()) wrong_type(key, kind(*node), fmt::format("a table [{}{}]", prefix_, key));
  return node->as_table();
}

void TomlSection::wrong_type(std::string_view key, std::string_view got, std::string_view expected) const {
  throw Error(ErrorCode::Format, kWhere,
              fmt::format("{} has the wrong type: got {}, expected {}", lines_.locate(prefix_ + std::string(key)), got,
                          expected));
}

std::string TomlSection::kind(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a text";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

}  // namespace gpiot::project
