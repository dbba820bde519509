#include "gpiot/pipeline/from_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"

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
  requirement.data.inputs = {
      {"signal", "numpy.ndarray", "float64", "(n_samples,)", "", "channel " + requirement.data.channel + " of one record"}};
  if (requirement.data.rate_hz > 0) requirement.data.inputs.push_back({"rate_hz", "float", "", "", "Hz", "sampling rate"});
  requirement.result.kind = "events";
  requirement.result.variable = {"events",   "numpy.ndarray", "int64",
                                 "(n_events,)", "samples",    "sample index of each event, increasing"};
}

}  // namespace

std::string project_name(const std::string& statement) { return base::to_identifier(statement, 32); }

core::Requirement requirement_from_text(const std::string& statement, const std::filesystem::path& data) {
  if (base::trim(statement).empty()) refuse(base::ErrorCode::InvalidArgument, "the requirement is empty");
  std::error_code failure;
  if (!std::filesystem::is_directory(data, failure)) {
    refuse(base::ErrorCode::NotFound, "no such data folder: " + data.string());
  }
  std::vector<std::filesystem::path> headers;
  std::set<std::string> others;
  bool annotations = false;
  for (const auto& entry : std::filesystem::directory_iterator(data)) {
    const auto extension = entry.path().extension();
    if (extension == ".hea") headers.push_back(entry.path());
    if (extension == ".atr") annotations = true;
    if (extension == ".csv" || extension == ".npy") others.insert(extension.string().substr(1));
  }
  std::sort(headers.begin(), headers.end());
  core::Requirement requirement;
  requirement.title = base::trim(statement).substr(0, 60);
  requirement.title = base::replace_all(requirement.title, "\n", " ");
  requirement.statement = base::trim(statement);
  requirement.data.path = std::filesystem::absolute(data).lexically_normal().string();
  if (!headers.empty()) {
    fill_wfdb(requirement, headers);
  } else {
    refuse(base::ErrorCode::Data, fmt::format("{} holds no WFDB records (*.hea): got {}", data.string(),
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
