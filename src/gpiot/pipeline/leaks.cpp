#include "gpiot/pipeline/leaks.h"

#include <fmt/format.h>

#include <set>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"
#include "gpiot/pipeline/item_view.h"

namespace gpiot::pipeline {
namespace {

namespace fs = std::filesystem;
using base::Json;

constexpr std::string_view kWhere = "pipeline.leaks";
constexpr std::uint64_t kMostBytes = 1ULL << 20;

Json python_files(const fs::path& app) {
  Json files = Json::object();
  for (const auto& entry : fs::directory_iterator(app)) {
    if (entry.is_regular_file() && !entry.is_symlink() && entry.path().extension() == ".py" &&
        entry.file_size() <= kMostBytes) {
      files[entry.path().filename().string()] = base::read_file(entry.path(), kWhere);
    }
  }
  return files;
}

void look_at_code(const Workbench& bench, const PartData& data, std::vector<Leak>& leaks) {
  Json records = Json::array();
  for (const auto& record : data.records) records.push_back(record.id);
  core::RunRequest request;
  request.arguments = {"/app/leaks.py", "--out", "/out/leaks.json"};
  request.mounts = {{bench.runtime, "/app"}};
  try {
    request.stdin_text = base::dump_json({{"files", python_files(bench.project / "app")}, {"records", records}});
  } catch (const Json::exception&) {  // code that is not UTF-8: nothing can be said of it
    leaks.push_back({"unreadable", "a file of app/ is not text"});
    return;
  }
  request.collect = {"leaks.json"};
  const auto outcome = bench.runner->run(request, bench.cancel);
  bench.cancel.throw_if_cancelled(kWhere);
  const auto text = outcome.files.find("leaks.json");
  if (text == outcome.files.end()) return;
  try {
    const Json answer = base::parse_json(text->second, kWhere, "leaks.json");
    for (const auto& one : answer.value("findings", Json::array())) {
      leaks.push_back({base::printable(one.value("kind", "")),
                       base::printable(fmt::format("{} line {}: {}", one.value("file", ""), one.value("line", 0),
                                                   one.value("text", "")))
                           .substr(0, 300)});
    }
  } catch (const std::exception&) {
    // What the parser of untrusted code says may be anything.
  }
}

template <typename Map>
bool all_the_same(const Map& answers) {
  if (answers.size() < 5) return false;
  return std::ranges::all_of(answers, [&](const auto& one) { return one.second == answers.begin()->second; });
}

void look_at_answers(const eval::Evaluation& measured, std::vector<Leak>& leaks) {
  const auto& contract = measured.contract;
  if (!all_the_same(contract.classes) && !all_the_same(contract.values)) return;
  leaks.push_back({"same_answer", fmt::format("the program gives the same answer for all {} items",
                                              std::max(contract.classes.size(), contract.values.size()))});
}

void look_at_split(const Workbench& bench, std::vector<Leak>& leaks) {
  if (!core::is_table(bench.requirement)) return;
  const auto table = item_table(bench);
  const auto split = eval::split_items(bench.requirement, *table);
  const std::set<std::string> final_ids(split.final_part.begin(), split.final_part.end());
  std::set<std::string> learn;
  std::set<std::string> last;
  std::size_t neighbours = 0;
  for (std::size_t row = 0; row < table->ids.size(); ++row) {
    const bool is_final = final_ids.contains(table->ids[row]);
    if (!table->subjects.empty()) (is_final ? last : learn).insert(table->subjects[row]);
    if (row == 0 || table->files[row] != table->files[row - 1]) continue;
    neighbours += is_final != final_ids.contains(table->ids[row - 1]) ? 1 : 0;
  }
  std::vector<std::string> shared;
  std::ranges::set_intersection(learn, last, std::back_inserter(shared));
  if (!shared.empty()) {
    leaks.push_back({"shared_subject", fmt::format("{} subjects are in both parts, such as {}", shared.size(),
                                                   base::printable(shared.front()))});
  }
  // A part that begins where the other ends has one pair of neighbours for each file; dealt out at random, it has many.
  const std::set<std::string> files(table->files.begin(), table->files.end());
  if (neighbours > 2 * files.size() && bench.requirement.data.items != "file") {
    leaks.push_back({"neighbours", fmt::format("{} items stand beside an item of the other part in the same file: "
                                               "overlapping or similar neighbours make a figure look better than it is",
                                               neighbours)});
  }
}

}  // namespace

std::vector<Leak> find_leaks(const Workbench& bench, const PartData& data, const eval::Evaluation& measured) {
  std::vector<Leak> leaks;
  look_at_code(bench, data, leaks);
  look_at_answers(measured, leaks);
  look_at_split(bench, leaks);
  return leaks;
}

Json to_json(const std::vector<Leak>& leaks) {
  Json list = Json::array();
  for (const auto& leak : leaks) list.push_back({{"kind", leak.kind}, {"text", leak.text}});
  return list;
}

}  // namespace gpiot::pipeline
