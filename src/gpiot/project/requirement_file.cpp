#include "gpiot/project/requirement_file.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"
#include "gpiot/project/requirement_checks.h"
#include "gpiot/project/toml_section.h"

namespace gpiot::project {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "project.requirement";
constexpr std::string_view kFence = "+++";

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

core::Variable read_variable(const toml::table* table, const std::string& prefix, KeyLines& lines) {
  const TomlSection section(table, prefix + ".", lines, {"name", "type", "dtype", "shape", "unit", "description"});
  core::Variable variable;
  section.text("name", variable.name, true);
  section.text("type", variable.type, true);
  section.text("dtype", variable.dtype);
  section.text("shape", variable.shape);
  section.text("unit", variable.unit);
  section.text("description", variable.description);
  return variable;
}

/// One `[[data.inputs]]`: the variable, and where it stands in its file.
std::pair<core::Variable, core::InputSource> read_input(const toml::table* table, const std::string& prefix,
                                                        KeyLines& lines) {
  toml::table variable = *table;
  core::InputSource source;
  const TomlSection section(table, prefix + ".", lines,
                            {"name", "type", "dtype", "shape", "unit", "description", "key", "columns"});
  section.text("key", source.key);
  section.texts("columns", source.columns);
  variable.erase("key");
  variable.erase("columns");
  return {read_variable(&variable, prefix, lines), source};
}

core::DataFacts read_data(const toml::table* table, KeyLines& lines) {
  const TomlSection section(table, "data.", lines,
                            {"path", "format", "files", "items", "window_s", "step_s", "channel", "rate_hz", "inputs"});
  core::DataFacts data;
  section.text("path", data.path, true);
  section.text("format", data.format, true);
  section.text("files", data.files, true);
  section.text("items", data.items);
  data.window_s = section.number("window_s").value_or(0);
  data.step_s = section.number("step_s").value_or(0);
  section.text("channel", data.channel);
  data.rate_hz = section.number("rate_hz").value_or(0);
  const auto* inputs = section.find("inputs", true)->as_array();
  if (inputs == nullptr) section.wrong_type("inputs", "no list", "one table [[data.inputs]] for each input");
  for (const auto& item : *inputs) {
    if (!item.is_table()) section.wrong_type("inputs", TomlSection::kind(item), "tables [[data.inputs]]");
    auto [variable, source] = read_input(item.as_table(), fmt::format("data.inputs[{}]", data.inputs.size()), lines);
    data.inputs.push_back(std::move(variable));
    data.sources.push_back(std::move(source));
  }
  return data;
}

core::LabelFacts read_labels(const toml::table* table, KeyLines& lines) {
  const TomlSection section(table, "labels.", lines,
                            {"format", "files", "symbols", "column", "end_column", "columns", "key", "keys", "pattern",
                             "names_key", "names"});
  core::LabelFacts labels;
  section.text("format", labels.format, table != nullptr);
  const bool in_files = labels.format == "csv" || labels.format == "wfdb-annotations" || labels.format == "lines";
  section.text("files", labels.files, in_files);
  section.texts("symbols", labels.symbols);
  const bool in_arrays = labels.format == "key";
  if (section.find(in_arrays ? "columns" : "keys") != nullptr) {
    section.wrong_type(in_arrays ? "columns" : "keys",
                       "it with labels.format = \"" + base::printable(labels.format) + "\"",
                       in_arrays ? "keys, a list of arrays" : "columns, a list of columns");
  }
  section.texts(in_arrays ? "keys" : "columns", labels.columns);
  const bool one = labels.columns.empty();
  section.text("column", labels.column,
               labels.format == "csv" || labels.format == "marks" || (labels.format == "column" && one));
  section.text("end_column", labels.end_column);
  section.text("key", labels.key, labels.format == "key" && labels.files.empty() && one);
  section.text("pattern", labels.pattern, labels.format == "name");
  section.text("names_key", labels.names_key);
  section.texts("names", labels.names);
  return labels;
}

core::SplitFacts read_split(const toml::table* table, KeyLines& lines) {
  const TomlSection section(table, "split.", lines,
                            {"by", "subject", "development", "final", "final_share", "seed", "limit"});
  core::SplitFacts split;
  section.text("by", split.by);
  section.text("subject", split.subject, split.by == "subject");
  section.texts("development", split.development);
  section.texts("final", split.final_part);
  split.final_share = section.number("final_share").value_or(split.final_share);
  section.natural("seed", split.seed);
  section.natural("limit", split.limit);
  return split;
}

/// "f_beta >= 0.9" or "delay_s <= 3".
core::WantedFigure parse_wanted(const std::string& text, const std::string& place) {
  const auto upper = text.find("<=");
  const auto at = upper == std::string::npos ? text.find(">=") : upper;
  core::WantedFigure wanted;
  if (at != std::string::npos) {
    wanted = {base::trim(text.substr(0, at)), 0, upper != std::string::npos};
    const auto number = base::trim(text.substr(at + 2));
    char* end = nullptr;
    wanted.bound = std::strtod(number.c_str(), &end);
    if (!wanted.metric.empty() && !number.empty() && *end == '\0') return wanted;
  }
  throw Error(
      ErrorCode::Format, kWhere,
      fmt::format("{} is wrong: got \"{}\", expected a bound such as \"f_beta >= 0.9\"", place, base::printable(text)));
}

core::EvaluatorFacts read_evaluator(const toml::table* table, KeyLines& lines) {
  std::vector<std::string> known = {"kind", "tolerance_ms", "tolerance", "radius", "horizon_items", "file", "wanted"};
  for (const auto& threshold : core::threshold_keys()) known.emplace_back(threshold.key);
  const TomlSection section(table, "evaluator.", lines, known);
  core::EvaluatorFacts evaluator;
  section.text("kind", evaluator.kind, true);
  evaluator.tolerance_ms = section.number("tolerance_ms").value_or(evaluator.tolerance_ms);
  evaluator.tolerance = section.number("tolerance").value_or(0);
  evaluator.radius = section.number("radius").value_or(0);
  section.natural("horizon_items", evaluator.horizon_items);
  for (const auto& threshold : core::threshold_keys()) evaluator.*threshold.value = section.number(threshold.key);
  section.text("file", evaluator.file, evaluator.kind == "file");
  std::vector<std::string> wanted;
  section.texts("wanted", wanted);
  for (const auto& text : wanted) evaluator.wanted.push_back(parse_wanted(text, lines.locate("evaluator.wanted")));
  return evaluator;
}

core::Requirement read_requirement(const toml::table& root, KeyLines& lines) {
  const TomlSection top(&root, "", lines,
                        {"title", "packages", "data", "labels", "split", "result", "evaluator", "budget"});
  core::Requirement requirement;
  top.text("title", requirement.title, true);
  top.texts("packages", requirement.packages);
  requirement.data = read_data(top.table("data", true), lines);
  requirement.labels = read_labels(top.table("labels"), lines);
  requirement.split = read_split(top.table("split"), lines);
  const TomlSection result(top.table("result", true), "result.", lines, {"kind", "variable", "learned"});
  result.text("kind", requirement.result.kind, true);
  result.truth("learned", requirement.result.learned);
  requirement.result.variable = read_variable(result.table("variable", true), "result.variable", lines);
  requirement.evaluator = read_evaluator(top.table("evaluator", true), lines);
  const TomlSection budget(top.table("budget"), "budget.", lines, {"memory_mb", "memory_counts", "wall_s"});
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
  KeyLines lines{std::string(name), {}};
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
