#include "gpiot/pipeline/from_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <sstream>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"
#include "gpiot/eval/data_folder.h"
#include "gpiot/project/requirement_checks.h"

namespace gpiot::pipeline {
namespace {

constexpr std::string_view kWhere = "pipeline.from_text";

[[noreturn]] void refuse(base::ErrorCode code, const std::string& problem, const std::string& remedy = {}) {
  throw base::Error(code, kWhere, problem, remedy);
}

/// Record line and signal names of a WFDB header.
struct WfdbHeader {
  double rate_hz = 0;
  std::vector<std::string> signals;
};

WfdbHeader read_header(const std::filesystem::path& path) {
  WfdbHeader header;
  bool first = true;
  for (const auto& line : base::split_lines(base::read_file(path, kWhere, 1 << 16))) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream fields(line);
    std::string field;
    std::vector<std::string> parts;
    while (fields >> field) parts.push_back(field);
    if (first) {
      if (parts.size() > 2) header.rate_hz = std::strtod(parts[2].c_str(), nullptr);
      first = false;
    } else if (parts.size() > 8) {
      std::string name = parts[8];
      for (std::size_t i = 9; i < parts.size(); ++i) name += " " + parts[i];
      header.signals.push_back(name);
    }
  }
  return header;
}

/// The signal that most records have; records without it are an error that names them later, at reading.
void fill_wfdb(core::Requirement& requirement, const std::vector<std::filesystem::path>& headers) {
  std::map<std::string, int> counts;
  for (const auto& path : headers) {
    const auto header = read_header(path);
    if (header.signals.empty()) refuse(base::ErrorCode::Data, path.string() + " names no signal");
    for (const auto& name : std::set<std::string>(header.signals.begin(), header.signals.end())) ++counts[name];
    requirement.data.rate_hz = header.rate_hz;
  }
  const auto first = read_header(headers.front());
  requirement.data.channel = first.signals.front();
  for (const auto& name : first.signals) {
    if (counts[name] > counts[requirement.data.channel]) requirement.data.channel = name;
  }
  requirement.data.format = "wfdb";
  requirement.data.files = "*.hea";
}

void fill_inputs(core::Requirement& requirement) {
  requirement.data.inputs = {{"signal", "numpy.ndarray", "float64", "(n_samples,)", "",
                              "channel " + requirement.data.channel + " of one record"}};
  if (requirement.data.rate_hz > 0)
    requirement.data.inputs.push_back({"rate_hz", "float", "", "", "Hz", "sampling rate"});
  requirement.result.kind = "events";
  requirement.result.variable = {"events",      "numpy.ndarray", "int64",
                                 "(n_events,)", "samples",       "sample index of each event, increasing"};
}

/// What the data folder holds.
struct Found {
  std::vector<std::filesystem::path> headers;
  std::set<std::string> others;
  bool annotations = false;
};

/// Errors: NotFound, Io, Data (a header that leads out of the folder).
Found look_into(const std::filesystem::path& data) {
  Found found;
  std::error_code failure;
  if (!std::filesystem::is_directory(data, failure)) {
    refuse(base::ErrorCode::NotFound,
           "no such data folder: got '" + base::printable(data.string()) + "', expected a folder with the records",
           "give the folder with --data");
  }
  std::filesystem::directory_iterator entry(data, failure);
  for (; !failure && entry != std::filesystem::directory_iterator(); entry.increment(failure)) {
    const auto extension = entry->path().extension();
    if (extension == ".hea") found.headers.push_back(eval::file_within(data, entry->path().filename().string()));
    if (extension == ".atr") found.annotations = true;
    if (extension == ".csv" || extension == ".npy") found.others.insert(extension.string().substr(1));
  }
  if (failure) throw base::io_error(kWhere, "cannot list the data folder " + data.string(), failure.value());
  std::sort(found.headers.begin(), found.headers.end());
  return found;
}

}  // namespace

