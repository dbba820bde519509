#include "gpiot/eval/item_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "gpiot/base/error.h"
#include "gpiot/base/json.h"
#include "gpiot/eval/evaluation.h"

namespace gpiot::eval {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

core::Requirement gestures(const std::string& by) {
  core::Requirement requirement;
  requirement.result = {"class", {"gesture", "str", "", "", "", ""}, true};
  requirement.labels.format = "key";
  requirement.split.by = by;
  requirement.split.final_share = 0.4;
  return requirement;
}

/// Ten items of five subjects in two files.
base::Json table() {
  base::Json json = {{"ids", base::Json::array()},   {"labels", base::Json::array()}, {"subjects", base::Json::array()},
                     {"files", base::Json::array()}, {"times", base::Json::array()},  {"rate_hz", 50}};
  for (int i = 0; i < 10; ++i) {
    json["ids"].push_back("item-" + std::to_string(i));
    json["labels"].push_back(i % 2 == 0 ? "wave" : "push");
    json["subjects"].push_back(i / 2);
    json["files"].push_back(i < 5 ? "a/one.npz" : "b/two.npz");
    json["times"].push_back(10 - i);
  }
  return json;
}

ItemTable read(const core::Requirement& requirement, const base::Json& json = table()) {
  return parse_item_table(requirement, json.dump());
}

std::set<std::string> subjects_of(const ItemTable& items, const std::vector<std::string>& ids) {
  std::set<std::string> subjects;
  for (std::size_t i = 0; i < items.ids.size(); ++i) {
    if (std::ranges::find(ids, items.ids[i]) != ids.end()) subjects.insert(items.subjects[i]);
  }
  return subjects;
}

TEST(ItemTable, ASubjectIsInOnePartOnly) {
  const auto requirement = gestures("subject");
  const auto items = read(requirement);
  const auto split = split_items(requirement, items);
  EXPECT_EQ(split.development.size(), 6U);
  EXPECT_EQ(split.final_part.size(), 4U);
  const auto learn = subjects_of(items, split.development);
  for (const auto& subject : subjects_of(items, split.final_part)) EXPECT_FALSE(learn.contains(subject)) << subject;
  const auto inner = split_for_choosing(requirement, items, split.development);
  const auto inner_learn = subjects_of(items, inner.development);
  EXPECT_FALSE(inner.final_part.empty());
  for (const auto& subject : subjects_of(items, inner.final_part)) EXPECT_FALSE(inner_learn.contains(subject));
  for (const auto& id : inner.final_part) EXPECT_THAT(split.final_part, testing::Not(testing::Contains(id)));
}

TEST(ItemTable, AClassIsNotMeasuredThatWasNotLearned) {
  auto requirement = gestures("file");
  requirement.split.final_part = {"two"};
  auto json = table();
  // One file to learn from, its items sorted by their labels: the last one is of a class of its own.
  json["labels"] = {"push", "push", "push", "push", "wave", "push", "wave", "push", "wave", "push"};
  json["times"] = {0, 1, 2, 3, 4, 0, 1, 2, 3, 4};
  const auto items = read(requirement, json);
  const auto inner = split_for_choosing(requirement, items, split_items(requirement, items).development);
  std::set<std::string> learned;
  std::set<std::string> measured;
  const auto label = [&](const std::string& id) {
    return items.classes[static_cast<std::size_t>(std::ranges::find(items.ids, id) - items.ids.begin())];
  };
  for (const auto& id : inner.development) learned.insert(label(id));
  for (const auto& id : inner.final_part) measured.insert(label(id));
  EXPECT_THAT(learned, ElementsAre("push", "wave"));
  EXPECT_FALSE(measured.empty());
}

TEST(ItemTable, NamedSubjectsAndFilePatternsDecide) {
  auto requirement = gestures("subject");
  requirement.split.final_part = {"4"};
  EXPECT_THAT(split_items(requirement, read(requirement)).final_part, ElementsAre("item-8", "item-9"));
  requirement = gestures("file");
  requirement.split.final_part = {"b/*"};
  EXPECT_EQ(split_items(requirement, read(requirement)).final_part.size(), 5U);
  requirement.split.final_part = {"two"};
  EXPECT_EQ(split_items(requirement, read(requirement)).final_part.size(), 5U);
  requirement.split.final_part = {"three"};
  EXPECT_THROW((void)split_items(requirement, read(requirement)), base::Error);
}

TEST(ItemTable, TheLastOfEachFileInTimeIsFinal) {
  const auto requirement = gestures("time");
  // Times run backwards in the table: the earliest items are those that stand last.
  EXPECT_THAT(split_items(requirement, read(requirement)).final_part,
              ElementsAre("item-1", "item-0", "item-6", "item-5"));
}

TEST(ItemTable, TheLabelBeforeInTimeIsWhatWasSeenLast) {
  auto json = table();
  for (int i = 0; i < 10; ++i) json["labels"][i] = 100 + i;
  auto requirement = gestures("time");
  requirement.result.kind = "value";
  const auto items = read(requirement, json);
  // Times run backwards: item-3 comes right before item-2; item-4 is the first of its file.
  const auto seen = last_seen_of_items(requirement, items, {"item-2", "item-4"});
  EXPECT_EQ(seen, (std::map<std::string, double>{{"item-2", 103}}));
  requirement.evaluator.horizon_items = 2;
  EXPECT_EQ(last_seen_of_items(requirement, items, {"item-2", "item-3"}),
            (std::map<std::string, double>{{"item-2", 104}}));
  requirement.split.by = "index";
  EXPECT_THAT(last_seen_of_items(requirement, items, {"item-2"}), IsEmpty()) << "no history where items are dealt out";
}

TEST(ItemTable, PositionsAreListsOfFiniteNumbers) {
  auto json = table();
  for (int i = 0; i < 10; ++i) json["labels"][i] = {i, 0.5};
  auto requirement = gestures("index");
  requirement.result = {"position", {"place", "numpy.ndarray", "float64", "(2,)", "m", ""}, true};
  const auto items = read(requirement, json);
  EXPECT_THAT(items.positions[3], ElementsAre(3, 0.5));
  const auto truth = truth_of_items(items, {"item-3"}, {"item-1", "item-2"});
  EXPECT_EQ(truth.positions.size(), 1U);
  EXPECT_EQ(truth.learning_positions.size(), 2U);
  EXPECT_FALSE(truth.empty());
  for (const auto& wrong :
       {base::Json{1}, base::Json{1, 2, 3}, base::Json{1, "a"}, base::Json(7), base::Json{1, nullptr}}) {
    json["labels"][4] = wrong;
    EXPECT_THROW((void)read(requirement, json), base::Error) << wrong;
  }
}

TEST(ItemTable, OneGroupCannotBeParted) {
  auto json = table();
  for (auto& subject : json["subjects"]) subject = "only one";
  const auto requirement = gestures("subject");
  try {
    (void)split_items(requirement, read(requirement, json));
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("only one subject"));
  }
}

