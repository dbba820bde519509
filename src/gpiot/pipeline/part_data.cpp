#include "gpiot/pipeline/part_data.h"

#include "gpiot/base/error.h"
#include "gpiot/eval/data_view.h"
#include "gpiot/pipeline/item_view.h"

namespace gpiot::pipeline {
namespace {

std::filesystem::path view_folder(const Workbench& bench, Part part) {
  const char* const name = part == Part::Final ? "final" : part == Part::Development ? "development" : "choosing";
  return bench.project / ".gpiot" / "views" / name;
}

PartData records_part(const Workbench& bench, Part part) {
  const auto& requirement = bench.requirement;
  const auto split = eval::make_split(requirement, eval::list_records(requirement, bench.project));
  const bool is_final = part == Part::Final;
  auto view = eval::make_view(requirement, bench.project, is_final ? split.final_part : split.development,
                              view_folder(bench, is_final ? Part::Final : Part::Development));
  auto truth = eval::load_truth(requirement, bench.project, view.records);
  return {std::move(view.folder), std::move(view.records), std::move(truth)};
}

/// Evenly spread over `ids`: their order is that of files and times.
std::vector<std::string> thinned(const std::vector<std::string>& ids, std::size_t most) {
  if (ids.size() <= most) return ids;
  std::vector<std::string> some;
  for (std::size_t k = 0; k < most; ++k) some.push_back(ids[k * ids.size() / most]);
  return some;
}

/// Items to learn from and to answer.
struct Items {
  std::vector<std::string> train;
  std::vector<std::string> test;
};

Items items_of(const core::Requirement& requirement, const eval::ItemTable& table, Part part) {
  constexpr std::size_t kChoosingTrain = 400;
  constexpr std::size_t kChoosingTest = 240;
  const auto split = eval::split_items(requirement, table);
  Items items;
  if (!requirement.result.learned) {
    items.test = part == Part::Final ? split.final_part : split.development;
  } else if (part == Part::Final) {
    items = {split.development, split.final_part};
  } else {
    const auto inner = eval::split_for_choosing(requirement, table, split.development);
    items = {inner.development, inner.final_part};
  }
  if (part == Part::Choosing) items = {thinned(items.train, kChoosingTrain), thinned(items.test, kChoosingTest)};
  // Items of one label often lie together: the order would tell a learner what stands beside what.
  if (requirement.result.learned) items.test = eval::shuffled(std::move(items.test), requirement.split.seed);
  if (!items.test.empty() && (!items.train.empty() || !requirement.result.learned)) return items;
  throw base::Error(base::ErrorCode::Data, "pipeline.part",
                    "too few items: got a development part that cannot be parted once more into items to learn from "
                    "and items to be measured on",
                    "lower split.final_share, or bring more subjects or files");
}

PartData table_part(const Workbench& bench, Part part) {
  const auto table = item_table(bench);
  const auto items = items_of(bench.requirement, *table, part);
  PartData data{.view = view_folder(bench, part),
                .records = eval::facts_of_items(*table, items.test),
                .truth = eval::truth_of_items(*table, items.test, items.train)};
  if (bench.requirement.result.kind == "events") {
    data.truth = eval::load_truth(bench.requirement, bench.project, data.records);
  }
  data.truth.last_seen = eval::last_seen_of_items(bench.requirement, *table, items.test);
  make_item_view(bench, *table, items.train, items.test, data.truth, data.view);
  return data;
}

}  // namespace

PartData make_part(const Workbench& bench, Part part) {
  return core::is_table(bench.requirement) ? table_part(bench, part) : records_part(bench, part);
}

bool choice_has_fewer(const Workbench& bench) {
  if (!core::is_table(bench.requirement)) return false;
  const auto table = item_table(bench);
  const auto some = items_of(bench.requirement, *table, Part::Choosing);
  const auto all = items_of(bench.requirement, *table, Part::Development);
  return some.test.size() < all.test.size() || some.train.size() < all.train.size();
}

void check_parts(const Workbench& bench) {
  const auto& requirement = bench.requirement;
  if (core::is_table(requirement)) {
    const auto table = item_table(bench);
    for (const auto part : {Part::Choosing, Part::Final}) (void)items_of(requirement, *table, part);
    return;
  }
  const auto split = eval::make_split(requirement, eval::list_records(requirement, bench.project));
  for (const auto& part : {split.development, split.final_part}) {
    const auto records = eval::read_facts(requirement, bench.project, part);
    (void)eval::load_truth(requirement, bench.project, records);
  }
}

}  // namespace gpiot::pipeline
