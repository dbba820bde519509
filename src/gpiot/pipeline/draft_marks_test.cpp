#include "gpiot/pipeline/draft_marks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpiot/base/error.h"
#include "gpiot/pipeline/draft_case.h"

namespace gpiot::pipeline {
namespace {

TEST(DraftMarks, LabelsOfRowsAreNotTakenForEventsSilently) {
  const auto table = look({{"format", "csv"},
                           {"glob", "*.csv"},
                           {"fields", {field("flow", "float64", {9}), field("mood", "float64", {9})}},
                           {"labels", {{{"place", "column"}, {"name", "mood"}, {"values", {0, 1, 2}}}}}});
  auto wish = wishes("Find the change points.");
  wish.result = "events";
  EXPECT_EQ(draft_requirement(table, wish).requirement.evaluator.kind, "contract");
  wish.label = "mood";
  EXPECT_THROW((void)draft_requirement(table, wish), base::Error);
}

TEST(DraftMarks, MarksOfRowsAreEvents) {
  const auto mark = [](const char* name) {
    return Json{{"place", "column"}, {"name", name}, {"values", {0, 1}}, {"named", true}};
  };
  auto table = look({{"format", "csv"},
                     {"glob", "*.csv"},
                     {"files", 5},
                     {"rate_hz", {{"value", 1}, {"sure", true}}},
                     {"fields",
                      {field("flow", "float64", {9}), field("heat", "float64", {9}), field("anomaly", "float64", {9}),
                       field("change point", "float64", {9})}},
                     {"labels", {mark("anomaly"), mark("change point")}}});
  const auto changes = read_back(draft_requirement(table, wishes("Find the change points of the pump.")));
  EXPECT_EQ(changes.labels.format, "marks");
  EXPECT_EQ(changes.labels.column, "change point");
  EXPECT_EQ(changes.evaluator.kind, "change_points");
  EXPECT_EQ(changes.evaluator.tolerance_ms, 5000);
  EXPECT_EQ(changes.data.sources[0].columns, (std::vector<std::string>{"flow", "heat"}));
  EXPECT_EQ(changes.data.inputs[0].shape, "(n_samples, 2)");
  EXPECT_EQ(read_back(draft_requirement(table, wishes("Detect anomalies."))).evaluator.kind, "anomaly");
  EXPECT_EQ(draft_requirement(table, wishes("Tell whether there is an anomaly.")).requirement.result.kind, "class")
      << "a state of each row";
  table["groups"][0]["rate_hz"] = nullptr;
  EXPECT_EQ(read_back(draft_requirement(table, wishes("Detect anomalies."))).evaluator.kind, "events");
  table["groups"][0]["labels"] = {mark("occupied")};
  table["groups"][0]["fields"].push_back(field("occupied", "int64", {9}));
  auto wish = wishes("Detect that the room is occupied.");
  EXPECT_EQ(draft_requirement(table, wish).requirement.result.kind, "class");
  wish.result = "events";
  wish.label = "occupied";
  EXPECT_EQ(read_back(draft_requirement(table, wish)).labels.column, "occupied");
}

TEST(DraftMarks, LabelFilesBesideTheRecordsAreFound) {
  const auto with_labels = [](std::vector<Json> columns) {
    auto json = look({{"format", "npy"},
                      {"glob", "*.npy"},
                      {"files", 4},
                      {"fields", {field("", "float64", {nullptr})}},
                      {"rate_hz", {{"value", 10}, {"sure", true}}}});
    json["groups"].push_back(
        look({{"format", "csv"}, {"glob", "*.csv"}, {"files", 4}, {"fields", columns}})["groups"][0]);
    return json;
  };
  const auto words = wishes("Find every fault.");
  const auto intervals =
      read_back(draft_requirement(with_labels({field("start", "int64", {3}), field("end", "int64", {3})}), words));
  EXPECT_EQ(intervals.evaluator.kind, "anomaly");
  EXPECT_EQ(intervals.labels.column, "start");
  EXPECT_EQ(intervals.labels.end_column, "end");
  const auto changes = read_back(draft_requirement(with_labels({field("change_point", "int64", {3})}), words));
  EXPECT_EQ(changes.evaluator.kind, "change_points");
  EXPECT_EQ(changes.labels.files, "*.csv");
  EXPECT_EQ(read_back(draft_requirement(with_labels({field("mood", "int64", {3})}), words)).evaluator.kind, "contract");
}

}  // namespace
}  // namespace gpiot::pipeline