TEST(ItemTable, RecordsOfOneChannelAreNoTable) {
  core::Requirement events;
  events.result.kind = "events";
  events.data.format = "csv";
  events.data.channel = "ecg";
  events.data.inputs = {{"ecg", "numpy.ndarray", "float64", "(n_samples,)", "mV", ""}};
  events.data.sources = {{}};
  EXPECT_FALSE(core::is_table(events));
  events.data.sources[0].columns = {"x", "y"};
  EXPECT_TRUE(core::is_table(events)) << "several columns";
  events.data.sources[0].columns.clear();
  events.data.inputs[0].shape = "(n_samples,3)";
  EXPECT_TRUE(core::is_table(events)) << "several axes";
}

TEST(ItemTable, EventsAreNotInIt) {
  core::Requirement events = gestures("file");
  events.result.kind = "events";
  events.labels.format = "csv";
  EXPECT_TRUE(parse_item_table(events, base::dump_json(table())).classes.empty());
}

TEST(ItemTable, RefusesWhatIsNoTable) {
  const auto requirement = gestures("index");
  EXPECT_THROW((void)parse_item_table(requirement, "[1]"), base::Error);
  EXPECT_THROW((void)parse_item_table(requirement, "{\"ids\": []}"), base::Error);
  auto json = table();
  json["files"].erase(0);
  EXPECT_THROW((void)read(requirement, json), base::Error) << "a column that is too short";
  json = table();
  for (auto& label : json["labels"]) label = "same";
  EXPECT_THROW((void)read(requirement, json), base::Error) << "one class only";
  json = table();
  json["ids"][1] = json["ids"][0];
  EXPECT_THROW((void)read(requirement, json), base::Error) << "an id twice";
  json = table();
  json.erase("labels");
  EXPECT_THROW((void)read(requirement, json), base::Error) << "labels promised, none there";
}

