#include "gpiot/eval/data_view.h"

#include <fmt/format.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"
#include "gpiot/eval/csv_column.h"

namespace gpiot::eval {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;
using base::Json;
using Ids = std::vector<std::string>;

constexpr std::string_view kSplit = "eval.split";
constexpr std::string_view kView = "eval.view";

Ids checked_part(const Ids& part, const std::set<std::string>& known, std::string_view key) {
  for (const auto& id : part) {
    if (known.contains(id)) continue;
    throw Error(ErrorCode::Data, kSplit,
                fmt::format("{} names a record that is not there: got \"{}\", expected one of {}", key,
                            base::printable(id), base::join({known.begin(), known.end()}, ", ").substr(0, 400)));
  }
  const std::set<std::string> sorted(part.begin(), part.end());
  return {sorted.begin(), sorted.end()};
}

Ids without(const Ids& all, const Ids& taken) {
  Ids rest;
  std::set_difference(all.begin(), all.end(), taken.begin(), taken.end(), std::back_inserter(rest));
  return rest;
}

void place(const fs::path& source, const fs::path& target) {
  std::error_code failure;
  const auto real = fs::canonical(source);
  struct stat facts{};
  const bool read_only = ::stat(real.c_str(), &facts) == 0 && (facts.st_mode & 0222) == 0;
  if (read_only) fs::create_hard_link(real, target, failure);
  if (read_only && !failure) return;
  base::copy_file(real, target, kView);
  fs::permissions(target, fs::perms(0444), failure);
  if (failure) {
    throw base::io_error(kView, fmt::format("cannot copy {} to {}", source.string(), target.string()), failure.value());
  }
}

/// The one column that the program works on: what else a table holds, labels among it, is none of its business.
void write_column(const fs::path& source, const std::string& column, const fs::path& target) {
  std::string text = quoted_cell(column) + "\n";
  for (const auto& cell : read_csv_column(source, column)) text += quoted_cell(cell) + "\n";
  base::write_file_atomic(target, text, kView);
  fs::permissions(target, fs::perms(0444));
}

void clear_former_view(const fs::path& folder) {
  if (!fs::exists(folder)) return;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().filename();
    // A killed gpiot may have left records.json unfinished: that is still our folder.
    if (name == "test" || name == "records.json" || base::is_unfinished_file(name.string())) continue;
    throw Error(ErrorCode::Data, kView,
                fmt::format("{} is not a data view: got {} in it, expected test and records.json only", folder.string(),
                            name.string()));
  }
  fs::remove_all(folder);
}

Json describe(const core::Requirement& requirement, std::span<const std::string> ids) {
  Json inputs = Json::array();
  for (const auto& variable : requirement.data.inputs) {
    inputs.push_back({{"name", variable.name},
                      {"type", variable.type},
                      {"dtype", variable.dtype},
                      {"shape", variable.shape},
                      {"unit", variable.unit}});
  }
  return {{"format", requirement.data.format},
          {"channel", requirement.data.channel},
          {"rate_hz", requirement.data.rate_hz},
          {"inputs", inputs},
          {"records", Ids(ids.begin(), ids.end())}};
}

}  // namespace

Json facts_of_recordings(const core::Requirement& requirement) {
  auto facts = describe(requirement, {});
  facts.erase("records");
  facts["files"] = requirement.data.files;
  return facts;
}

/// Fisher-Yates by hand: what std::shuffle does with the same seed differs between libraries.
Ids shuffled(Ids all, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[random() % i]);
  return all;
}

Ids draw(Ids all, double share, std::uint64_t seed) {
  all = shuffled(std::move(all), seed);
  all.resize(static_cast<std::size_t>(std::llround(share * static_cast<double>(all.size()))));
  std::sort(all.begin(), all.end());
  return all;
}

Split make_split(const core::Requirement& requirement, std::span<const std::string> ids) {
  const auto& facts = requirement.split;
  const std::set<std::string> known(ids.begin(), ids.end());
  const Ids all(known.begin(), known.end());
  Split split;
  // Without labels nothing can be learned by heart: a single recording serves for both parts.
  if (all.size() == 1 && requirement.labels.format.empty()) return {all, all};
  split.development = checked_part(facts.development, known, "split.development");
  split.final_part = checked_part(facts.final_part, known, "split.final");
  if (facts.development.empty() && facts.final_part.empty()) {
    split.final_part = draw(all, facts.final_share, facts.seed);
  }
  if (facts.development.empty()) split.development = without(all, split.final_part);
  if (facts.final_part.empty() && !facts.development.empty()) split.final_part = without(all, split.development);
  if (const auto rest = without(split.development, split.final_part); rest.size() != split.development.size()) {
    throw Error(ErrorCode::Data, kSplit, "a record is in split.development and in split.final: expected it in one");
  }
  if (split.development.empty() || split.final_part.empty()) {
    throw Error(ErrorCode::Data, kSplit,
                fmt::format("the split leaves a part without records: got {} development and {} final of {} records, "
                            "expected at least 1 each",
                            split.development.size(), split.final_part.size(), all.size()),
                "give at least two records, or name the parts in [split]; one record without labels would do");
  }
  return split;
}

View make_view(const core::Requirement& requirement, const fs::path& project_dir, std::span<const std::string> ids,
               const fs::path& folder) try {
  View view{folder, read_facts(requirement, project_dir, ids)};
  clear_former_view(folder);
  fs::create_directories(folder / "test");
  const auto& format = requirement.data.format;
  const auto& labels = requirement.labels;
  for (const auto& record : view.records) {
    for (const auto& file : record.files) {
      const auto original = file.filename().string();
      if (!labels.format.empty() && ::fnmatch(labels.files.c_str(), original.c_str(), 0) == 0) {
        throw Error(ErrorCode::Data, kView,
                    fmt::format("{} holds labels and data: expected labels in files of their own, since the program "
                                "must not see them",
                                file.string()));
      }
      const auto target = folder / "test" / (format == "wfdb" ? original : record.id + "." + format);
      if (fs::exists(target)) continue;
      if (format == "csv") {
        write_column(file, requirement.data.channel, target);
      } else {
        place(file, target);
      }
    }
  }
  base::write_file_atomic(folder / "records.json", base::dump_json(describe(requirement, ids), 1) + "\n", kView);
  fs::permissions(folder / "records.json", fs::perms(0444));
  return view;
} catch (const fs::filesystem_error& error) {
  throw base::io_error(kView, "cannot make the data view " + folder.string(), error.code().value());
}

}  // namespace gpiot::eval
