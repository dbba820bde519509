#include "gpiot/pipeline/leaks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"
#include "gpiot/pipeline/candidate_store.h"
#include "gpiot/pipeline/freshness.h"
#include "gpiot/pipeline/item_view.h"

namespace gpiot::pipeline {
namespace {

namespace fs = std::filesystem;
using base::Json;

constexpr std::string_view kWhere = "pipeline.leaks";
constexpr std::uint64_t kMostBytes = 1ULL << 20;

/// The code of app/ by file name; a file that cannot be looked at is a doubt of its own.
Json python_files(const fs::path& app, std::vector<Leak>& leaks) {
  Json files = Json::object();
  for (const auto& entry : fs::directory_iterator(app)) {
    if (!entry.is_regular_file() || entry.is_symlink() || entry.path().extension() != ".py") continue;
    const auto name = entry.path().filename().string();
    if (entry.file_size() > kMostBytes) {
      leaks.push_back({"unreadable", base::printable(name) + " is too large to look at"});
      continue;
    }
    auto code = base::read_file(entry.path(), kWhere);
    if (base::is_valid_utf8(code) && base::is_valid_utf8(name)) {
      files[name] = std::move(code);
    } else {
      leaks.push_back({"unreadable", base::printable(name) + " is not text"});
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
  request.stdin_text = base::dump_json({{"files", python_files(bench.project / "app", leaks)}, {"records", records}});
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
  if (!all_the_same(contract.classes) && !all_the_same(contract.values) && !all_the_same(contract.positions)) return;
  const auto items = std::max({contract.classes.size(), contract.values.size(), contract.positions.size()});
  leaks.push_back({"same_answer", fmt::format("the program gives the same answer for all {} items", items)});
}

/// Windows of the final part that share samples with one of the development part, in one file.
std::size_t overlapping(const eval::ItemTable& table, const std::set<std::string>& final_ids, std::int64_t size) {
  constexpr auto kNone = std::numeric_limits<std::int64_t>::min() / 2;
  std::map<std::string, std::vector<std::pair<std::int64_t, bool>>> by_file;  // start, is final
  for (std::size_t row = 0; row < table.ids.size(); ++row) {
    by_file[table.files[row]].emplace_back(table.times[row], final_ids.contains(table.ids[row]));
  }
  std::size_t count = 0;
  for (auto& [file, windows] : by_file) {
    std::ranges::sort(windows);
    std::vector<bool> shares(windows.size(), false);
    for (const bool forward : {true, false}) {
      auto learned = forward ? kNone : -kNone;
      for (std::size_t k = 0; k < windows.size(); ++k) {
        const auto i = forward ? k : windows.size() - 1 - k;
        const auto [start, is_final] = windows[i];
        if (!is_final) learned = start;
        if (is_final && std::abs(start - learned) < size) shares[i] = true;
      }
    }
    count += static_cast<std::size_t>(std::ranges::count(shares, true));
  }
  return count;
}

void look_at_windows(const Workbench& bench, const eval::ItemTable& table, const std::set<std::string>& final_ids,
                     std::vector<Leak>& leaks) {
  const auto& data = bench.requirement.data;
  if (data.items != "window" || data.step_s <= 0 || data.step_s >= data.window_s) return;
  const auto size = static_cast<std::int64_t>(std::llround(data.window_s * table.rate_hz));
  const auto count = overlapping(table, final_ids, size);
  if (count == 0) return;
  leaks.push_back({"overlap", fmt::format("{} of {} windows of the final part share samples with windows of the "
                                          "development part",
                                          count, final_ids.size())});
}

void look_at_classes(const eval::ItemTable& table, const eval::Split& split, std::vector<Leak>& leaks) {
  if (table.classes.empty()) return;
  const std::set<std::string> final_ids(split.final_part.begin(), split.final_part.end());
  const std::set<std::string> learned_ids(split.development.begin(), split.development.end());
  std::set<std::string> learned, asked, unseen;
  for (std::size_t row = 0; row < table.ids.size(); ++row) {
    if (learned_ids.contains(table.ids[row])) learned.insert(table.classes[row]);
    if (final_ids.contains(table.ids[row])) asked.insert(table.classes[row]);
  }
  std::ranges::set_difference(asked, learned, std::inserter(unseen, unseen.end()));
  if (unseen.empty()) return;
  leaks.push_back(
      {"unseen_class", fmt::format("{} of the {} classes of the final part are in no item of the development "
                                   "part, such as {}: look at [split]",
                                   unseen.size(), asked.size(), base::printable(*unseen.begin()))});
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
  look_at_classes(*table, split, leaks);
  look_at_windows(bench, *table, final_ids, leaks);
  // A part that begins where the other ends has one pair of neighbours for each file; dealt out at random, it has many.
  const std::set<std::string> files(table->files.begin(), table->files.end());
  if (neighbours > 2 * files.size()) {
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
  if (const auto chosen = load_chosen(bench.project); chosen && chosen->input_sha256 != choice_input(bench)) {
    leaks.push_back(
        {"chosen_elsewhere",
         "the functions were chosen before the split, a threshold or the data was changed: they may have been "
         "chosen on what is measured here; gpiot synthesize chooses anew"});
  }
  return leaks;
}

Json to_json(const std::vector<Leak>& leaks) {
  Json list = Json::array();
  for (const auto& leak : leaks) list.push_back({{"kind", leak.kind}, {"text", leak.text}});
  return list;
}

}  // namespace gpiot::pipeline