TEST(ItemTable, ClassesAreMeasuredBesideTheCommonestOne) {
  auto requirement = gestures("index");
  requirement.evaluator = {.kind = "classification", .accuracy = 0.6, .macro_f1 = 0.7};
  const auto items = read(requirement);
  const std::vector<std::string> asked = {"item-0", "item-1", "item-2"};
  const auto truth = truth_of_items(items, asked, {"item-3", "item-5", "item-6"});
  const auto measured = evaluate(requirement, facts_of_items(items, asked), truth,
                                 "{\"record\":\"item-0\",\"gesture\":\"wave\"}\n{\"record\":\"item-1\",\"gesture\":"
                                 "\"wave\"}\n{\"record\":\"item-2\",\"gesture\":\"wave\"}\n");
  ASSERT_TRUE(measured.classes);
  EXPECT_NEAR(measured.classes->accuracy, 2.0 / 3, 1e-12);
  EXPECT_NEAR(measured.classes->macro_f1, 0.4, 1e-12) << "F1 .8 of wave, 0 of push";
  EXPECT_EQ(measured.classes->baseline, "push");
  EXPECT_NEAR(measured.classes->baseline_accuracy, 1.0 / 3, 1e-12);
  EXPECT_FALSE(measured.passed()) << "accuracy is met, macro F1 is not";
  EXPECT_THAT(findings(measured),
              ElementsAre("macro_f1: got 0.4000, expected at least 0.7", "1 items of push are taken for wave"));
}

TEST(ItemTable, ValuesAreMeasuredBesideTheMean) {
  core::Requirement requirement;
  requirement.result = {"value", {"level", "float", "", "", "m", ""}, false};
  requirement.labels.format = "key";
  requirement.evaluator = {.kind = "regression", .mae = 0.5, .r2 = 0.9};
  auto json = table();
  for (int i = 0; i < 10; ++i) json["labels"][static_cast<std::size_t>(i)] = i;
  const auto items = read(requirement, json);
  const std::vector<std::string> asked = {"item-0", "item-2", "item-4"};
  const auto truth = truth_of_items(items, asked, {});
  const auto text = [](double a, double b, double c) {
    return base::Json({{"record", "item-0"}, {"level", a}}).dump() + "\n" +
           base::Json({{"record", "item-2"}, {"level", b}}).dump() + "\n" +
           base::Json({{"record", "item-4"}, {"level", c}}).dump() + "\n";
  };
  const auto good = evaluate(requirement, facts_of_items(items, asked), truth, text(0.3, 2, 4));
  ASSERT_TRUE(good.values);
  EXPECT_NEAR(good.values->mae, 0.1, 1e-12);
  EXPECT_NEAR(good.values->rmse, 0.3 / std::sqrt(3), 1e-12);
  EXPECT_NEAR(good.values->r2, 1 - 0.09 / 8, 1e-12);
  EXPECT_NEAR(good.values->baseline_mae, 4.0 / 3, 1e-12);
  EXPECT_TRUE(good.passed());
  const auto poor = evaluate(requirement, facts_of_items(items, asked), truth, text(2, 2, 2));
  EXPECT_FALSE(poor.passed());
  EXPECT_NEAR(poor.objective(), 0, 1e-12) << "as good as the mean";
  const auto far = evaluate(requirement, facts_of_items(items, asked), truth, text(0, 2, 7.3));
  EXPECT_NEAR(far.objective(), 1 - far.values->rmse / far.values->baseline_rmse, 1e-12);
  requirement.evaluator.r2.reset();
  const auto by_mae = evaluate(requirement, facts_of_items(items, asked), truth, text(0, 2, 7.3));
  EXPECT_NEAR(by_mae.objective(), 1 - 1.1 / (4.0 / 3), 1e-12) << "ranked by what the requirement asks for";
  const auto broken =
      evaluate(requirement, facts_of_items(items, asked), truth, "{\"record\":\"item-0\",\"level\":\"much\"}\n");
  EXPECT_EQ(broken.contract.breaches.at(0).kind, "not_a_number");
  EXPECT_EQ(broken.objective(), -1);
}

}  // namespace
}  // namespace gpiot::eval
