#include "gpiot/pipeline/report_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpiot/pipeline/report_pictures.h"
#include "gpiot/pipeline/svg_picture.h"

namespace gpiot::pipeline {
namespace {

using testing::HasSubstr;
using testing::Not;

base::Json report() {
  return {{"run", 3},
          {"part", "final"},
          {"accepted", false},
          {"summary", "accuracy 0.5"},
          {"problem", "<script>alert(1)</script>"},
          {"program", {{"claimed", "I am \"perfect\" & <b>bold</b>"}}},
          {"measured",
           {{"thresholds", {{{"name", "accuracy"}, {"measured", 0.5}, {"wanted", 0.9}, {"met", false}}}},
            {"classes",
             {{"items", 4}, {"accuracy", 0.5}, {"confusion", {{"a<b", {{"a<b", 1}, {"c", 1}}}, {"c", {{"c", 2}}}}}}}}}};
}

TEST(ReportPage, QuotesUntrustedTextAsText) {
  const auto page = report_page(report(), {});
  EXPECT_THAT(page, Not(HasSubstr("<script>")));
  EXPECT_THAT(page, Not(HasSubstr("<b>bold")));
  EXPECT_THAT(page, HasSubstr("I am &quot;perfect&quot; &amp; &lt;b&gt;bold&lt;/b&gt;"));
  EXPECT_THAT(page, HasSubstr("<th>a&lt;b</th>"));
}

TEST(ReportPage, ShowsVerdictThresholdsAndConfusion) {
  const auto page = report_page(report(), {});
  EXPECT_THAT(page, HasSubstr("class=\"bad\">not accepted"));
  EXPECT_THAT(page, HasSubstr("<td>accuracy</td><td>0.5</td><td>0.9</td><td class=\"bad\">missed"));
  EXPECT_THAT(page, HasSubstr("Confusion matrix"));
  EXPECT_THAT(page, Not(HasSubstr("Pictures"))) << "nothing to show";
}

TEST(ReportPage, DrawsWhatItIsGiven) {
  ReportPictures pictures;
  pictures.signals.push_back({"100", "mV", 2, 4, {{0, 1}, {-1, 2}}, {3}, {3.1, 5}});
  pictures.answers = {{1, 1.1}, {2, 1.9}};
  const auto page = report_page(report(), pictures);
  EXPECT_THAT(page, HasSubstr("Record 100, 4.0 s from 2.0 s on"));
  const auto svg = signal_svg(pictures.signals.front());
  const auto count = [&](const std::string& part) {
    std::size_t found = 0;
    for (auto at = svg.find(part); at != std::string::npos; at = svg.find(part, at + 1)) ++found;
    return found;
  };
  EXPECT_EQ(count("class=\"truth\""), 1U);
  EXPECT_EQ(count("class=\"found\""), 2U);
}

TEST(ReportPage, DrawsPositionsAndIntervals) {
  ReportPictures pictures;
  pictures.positions = {{{0, 0}, {1, 0.5}}, {{4, 3}, {4, 3}}};
  SignalPicture picture = {"a", "mV", 0, 10, {{0, 1}}, {}, {3}};
  picture.spans_s = {{2, 4}};
  pictures.signals = {picture};
  const auto page = report_page(report(), pictures);
  EXPECT_THAT(page, HasSubstr("a ring at its true position"));
  EXPECT_THAT(page, HasSubstr("Bands: true intervals."));
  EXPECT_THAT(page, HasSubstr("<rect class=\"span\""));
  EXPECT_THAT(positions_svg(pictures.positions), HasSubstr("<circle class=\"truth\" cx=\"30.0\" cy=\"390.0\""));
}

TEST(ReportPage, ShowsTheProgramBesideAnswersThatNeedNone) {
  auto json = report();
  json["measured"] = {{"values",
                       {{"mae", 1.5},
                        {"baseline", {{"always", 20.5}, {"mae", 4.0}}},
                        {"persistence", {{"items_back", 1}, {"mae", 2.25}}}}}};
  const auto page = report_page(json, {});
  EXPECT_THAT(page, HasSubstr("<th>program</th><th>always 20.5</th><th>last seen</th>"));
  EXPECT_THAT(page, HasSubstr("<td>MAE</td><td>1.5</td><td>4</td><td>2.25</td>"));
}

TEST(ReportPage, LooksWhereTruthAndFoundDisagree) {
  EXPECT_EQ(first_disagreement({100, 200, 300}, {101, 299}, 5), 200) << "missed";
  EXPECT_EQ(first_disagreement({100, 200}, {100, 150, 200}, 5), 150) << "invented";
  EXPECT_EQ(first_disagreement({100, 200}, {104, 196}, 5), 100) << "all agree: the first";
  EXPECT_EQ(first_disagreement({}, {}, 5), 0);
}

}  // namespace
}  // namespace gpiot::pipeline
