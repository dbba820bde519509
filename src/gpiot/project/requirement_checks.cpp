#include "gpiot/project/requirement_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"
#include "gpiot/project/requirement_file.h"

namespace gpiot::project {
namespace {

using base::Error;
using base::ErrorCode;
using Names = std::vector<std::string>;

constexpr std::string_view kWhere = "project.requirement";
constexpr std::size_t kMaxNames = 64;
constexpr std::size_t kMaxRecords = 100'000;

/// Checks one requirement; every method throws at the first breach.
class Checker {
 public:
  explicit Checker(const Locator& locate) : locate_(locate) {}

  void known(std::string_view key, const std::string& value, const Names& choices) const {
    if (std::find(choices.begin(), choices.end(), value) != choices.end()) return;
    throw Error(ErrorCode::Unsupported, kWhere,
                fmt::format("{} is not known: got \"{}\", expected one of {}", locate_(key), base::printable(value),
                            base::join(choices, ", ")));
  }

  void require(bool holds, std::string_view key, std::string_view got, std::string_view expected) const {
    if (holds) return;
    throw Error(ErrorCode::Format, kWhere,
                fmt::format("{} is wrong: got {}, expected {}", locate_(key), base::printable(got), expected));
  }

  void number(bool holds, std::string_view key, double got, std::string_view expected) const {
    require(std::isfinite(got) && holds, key, fmt::format("{}", got), expected);
  }

