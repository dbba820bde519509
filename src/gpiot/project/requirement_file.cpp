#include "gpiot/project/requirement_file.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <numeric>
#include <optional>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"
#include "gpiot/project/requirement_checks.h"

namespace gpiot::project {
namespace {

using base::Error;
using base::ErrorCode;
using Names = std::vector<std::string>;

constexpr std::string_view kWhere = "project.requirement";
constexpr std::string_view kFence = "+++";

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

/// What the file says, cut at the fences. TOML line n is line n + 1 of the file.
struct Parts {
  std::string_view front_matter;
  std::string statement;
};

Parts cut(std::string_view text, std::string_view name) {
  std::size_t start = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  const auto line_end = [&](std::size_t from) { return std::min(text.find('\n', from), text.size()); };
  std::size_t end = line_end(start);
  if (base::trim(text.substr(start, end - start)) != kFence) {
    throw Error(ErrorCode::Format, kWhere,
                fmt::format("{} line 1 does not begin the front matter: got \"{}\", expected +++", name,
                            base::printable(text.substr(start, std::min<std::size_t>(end - start, 60)))));
  }
  const std::size_t body = std::min(end + 1, text.size());
  for (start = body; start < text.size(); start = end + 1) {
    end = line_end(start);
    if (base::trim(text.substr(start, end - start)) != kFence) continue;
    const auto rest = text.substr(std::min(end + 1, text.size()));
    return {text.substr(body, start - body), base::trim(base::replace_all(std::string(rest), "\r\n", "\n"))};
  }
  throw Error(ErrorCode::Format, kWhere,
              fmt::format("{} has no end of the front matter: expected a second line +++", name));
}

/// Lines of all keys met, so that value checks can name them.
struct Lines {
  std::string file;
  std::map<std::string, unsigned, std::less<>> line_of_key;
  [[nodiscard]] std::string locate(std::string_view key) const {
    const auto found = line_of_key.find(key);
    if (found == line_of_key.end()) return fmt::format("{}, {}", file, key);
    return fmt::format("{} line {}, {}", file, found->second, key);
  }
};

/// One table of the front matter: refuses keys it does not know, reads the others by type.
class Section {
 public:
  Section(const toml::table* table, std::string prefix, Lines& lines, const Names& known)
      : table_(table), prefix_(std::move(prefix)), lines_(lines) {
    if (table_ == nullptr) return;
    for (const auto& [key, node] : *table_) {
      const std::string shown(key.str());
      lines_.line_of_key[prefix_ + shown] = key.source().begin.line + 1;
      if (std::find(known.begin(), known.end(), shown) != known.end()) continue;
      throw Error(ErrorCode::Format, kWhere,
                  fmt::format("unknown key at {}: got \"{}\", expected one of {}; did you mean \"{}\"?",
                              lines_.locate(base::printable(prefix_ + shown)), base::printable(shown),
                              base::join(known, ", "), nearest(shown, known)),
                  fmt::format("write {} or remove the key", nearest(shown, known)));
    }
  }

  /// The node of a key, null where it is not given. Errors: Format where it is `required`.
  const toml::node* find(std::string_view key, bool required = false) const {
    const toml::node* node = table_ == nullptr ? nullptr : table_->get(key);
    if (node == nullptr && required) {
      throw Error(ErrorCode::Format, kWhere,
                  fmt::format("missing key: got no {}{} in {}, expected it", prefix_, key, lines_.file));
    }
    return node;
  }

  void text(std::string_view key, std::string& value, bool required = false) const {
    if (const auto* node = find(key, required)) value = typed<std::string>(key, *node, "a text in quotes");
  }

  std::optional<double> number(std::string_view key) const {
    const auto* node = find(key);
    if (node == nullptr) return std::nullopt;
    if (node->is_integer()) return static_cast<double>(**node->as_integer());
    return typed<double>(key, *node, "a number");
  }

  void natural(std::string_view key, std::uint64_t& value) const {
    const auto* node = find(key);
    if (node == nullptr) return;
    const auto whole = typed<std::int64_t>(key, *node, "a whole number");
    if (whole < 0) wrong_type(key, fmt::format("{}", whole), "a whole number of 0 or more");
    value = static_cast<std::uint64_t>(whole);
  }

  void texts(std::string_view key, Names& values) const {
    const auto* node = find(key);
    if (node == nullptr) return;
    const auto* array = node->as_array();
    if (array == nullptr) wrong_type(key, kind(*node), "a list of texts");
    values.clear();
    for (const auto& item : *array) values.push_back(typed<std::string>(key, item, "a list of texts"));
  }

  const toml::table* table(std::string_view key, bool required = false) const {
    const auto* node = find(key, required);
    if (node == nullptr) return nullptr;
    if (!node->is_table()) wrong_type(key, kind(*node), fmt::format("a table [{}{}]", prefix_, key));
    return node->as_table();
  }

  [[noreturn]] void wrong_type(std::string_view key, std::string_view got, std::string_view expected) const {
    throw Error(ErrorCode::Format, kWhere,
                fmt::format("{} has the wrong type: got {}, expected {}", lines_.locate(prefix_ + std::string(key)),
                            got, expected));
  }

