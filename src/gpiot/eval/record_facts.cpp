#include "gpiot/eval/record_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <map>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"
#include "gpiot/eval/csv_column.h"
#include "gpiot/eval/data_folder.h"
#include "gpiot/eval/wfdb_header.h"

namespace gpiot::eval {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "eval.records";

[[noreturn]] void misfit(const std::string& text) { throw Error(ErrorCode::Data, kWhere, text); }

void check_wfdb_lengths(const WfdbHeader& header, const fs::path& folder, RecordFacts& facts) {
  std::map<std::string, std::pair<int, std::uint64_t>> values_of_file;
  for (const auto& signal : header.signals) {
    auto& [storage, values] = values_of_file[signal.file];
    storage = signal.storage;
    values += static_cast<std::uint64_t>(header.samples);
  }
  for (const auto& [file, need] : values_of_file) {
    const auto path = file_within(folder, file);
    const auto expected = wfdb_bytes(need.first, need.second);
    if (const auto got = fs::file_size(path); got < expected) {
      misfit(fmt::format("{} is cut short: got {} bytes, expected {} for the {} samples of record {}", path.string(),
                         got, expected, header.samples, facts.id));
    }
    facts.files.push_back(path);
  }
}

RecordFacts wfdb_facts(const core::DataFacts& data, const std::string& id, const fs::path& path) {
  const auto header = parse_wfdb_header(read_data(path, 1'000'000), path.string());
  RecordFacts facts{id, header.samples, header.rate_hz, {path}};
  if (header.record != id) {
    misfit(fmt::format("{} names another record: got \"{}\", expected \"{}\"", path.string(),
                       base::printable(header.record), id));
  }
  std::vector<std::string> names;
  for (const auto& signal : header.signals) names.push_back(base::printable(signal.name));
  const auto matches = std::count(names.begin(), names.end(), data.channel);
  if (matches != 1) {
    misfit(fmt::format("{} has {} channels \"{}\": got {}, expected it once", path.string(), matches, data.channel,
                       base::join(names, ", ")));
  }
  check_wfdb_lengths(header, path.parent_path(), facts);
  return facts;
}

/// Length of the first dimension from the header of a NumPy file. Source: numpy.lib.format, versions 1 to 3.
std::int64_t npy_length(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string head(65'536, '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(file.gcount()));
  const auto shape = head.find("'shape': (");
  std::int64_t length = 0;
  if (head.starts_with("\x93NUMPY") && shape != std::string::npos) {
    const char* start = head.data() + shape + 10;
    const auto [end, error] = std::from_chars(start, head.data() + head.size(), length);
    const std::string_view rest(end, static_cast<std::size_t>(head.data() + head.size() - end));
    if (error == std::errc() && length > 0 && (rest.starts_with(",)") || rest.starts_with(")"))) return length;
  }
  misfit(path.string() + " is not a NumPy file with a signal: expected an array of one dimension that is not empty");
}

RecordFacts facts_of(const core::DataFacts& data, const std::string& id, const fs::path& path) {
  if (data.format == "wfdb") return wfdb_facts(data, id, path);
  RecordFacts facts{id, 0, data.rate_hz, {path}};
  if (data.format == "csv") {
    facts.samples = static_cast<std::int64_t>(read_csv_column(path, data.channel).size());
    if (facts.samples == 0) misfit(path.string() + " has no rows below its header");
  } else if (data.format == "npy") {
    facts.samples = npy_length(path);
  } else {
    throw Error(ErrorCode::Unsupported, kWhere,
                fmt::format("data.format is not known: got \"{}\", expected one of wfdb, csv, npy", data.format));
  }
  return facts;
}

std::map<std::string, fs::path> record_files(const core::Requirement& requirement, const fs::path& project_dir) {
  const auto folder = data_folder(requirement, project_dir);
  // Records and labels may have the same ending: "*.csv" and "*_beats.csv".
  auto found = matching_files(folder, requirement.data.files, requirement.labels.files);
  if (found.empty()) {
    throw Error(
        ErrorCode::Data, kWhere,
        fmt::format("no records in {}: got no file that fits, expected names like \"{}\"", folder.string(),
                    requirement.data.files),
        data_remedy(project_dir, "put the records there, or correct data.path and data.files in requirement.md"));
  }
  return found;
}

}  // namespace

std::vector<std::string> list_records(const core::Requirement& requirement, const fs::path& project_dir) {
  std::vector<std::string> ids;
  for (const auto& [id, path] : record_files(requirement, project_dir)) ids.push_back(id);
  return ids;
}

std::vector<RecordFacts> read_facts(const core::Requirement& requirement, const fs::path& project_dir,
                                    std::span<const std::string> ids) {
  const auto files = record_files(requirement, project_dir);
  std::vector<RecordFacts> all;
  for (const auto& id : ids) {
    const auto found = files.find(id);
    if (found == files.end()) {
      throw Error(ErrorCode::NotFound, kWhere, fmt::format("no such record: {}", base::printable(id)));
    }
    all.push_back(facts_of(requirement.data, id, found->second));
    const double stated = requirement.data.rate_hz;
    if (stated > 0 && std::abs(all.back().rate_hz - stated) > 1e-6 * stated) {
      misfit(fmt::format("record {} has another sampling rate: got {} Hz, expected {} Hz (data.rate_hz)", id,
                         all.back().rate_hz, stated));
    }
  }
  return all;
}

}  // namespace gpiot::eval