  void line_of_text(std::string_view key, const std::string& value, std::size_t limit = 200) const {
    const bool control = std::any_of(value.begin(), value.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
    require(!base::trim(value).empty() && !control && value.size() <= limit, key, fmt::format("\"{}\"", value),
            fmt::format("one line of text, 1 to {} bytes", limit));
  }

  void glob(std::string_view key, const std::string& value, bool folders = false) const {
    line_of_text(key, value);
    require(folders || value.find('/') == std::string::npos, key, fmt::format("\"{}\"", value),
            "a pattern of file names within data.path, such as \"*.hea\", without /");
    require(!value.starts_with('/') && value.find("..") == std::string::npos, key, fmt::format("\"{}\"", value),
            "a pattern that stays within data.path");
  }

  void python_name(std::string_view key, const std::string& value) const {
    require(is_python_name(value), key, fmt::format("\"{}\"", value),
            "a Python name: letters, digits and underscores, not a keyword, at most 64 bytes");
  }

  void distinct(std::string_view key, const Names& values, std::size_t limit) const {
    std::set<std::string> seen;
    for (const auto& value : values) {
      require(seen.insert(value).second, key, fmt::format("\"{}\" twice", value), "each name once");
    }
    require(values.size() <= limit, key, fmt::format("{} names", values.size()), fmt::format("at most {}", limit));
  }

  void variable(const std::string& at, const core::Variable& variable) const {
    static const Names kTypes = {"numpy.ndarray", "float", "int", "str", "list", "dict", "tuple", "bool"};
    static const Names kDtypes = {"float64", "float32", "int64", "int32", "int16", "uint8", "bool", "complex128"};
    python_name(at + ".name", variable.name);
    known(at + ".type", variable.type, kTypes);
    if (!variable.dtype.empty()) known(at + ".dtype", variable.dtype, kDtypes);
    const bool array = variable.type == "numpy.ndarray";
    require(array || variable.dtype.empty(), at + ".dtype", variable.dtype, "no dtype where type is not numpy.ndarray");
    require(array || variable.shape.empty(), at + ".shape", variable.shape, "no shape where type is not numpy.ndarray");
    require(variable.shape.empty() || (variable.shape.front() == '(' && variable.shape.back() == ')'), at + ".shape",
            fmt::format("\"{}\"", variable.shape), "a shape such as \"(n_samples,)\"");
    for (const auto& [key, text] : {std::pair{".unit", &variable.unit}, {".description", &variable.description}}) {
      if (!text->empty()) line_of_text(at + key, *text, 400);
    }
  }

 private:
  const Locator& locate_;
};

void check_data(const Checker& check, const core::Requirement& requirement) {
  const auto& data = requirement.data;
  const bool table = core::is_table(requirement);
  check.line_of_text("data.path", data.path, 4000);
  check.known("data.format", data.format, {"wfdb", "csv", "npy", "npz", "wav", "mat", "jsonl", "arff", "ts"});
  check.known("data.items", data.items, {"file", "row", "window"});
  check.glob("data.files", data.files, table);
  const bool needs_channel = !table && data.format != "npy";
  if (needs_channel || !data.channel.empty()) check.line_of_text("data.channel", data.channel);
  check.number(data.rate_hz >= 0 && data.rate_hz <= 1e9, "data.rate_hz", data.rate_hz, "a rate in Hz, 0 to 1e9");
  const bool windows = data.items == "window";
  check.number(windows ? data.window_s > 0 : data.window_s == 0, "data.window_s", data.window_s,
               "seconds, more than 0, with items = \"window\" only");
  check.number(data.step_s >= 0 && (windows || data.step_s == 0), "data.step_s", data.step_s,
               "seconds, with items = \"window\" only");
  check.require(!data.inputs.empty() && data.inputs.size() <= kMaxNames, "data.inputs",
                fmt::format("{} inputs", data.inputs.size()), fmt::format("1 to {}", kMaxNames));
  std::vector<std::string> names;
  for (std::size_t i = 0; i < data.inputs.size(); ++i) {
    const auto at = fmt::format("data.inputs[{}]", i);
    check.variable(at, data.inputs[i]);
    names.push_back(data.inputs[i].name);
    if (i >= data.sources.size()) continue;
    if (!data.sources[i].key.empty()) check.line_of_text(at + ".key", data.sources[i].key);
    check.distinct(at + ".columns", data.sources[i].columns, 4096);
    for (const auto& column : data.sources[i].columns) check.line_of_text(at + ".columns", column);
  }
  check.distinct("data.inputs", names, kMaxNames);
}

/// Where the coordinates of labels that are positions stand.
void check_coordinates(const Checker& check, const core::Requirement& requirement) {
  const auto& labels = requirement.labels;
  const std::string key = labels.format == "key" ? "labels.keys" : "labels.columns";
  const auto axes = core::position_axes(requirement.result);
  check.distinct(key, labels.columns, kMaxNames);
  for (const auto& column : labels.columns) check.line_of_text(key, column);
  check.require(labels.columns.empty() || axes > 0, key, fmt::format("{} names", labels.columns.size()),
                "none: only a position has several coordinates");
  check.require(labels.columns.empty() || (labels.key.empty() && labels.column.empty()), key,
                labels.key + labels.column, "either one name or a list");
  if (axes == 0) return;
  check.known("labels.format", labels.format, {"key", "column"});
  check.require(labels.format == "key" || !labels.columns.empty(), key, "none", "one column for each coordinate");
  check.require(labels.columns.empty() || labels.columns.size() == axes, key,
                fmt::format("{} names", labels.columns.size()), fmt::format("{}, as the result has coordinates", axes));
}

void check_labels(const Checker& check, const core::Requirement& requirement) {
  const auto& labels = requirement.labels;
  if (labels.format.empty()) return;
  const bool events = requirement.result.kind == "events";
  check.known("labels.format", labels.format,
              events ? Names{"wfdb-annotations", "csv", "marks"} : Names{"key", "column", "folder", "name", "lines"});
  check.distinct("labels.symbols", labels.symbols, kMaxNames);
  for (const auto& symbol : labels.symbols) check.line_of_text("labels.symbols", symbol, 8);
  for (const auto& [key, text] : {std::pair{"labels.column", &labels.column},
                                  {"labels.key", &labels.key},
                                  {"labels.pattern", &labels.pattern},
                                  {"labels.end_column", &labels.end_column},
                                  {"labels.names_key", &labels.names_key}}) {
    if (!text->empty()) check.line_of_text(key, *text);
  }
  check.distinct("labels.names", labels.names, 10'000);
  check.require(labels.end_column.empty() || labels.format == "csv", "labels.end_column", labels.format,
                "it with labels.format = \"csv\" only");
  check.require(labels.end_column.empty() || labels.end_column != labels.column, "labels.end_column", labels.end_column,
                "a column other than that of the starts");
  check.require(labels.format != "marks" || requirement.data.format == "csv", "labels.format", "\"marks\"",
                "it with data.format = \"csv\" only");
  check.require(labels.format != "marks" || labels.column != requirement.data.channel, "labels.column", labels.column,
                "a column other than data.channel");
  check.require(labels.format != "marks" || labels.files.empty(), "labels.files", labels.files,
                "none: marks stand in the records' own files");
  check_coordinates(check, requirement);
  if (labels.format == "name") {
    check.require(labels.pattern.find("{label}") != std::string::npos, "labels.pattern", labels.pattern,
                  "a pattern of the file name with {label} in it, such as \"{label}_{take}\"");
  }
  if (labels.files.empty()) return;
  check.glob("labels.files", labels.files);
  check.require(labels.files != requirement.data.files, "labels.files", fmt::format("\"{}\"", labels.files),
                "files other than data.files, since labels are withheld from the program");
}

/// No input may hold what is wanted of the program.
void check_inputs_hold_no_label(const Checker& check, const core::Requirement& requirement) {
  const auto& labels = requirement.labels;
  for (std::size_t i = 0; i < requirement.data.sources.size(); ++i) {
    const auto& source = requirement.data.sources[i];
    const auto at = fmt::format("data.inputs[{}]", i);
    check.require(labels.key.empty() || source.key != labels.key, at + ".key", source.key,
                  "an array other than that of the labels");
    check.require(labels.column.empty() ||
                      std::find(source.columns.begin(), source.columns.end(), labels.column) == source.columns.end(),
                  at + ".columns", labels.column, "columns other than that of the labels");
    for (const auto& label : labels.columns) {
      const bool given = source.key == label || std::ranges::find(source.columns, label) != source.columns.end();
      check.require(!given, at, label, "what is no coordinate of the labels");
    }
  }
}

void check_split(const Checker& check, const core::Requirement& requirement) {
  const auto& split = requirement.split;
  check.known("split.by", split.by,
              core::is_table(requirement) ? Names{"file", "subject", "index", "time"} : Names{"file"});
  check.require(split.by == "subject" || split.subject.empty(), "split.subject", split.subject,
                "no subject unless split.by is \"subject\"");
  check.require(requirement.data.items != "window" || split.by != "index", "split.by", split.by,
                "\"file\", \"subject\" or \"time\": windows of one stretch are too alike to be dealt out at random");
  check.number(split.final_share > 0 && split.final_share < 1, "split.final_share", split.final_share,
               "a share between 0 and 1, both excluded");
  check.distinct("split.development", split.development, kMaxRecords);
  check.distinct("split.final", split.final_part, kMaxRecords);
  for (const auto& id : split.final_part) {
    const auto& others = split.development;
    check.require(std::find(others.begin(), others.end(), id) == others.end(), "split.final",
                  fmt::format("\"{}\", which is in split.development too", id), "each record in one part");
  }
}

/// What an evaluator needs to know besides its thresholds.
void check_settings(const Checker& check, const core::Requirement& requirement) {
  const auto& evaluator = requirement.evaluator;
  const auto& labels = requirement.labels;
  const auto only = [&](std::string_view key, bool given, std::string_view kind) {
    check.require(!given || evaluator.kind == kind, key, fmt::format("it with evaluator.kind = \"{}\"", evaluator.kind),
                  fmt::format("it with the kind \"{}\" only", kind));
  };
  only("evaluator.radius", evaluator.radius != 0, "localisation");
  only("evaluator.tolerance", evaluator.tolerance != 0, "exact");
  only("evaluator.horizon_items", evaluator.horizon_items != 1, "regression");
  check.number(evaluator.radius >= 0, "evaluator.radius", evaluator.radius, "a distance in m, more than 0");
  check.number(evaluator.tolerance >= 0, "evaluator.tolerance", evaluator.tolerance, "0 or more, in the result's unit");
  check.require(evaluator.tolerance == 0 || requirement.result.kind == "value", "evaluator.tolerance",
                "a tolerance for texts", "none: texts are equal or not");
  check.require(!evaluator.within_radius || evaluator.radius > 0, "evaluator.within_radius", "no radius",
                "evaluator.radius, the distance in m that counts as near");
  check.require(evaluator.horizon_items >= 1 && evaluator.horizon_items <= 1'000'000, "evaluator.horizon_items",
                fmt::format("{}", evaluator.horizon_items), "1 to 1000000 items");
  check.require(evaluator.horizon_items == 1 || requirement.split.by == "time", "evaluator.horizon_items",
                fmt::format("it with split.by = \"{}\"", requirement.split.by), "it with split.by = \"time\" only");
  const bool needs_rate = evaluator.kind == "change_points" || evaluator.kind == "anomaly";
  check.require(!needs_rate || requirement.data.rate_hz > 0 || requirement.data.format == "wfdb", "data.rate_hz",
                "none", fmt::format("the sampling rate in Hz: evaluator.kind \"{}\" measures in time", evaluator.kind));
  const bool states_rate = requirement.data.format == "wfdb" || requirement.data.format == "wav";
  check.require(evaluator.kind != "events" || labels.format.empty() || requirement.data.rate_hz > 0 || states_rate ||
                    evaluator.tolerance_ms == 0,
                "data.rate_hz", "none",
                "the sampling rate in Hz, or evaluator.tolerance_ms = 0: a tolerance in ms means nothing without it");
  check.require(evaluator.kind != "anomaly" || core::has_intervals(requirement), "labels.end_column", "none",
                "the column with the last sample of each interval: evaluator.kind is \"anomaly\"");
  const bool takes_intervals = evaluator.kind != "events" && evaluator.kind != "change_points";
  check.require(labels.end_column.empty() || takes_intervals, "labels.end_column",
                fmt::format("intervals with evaluator.kind = \"{}\"", evaluator.kind),
                "\"anomaly\" to measure intervals");
}

void check_evaluator(const Checker& check, const core::Requirement& requirement) {
  const auto& evaluator = requirement.evaluator;
  const auto& result = requirement.result;
  auto kinds = core::evaluators_of(result.kind);
  for (const auto* any : {"file", "contract"}) kinds.emplace_back(any);
  check.known("evaluator.kind", evaluator.kind, kinds);
  const bool own = evaluator.kind == "file";
  if (own) check.line_of_text("evaluator.file", evaluator.file);
  check.require(own || (evaluator.file.empty() && evaluator.wanted.empty()), "evaluator.file", evaluator.file,
                "no file and no wanted figures unless evaluator.kind is \"file\"");
  check.require(!own || !requirement.labels.format.empty(), "evaluator.kind", "\"file\"",
                "[labels] to compare with, or \"contract\"");
  check.number(evaluator.tolerance_ms >= 0 && evaluator.tolerance_ms <= 1e7, "evaluator.tolerance_ms",
               evaluator.tolerance_ms, "milliseconds, 0 to 1e7");
  check_settings(check, requirement);
  for (const auto& [key, value, measured_by, share, upper] : core::threshold_keys()) {
    const auto& wanted = evaluator.*value;
    const auto at = fmt::format("evaluator.{}", key);
    if (!wanted) continue;
    check.number(*wanted >= 0 && (!share || *wanted <= 1), at, *wanted,
                 share ? "a threshold in [0, 1]" : "an upper bound, 0 or more");
    const bool fits = std::ranges::find(measured_by, evaluator.kind) != measured_by.end();
    check.require(fits, at, fmt::format("a threshold with evaluator.kind = \"{}\"", evaluator.kind),
                  fmt::format("none: only the kind \"{}\" measures it", fmt::join(measured_by, "\" or \"")));
  }
}

void check_result(const Checker& check, const core::Requirement& requirement) {
  const auto& result = requirement.result;
  check.known("result.kind", result.kind, {"events", "class", "value", "position"});
  check.variable("result.variable", result.variable);
  for (const auto& input : requirement.data.inputs) {
    check.require(input.name != result.variable.name, "result.variable.name",
                  fmt::format("\"{}\", which is an input too", input.name), "a name of its own");
  }
  if (result.kind == "class") check.known("result.variable.type", result.variable.type, {"str"});
  if (result.kind == "value") check.known("result.variable.type", result.variable.type, {"float", "int"});
  if (result.kind == "position") {
    check.known("result.variable.type", result.variable.type, {"numpy.ndarray"});
    check.known("result.variable.shape", result.variable.shape, {"(2,)", "(3,)"});
    check.known("result.variable.dtype", result.variable.dtype, {"float64", "float32"});
    check.known("result.variable.unit", result.variable.unit, {"m"});
  }
  check.require(!result.learned || result.kind != "events", "result.learned", "true",
                "false: programs that find events do not learn from labels");
  check.require(!result.learned || !requirement.labels.format.empty(), "result.learned", "true",
                "[labels] to learn from, or false");
}

}  // namespace

void check_statement(std::string_view statement, std::string_view name) {
  if (statement.empty()) {
    throw Error(ErrorCode::Format, kWhere,
                fmt::format("{} has no statement: got nothing after the front matter, expected the requirement "
                            "in words",
                            name),
                "say below the second +++ line, in plain words, what the application shall do");
  }
  if (statement.size() > kMaxStatementBytes) {
    throw Error(ErrorCode::Capacity, kWhere,
                fmt::format("the statement of {} is too long: got {} bytes, expected at most {}", name,
                            statement.size(), kMaxStatementBytes),
                "say only what the application shall do; facts of the data belong into the front matter");
  }
  for (const unsigned char c : statement) {
    if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F) {
      throw Error(ErrorCode::Format, kWhere,
                  fmt::format("the statement of {} holds a control byte: got 0x{:02x}, expected text", name, c));
    }
  }
}

void check_requirement(const core::Requirement& requirement, const Locator& locate) {
  const Checker check(locate);
  check.line_of_text("title", requirement.title);
  check.distinct("packages", requirement.packages, kMaxNames);
  for (const auto& package : requirement.packages) check.python_name("packages", package);
  check_result(check, requirement);
  check_data(check, requirement);
  check_labels(check, requirement);
  check_inputs_hold_no_label(check, requirement);
  check_split(check, requirement);
  check_evaluator(check, requirement);
  const auto& budget = requirement.budget;
  if (budget.memory_mb) check.number(*budget.memory_mb > 0, "budget.memory_mb", *budget.memory_mb, "more than 0");
  if (budget.wall_s) check.number(*budget.wall_s > 0, "budget.wall_s", *budget.wall_s, "more than 0");
  check.known("budget.memory_counts", budget.memory_counts, {"total", "growth"});
}

}  // namespace gpiot::project