  static std::string kind(const toml::node& node) {
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

 private:
  template <typename T>
  T typed(std::string_view key, const toml::node& node, std::string_view expected) const {
    if (const auto* value = node.as<T>()) return **value;
    wrong_type(key, kind(node), expected);
  }

  const toml::table* table_;
  std::string prefix_;
  Lines& lines_;
};

core::Variable read_variable(const toml::table* table, const std::string& prefix, Lines& lines) {
  const Section section(table, prefix + ".", lines, {"name", "type", "dtype", "shape", "unit", "description"});
  core::Variable variable;
  section.text("name", variable.name, true);
  section.text("type", variable.type, true);
  section.text("dtype", variable.dtype);
  section.text("shape", variable.shape);
  section.text("unit", variable.unit);
  section.text("description", variable.description);
  return variable;
}

core::DataFacts read_data(const toml::table* table, Lines& lines) {
  const Section section(table, "data.", lines, {"path", "format", "files", "channel", "rate_hz", "inputs"});
  core::DataFacts data;
  section.text("path", data.path, true);
  section.text("format", data.format, true);
  section.text("files", data.files, true);
  section.text("channel", data.channel);
  data.rate_hz = section.number("rate_hz").value_or(0);
  const auto* inputs = section.find("inputs", true)->as_array();
  if (inputs == nullptr) section.wrong_type("inputs", "no list", "one table [[data.inputs]] for each input");
  for (const auto& item : *inputs) {
    if (!item.is_table()) section.wrong_type("inputs", Section::kind(item), "tables [[data.inputs]]");
    data.inputs.push_back(read_variable(item.as_table(), fmt::format("data.inputs[{}]", data.inputs.size()), lines));
  }
  return data;
}

core::LabelFacts read_labels(const toml::table* table, Lines& lines) {
  const Section section(table, "labels.", lines, {"format", "files", "symbols", "column"});
  core::LabelFacts labels;
  section.text("format", labels.format, table != nullptr);
  section.text("files", labels.files, table != nullptr);
  section.texts("symbols", labels.symbols);
  section.text("column", labels.column, labels.format == "csv");
  return labels;
}

core::SplitFacts read_split(const toml::table* table, Lines& lines) {
  const Section section(table, "split.", lines, {"by", "development", "final", "final_share", "seed"});
  core::SplitFacts split;
  section.text("by", split.by);
  section.texts("development", split.development);
  section.texts("final", split.final_part);
  split.final_share = section.number("final_share").value_or(split.final_share);
  section.natural("seed", split.seed);
  return split;
}

core::EvaluatorFacts read_evaluator(const toml::table* table, Lines& lines) {
  const Section section(table, "evaluator.", lines, {"kind", "tolerance_ms", "precision", "recall"});
  core::EvaluatorFacts evaluator;
  section.text("kind", evaluator.kind, true);
  evaluator.tolerance_ms = section.number("tolerance_ms").value_or(evaluator.tolerance_ms);
  evaluator.precision = section.number("precision");
  evaluator.recall = section.number("recall");
  return evaluator;
}

core::Requirement read_requirement(const toml::table& root, Lines& lines) {
  const Section top(&root, "", lines,
                    {"title", "packages", "data", "labels", "split", "result", "evaluator", "budget"});
  core::Requirement requirement;
  top.text("title", requirement.title, true);
  top.texts("packages", requirement.packages);
  requirement.data = read_data(top.table("data", true), lines);
  requirement.labels = read_labels(top.table("labels"), lines);
  requirement.split = read_split(top.table("split"), lines);
  const Section result(top.table("result", true), "result.", lines, {"kind", "variable"});
  result.text("kind", requirement.result.kind, true);
  requirement.result.variable = read_variable(result.table("variable", true), "result.variable", lines);
  requirement.evaluator = read_evaluator(top.table("evaluator", true), lines);
  const Section budget(top.table("budget"), "budget.", lines, {"memory_mb", "memory_counts", "wall_s"});
  requirement.budget.memory_mb = budget.number("memory_mb");
  budget.text("memory_counts", requirement.budget.memory_counts);
  requirement.budget.wall_s = budget.number("wall_s");
  return requirement;
}

}  // namespace

bool is_python_name(std::string_view name) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
  if (name.empty() || name.size() > 64 || kLetters.find(name.front()) == std::string_view::npos) return false;
  if (name.find_first_not_of(std::string(kLetters) + "0123456789") != std::string_view::npos) return false;
  return name != "True" && name != "False" && name != "None" &&
         base::to_identifier(name, 80) != std::string(name) + "_step";
}

core::Requirement parse_requirement(std::string_view text, std::string_view name) {
  if (text.size() > kMaxRequirementBytes) {
    throw Error(
        ErrorCode::Capacity, kWhere,
        fmt::format("{} is too large: got {} bytes, expected at most {}", name, text.size(), kMaxRequirementBytes));
  }
  if (!base::is_valid_utf8(text)) {
    throw Error(ErrorCode::Format, kWhere, fmt::format("{} is not UTF-8 text", name),
                "save the file as UTF-8 in your editor");
  }
  auto parts = cut(text, name);
  Lines lines{std::string(name), {}};
  try {
    const toml::table root = toml::parse(parts.front_matter);
    auto requirement = read_requirement(root, lines);
    check_statement(parts.statement, name);
    requirement.statement = std::move(parts.statement);
    check_requirement(requirement, [&](std::string_view key) { return lines.locate(key); });
    return requirement;
  } catch (const toml::parse_error& error) {
    throw Error(ErrorCode::Format, kWhere,
                fmt::format("{} line {} is not TOML: {}", name, error.source().begin.line + 1,
                            base::printable(error.description())));
  }
}

core::Requirement load_requirement(const std::filesystem::path& path) {
  std::error_code failure;
  if (std::filesystem::status(path, failure).type() == std::filesystem::file_type::not_found) {
    throw Error(ErrorCode::NotFound, kWhere,
                fmt::format("no requirement in the project: got no file {}, expected it", path.string()),
                "write it after the pattern of examples/, or give the requirement in words together with --data DIR");
  }
  return parse_requirement(base::read_file(path, kWhere, kMaxRequirementBytes), path.filename().string());
}

}  // namespace gpiot::project
