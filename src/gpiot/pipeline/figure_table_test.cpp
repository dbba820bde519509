#include "gpiot/pipeline/figure_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gpiot::pipeline {
namespace {

using base::Json;
using testing::ElementsAre;

TEST(FigureTable, AForecastStandsBesideTheMeanAndTheLastValue) {
  const Json measured = {{"values",
                          {{"mae", 1.5},
                           {"rmse", 2.0},
                           {"r2", 0.75},
                           {"baseline", {{"always", 20.5}, {"mae", 4.0}, {"rmse", 5.0}}},
                           {"persistence", {{"items", 9}, {"items_back", 6}, {"mae", 2.25}, {"rmse", 3.0}}}}}};
  const auto table = figure_table(measured);
  EXPECT_THAT(table.columns, ElementsAre("program", "always 20.5", "seen 6 items before"));
  ASSERT_EQ(table.rows.size(), 3U);
  EXPECT_EQ(table.rows[0].first, "MAE");
  EXPECT_THAT(table.rows[0].second, ElementsAre("1.5", "4", "2.25"));
  EXPECT_THAT(table.rows[2].second, ElementsAre("0.75", "-", "-"));
  EXPECT_THAT(table_lines(table), ElementsAre("        program  always 20.5  seen 6 items before",  //
                                              "MAE         1.5            4                 2.25",
                                              "RMSE          2            5                    3",
                                              "R2         0.75            -                    -"));
}

TEST(FigureTable, ShowsEachKindOfFigures) {
  const Json measured = {{"pooled", {{"precision", 0.5}, {"recall", 1.0}, {"f1", 0.667}}},
                         {"segments", {{"covering", 0.9}, {"hausdorff_ms", 443500.0}, {"annotation_error", 1.0}}},
                         {"classes", nullptr}};
  const auto table = figure_table(measured);
  EXPECT_THAT(table.columns, ElementsAre("program"));
  EXPECT_EQ(table.rows.size(), 6U);
  EXPECT_THAT(table.rows[4].second, ElementsAre("443500"));
  const Json positions = {
      {"positions",
       {{"mean_error", 1.0}, {"p90_error", 2.0}, {"baseline", {{"mean_error", 3.0}, {"always", {1, 2}}}}}}};
  EXPECT_THAT(figure_table(positions).columns, ElementsAre("program", "always the mean position"));
}

TEST(FigureTable, NothingMeasuredIsAnEmptyTable) {
  EXPECT_TRUE(table_lines(figure_table(nullptr)).empty());
  EXPECT_TRUE(table_lines(figure_table(Json::array({1}))).empty());
  EXPECT_TRUE(figure_table({{"values", nullptr}}).columns.empty());
}

TEST(FigureTable, ALabelCannotLeaveItsCell) {
  const auto table =
      figure_table({{"exact", {{"exact", 0.5}, {"baseline", {{"always", "a\x1b[2J"}, {"exact", 0.1}}}}}});
  EXPECT_THAT(table.columns[1], testing::Not(testing::HasSubstr("\x1b")));
}

}  // namespace
}  // namespace gpiot::pipeline