std::string title_of(const std::string& statement) {
  constexpr std::size_t kTitleBytes = 60;
  constexpr std::size_t kLeastBytes = 15;
  auto title = statement.substr(0, kTitleBytes);
  while (!base::is_valid_utf8(title)) title.pop_back();
  // At the end of a sentence or of the clause that is whole, where there is one.
  if (const auto end = title.find_last_of(";,:.");
      title.size() < statement.size() && end != std::string::npos && end >= kLeastBytes && statement[end + 1] == ' ') {
    return title_of(title.substr(0, end));
  }
  // Between two words, where there is one.
  if (title.size() < statement.size() && title.find(' ') != std::string::npos) title.resize(title.rfind(' '));
  for (const auto* space : {"\n", "\t", "\r"}) title = base::replace_all(title, space, " ");
  return base::trim(title);
}

double rate_in_words(const std::string& statement) {
  std::set<double> found;
  const auto words =
      base::split(base::replace_all(base::replace_all(base::to_lower(statement), "khz", " khz"), "hz", " hz"), ' ');
  for (std::size_t i = 1; i < words.size(); ++i) {
    const bool kilo = words[i] == "k" && i + 1 < words.size() && words[i + 1].starts_with("hz");
    if (!kilo && !words[i].starts_with("hz")) continue;
    std::size_t number = i - 1;
    while (number > 0 && words[number].empty()) --number;
    char* end = nullptr;
    const double value = std::strtod(words[number].c_str(), &end);
    if (end != words[number].c_str() && *end == '\0' && value > 0) found.insert(kilo ? 1000 * value : value);
  }
  return found.size() == 1 ? *found.begin() : 0;
}

bool is_for_host(const std::filesystem::path& data) try {
  const auto found = look_into(data);
  return !found.headers.empty();
} catch (const base::Error&) {
  return true;  // requirement_from_text says what is wrong
}

std::string project_name(const std::string& statement) { return base::to_identifier(statement, 32); }

core::Requirement requirement_from_text(const std::string& statement, const std::filesystem::path& data) {
  if (base::trim(statement).empty()) {
    refuse(base::ErrorCode::InvalidArgument,
           "the requirement is empty: got no words, expected what the program shall do",
           "say in plain words what the application shall do, or give a project folder");
  }
  if (!base::is_valid_utf8(statement)) {
    refuse(base::ErrorCode::Format, "the requirement is not text: got bytes that are not UTF-8, expected UTF-8",
           "use a terminal with a UTF-8 locale, or write requirement.md in an editor");
  }
  project::check_statement(base::trim(statement), "the requirement");
  const auto [headers, others, annotations] = look_into(data);
  core::Requirement requirement;
  requirement.title = title_of(base::trim(statement));
  requirement.statement = base::trim(statement);
  requirement.data.path = std::filesystem::absolute(data).lexically_normal().string();
  if (!headers.empty()) {
    fill_wfdb(requirement, headers);
  } else {
    refuse(base::ErrorCode::Data,
           fmt::format("the data folder {} has no records: got {}, expected WFDB records (*.hea)", data.string(),
                       others.empty() ? "no file of a known kind" : *others.begin() + " files"),
           "write requirement.md by hand: its front matter also takes csv and npy");
  }
  fill_inputs(requirement);
  if (annotations) {
    requirement.labels.format = "wfdb-annotations";
    requirement.labels.files = "*.atr";
    // The beat annotations of PhysioNet's code table; the other codes mark rhythm, noise and comments.
    requirement.labels.symbols = base::split("N L R B A a J S V r F e j n E / f Q ?", ' ');
    requirement.evaluator.kind = "events";
    requirement.evaluator.precision = 0.95;
    requirement.evaluator.recall = 0.95;
  } else {
    requirement.evaluator.kind = "contract";
  }
  return requirement;
}

}  // namespace gpiot::pipeline
