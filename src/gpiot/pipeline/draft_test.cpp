#include "gpiot/pipeline/draft.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpiot/base/error.h"
#include "gpiot/pipeline/draft_case.h"
#include "gpiot/pipeline/from_text.h"

namespace gpiot::pipeline {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Draft, WindowsWithLabelsAndSubjectsBecomeALearnedClassification) {
  const auto draft = draft_requirement(windows(), wishes("Tell what the person does."));
  const auto requirement = read_back(draft);
  EXPECT_EQ(requirement.data.items, "row");
  ASSERT_EQ(requirement.data.inputs.size(), 2U);
  EXPECT_EQ(requirement.data.inputs[0].shape, "(128, 6)");
  EXPECT_EQ(requirement.data.sources[0].key, "X");
  EXPECT_EQ(requirement.data.inputs[1].name, "rate_hz");
  EXPECT_EQ(requirement.labels.key, "y");
  EXPECT_EQ(requirement.labels.names_key, "labels");
  EXPECT_EQ(requirement.result.kind, "class");
  EXPECT_TRUE(requirement.result.learned);
  EXPECT_EQ(requirement.split.by, "subject");
  EXPECT_EQ(requirement.split.subject, "who");
  EXPECT_THAT(requirement.packages, Contains("sklearn"));
}

TEST(Draft, FramesWithALabelAreRead) {
  auto frames = look(
      {{"format", "csv"},
       {"glob", "log.csv"},
       {"fields", {field("time", "float64", {90}), field("Response", "str", {90}), field("power", "float64", {90})}},
       {"labels", {{{"place", "column"}, {"name", "power"}, {"values", nullptr}, {"sure", false}, {"why", ""}}}}});
  frames["groups"][0]["fields"][1]["hexadecimal"] = true;
  auto wish = wishes("Read the power from what the meter sent.");
  wish.label = "power";
  const auto requirement = read_back(draft_requirement(frames, wish));
  EXPECT_EQ(requirement.data.items, "row");
  ASSERT_EQ(requirement.data.inputs.size(), 1U);
  EXPECT_EQ(requirement.data.inputs[0].type, "str");
  EXPECT_EQ(requirement.data.sources[0].key, "Response");
  EXPECT_EQ(requirement.labels.column, "power");
  EXPECT_EQ(requirement.result.kind, "value");
  EXPECT_FALSE(requirement.result.learned) << "a parser";
  wish.label = "none";
  EXPECT_THAT(draft_requirement(frames, wish).guesses, Contains(HasSubstr("--label names what is to be read")));
}

TEST(Draft, LinesOfTextAreReadWhereNothingElseIsANumber) {
  auto lines =
      look({{"format", "jsonl"},
            {"glob", "log.jsonl"},
            {"fields", {field("at", "str", {90}), field("line", "str", {90}), field("speed", "float64", {90})}},
            {"times", {{{"columns", {"at"}}}}},
            {"labels", {{{"place", "json"}, {"name", "speed"}, {"values", nullptr}, {"sure", false}, {"why", ""}}}}});
  for (const int k : {0, 1}) lines["groups"][0]["fields"][k]["lines"] = true;
  lines["groups"][0]["labels"][0]["place"] = "column";
  auto wish = wishes("Read the speed from what the receiver sent.");
  wish.label = "speed";
  const auto requirement = read_back(draft_requirement(lines, wish));
  ASSERT_EQ(requirement.data.inputs.size(), 1U);
  EXPECT_EQ(requirement.data.sources[0].key, "line") << "times are none";
  EXPECT_EQ(requirement.data.inputs[0].description, "one line of text");
  auto none = wish;
  none.label = "none";
  auto alone = lines;
  alone["groups"][0]["fields"].erase(2);
  try {
    (void)draft_requirement(alone, none);
    ADD_FAILURE() << "no number and no label";
  } catch (const base::Error& error) {
    EXPECT_THAT(error.remedy(), HasSubstr("--label what is to be read from line"));
  }
  lines["groups"][0]["fields"].push_back(field("height", "float64", {90}));
  EXPECT_NE(read_back(draft_requirement(lines, wish)).data.inputs[0].type, "str") << "numbers are more likely";
}

TEST(Draft, WhatIsGuessedIsMarkedAndWhatIsReadIsNot) {
  const auto draft = draft_requirement(windows(), wishes("Tell what the person does."));
  EXPECT_THAT(draft.facts, ElementsAre("1 files of format npz"));
  EXPECT_THAT(draft.guesses, Contains(HasSubstr("labels from key y: its name")));
  EXPECT_THAT(draft.guesses, testing::Not(Contains(HasSubstr("sampling rate"))));
  EXPECT_THAT(to_markdown(draft), HasSubstr("# GUESSED, please check: labels from key y"));
}

TEST(Draft, OneRateInTheWordsIsAGuess) {
  EXPECT_EQ(rate_in_words("Find each pulse in this PPG of 75 Hz."), 75);
  EXPECT_EQ(rate_in_words("sampled at 8 kHz"), 8000);
  EXPECT_EQ(rate_in_words("at 62.5Hz, yes 62.5 Hz"), 62.5);
  EXPECT_EQ(rate_in_words("recorded at 250 Hz with hum at 50 Hz"), 0) << "which one is not for us to say";
  EXPECT_EQ(rate_in_words("some Hz"), 0);
  auto group = windows();
  group["groups"][0].erase("rate_hz");
  const auto draft = draft_requirement(group, wishes("Tell what the person does, from windows at 50 Hz."));
  EXPECT_EQ(draft.requirement.data.rate_hz, 50);
  EXPECT_THAT(draft.guesses, Contains(HasSubstr("sampling rate 50 Hz: from your words")));
}

TEST(Draft, TheUsersWordGoesBeforeAGuess) {
  auto wish = wishes("Tell what the person does.");
  wish.label = "who";
  wish.result = "class";
  wish.subject = "none";
  wish.rate_hz = 25;
  const auto requirement = read_back(draft_requirement(windows(), wish));
  EXPECT_EQ(requirement.labels.key, "who");
  EXPECT_EQ(requirement.split.by, "index");
  EXPECT_EQ(requirement.data.rate_hz, 25);
  wish.label = "nothing";
  try {
    (void)draft_requirement(windows(), wish);
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("expected one of X, y, who"));
  }
}

TEST(Draft, ATableGivesItsColumnsOfNumbersButNoLabelsAndTimes) {
  const auto table =
      look({{"format", "csv"},
            {"glob", "*.csv"},
            {"fields",
             {field("date", "str", {9}), field("stamp", "float64", {9}), field("co2", "float64", {9}),
              field("light", "float64", {9}), field("people", "float64", {9})}},
            {"times", {{{"columns", {"stamp"}}}}},
            {"labels", {{{"place", "column"}, {"name", "people"}, {"values", nullptr}, {"sure", false}}}}});
  const auto requirement = read_back(draft_requirement(table, wishes("Estimate how many people are there.")));
  EXPECT_THAT(requirement.data.sources[0].columns, ElementsAre("co2", "light"));
  EXPECT_EQ(requirement.result.kind, "value") << "many different labels";
  EXPECT_EQ(requirement.split.by, "time");
  EXPECT_EQ(requirement.evaluator.kind, "regression");
}

TEST(Draft, WhatGivesTheAnswerAwayOrCountsTheRowsIsNoInput) {
  auto row = field("row", "int64", {9});
  row["counts_up"] = true;
  const auto table = look(
      {{"format", "csv"},
       {"glob", "*.csv"},
       {"fields",
        {row, field("flow", "float64", {9}), field("changepoint", "float64", {9}), field("anomaly", "int64", {9})}},
       {"labels",
        {{{"place", "column"}, {"name", "anomaly"}, {"values", {0, 1}}, {"named", true}},
         {{"place", "column"}, {"name", "changepoint"}, {"values", {0, 1}}, {"named", true}}}}});
  const auto draft = draft_requirement(table, wishes("Tell when something is wrong."));
  EXPECT_THAT(draft.requirement.data.sources[0].columns, ElementsAre("flow"));
  EXPECT_THAT(draft.guesses, Contains(HasSubstr("column changepoint is left out")));
  EXPECT_THAT(draft.guesses, Contains(HasSubstr("column row is left out: it counts the rows")));
}

TEST(Draft, RowsThatAreLikeTheirNeighboursAreNotPartedAtRandom) {
  const auto split_where = [](double likeness, int files, bool sorted = false) {
    auto flow = field("flow", "float64", {900});
    flow["likeness"] = likeness;
    auto state = field("state", "int64", {900});
    state["in_blocks"] = sorted;
    const auto table = look({{"format", "arff"},
                             {"glob", "*.arff"},
                             {"files", files},
                             {"fields", {flow, state}},
                             {"labels", {{{"place", "column"}, {"name", "state"}, {"values", {0, 1}}}}}});
    return read_back(draft_requirement(table, wishes("Tell the state."))).split.by;
  };
  EXPECT_EQ(split_where(0.1, 1), "index");
  EXPECT_EQ(split_where(0.97, 1), "time");
  EXPECT_EQ(split_where(0.97, 9), "file");
  EXPECT_EQ(split_where(0.97, 1, true), "index") << "the last rows hold other classes than the first";
  EXPECT_EQ(split_where(0.97, 9, true), "file");
}

TEST(Draft, AChannelIsNoTimeAndNoCountOfRows) {
  auto row = field("row", "int64", {9});
  row["counts_up"] = true;
  const auto table = look({{"format", "csv"},
                           {"glob", "*.csv"},
                           {"fields", {row, field("time", "float64", {9}), field("ax", "float64", {9})}},
                           {"times", {{{"columns", {"time"}}}}}});
  const auto draft = draft_requirement(table, wishes("Find every step."));
  EXPECT_EQ(draft.requirement.data.channel, "ax");
  EXPECT_THAT(draft_requirement(table, wishes("Classify the activity.")).guesses,
              Contains(HasSubstr("no labels were found to learn them from; --label names them")));
}

TEST(Draft, WhatIsNotUsedIsNamedAndCanBeChosen) {
  auto json = windows();
  json["groups"].push_back(look({{"format", "csv"},
                                 {"glob", "night/*.csv"},
                                 {"files", 3},
                                 {"fields", {field("flow", "float64", {9})}}})["groups"][0]);
  auto wish = wishes("Tell the state.");
  EXPECT_THAT(
      draft_requirement(json, wish).guesses,
      Contains("npz all.npz (1 file) is used, and not: csv night/*.csv (3 files); --files PATTERN takes another"));
  wish.files = "night/*.csv";
  EXPECT_EQ(draft_requirement(json, wish).requirement.data.files, "night/*.csv");
  wish.files = "day/*.csv";
  EXPECT_THROW((void)draft_requirement(json, wish), base::Error);
}

TEST(Draft, ThatNoThresholdIsStatedIsSaid) {
  const auto draft = draft_requirement(windows(), wishes("Tell the state."));
  EXPECT_THAT(draft.guesses, Contains(HasSubstr("write for example accuracy = 0.9 under [evaluator]")));
  EXPECT_THAT(to_markdown(draft), HasSubstr("# GUESSED, please check: no threshold is stated"));
}

TEST(Draft, ALongTitleEndsBetweenTwoWords) {
  const auto draft = draft_requirement(
      windows(), wishes("Tell from one reading of a milling machine whether it is about to fail in an hour."));
  EXPECT_EQ(draft.requirement.title, "Tell from one reading of a milling machine whether it is");
}

TEST(Draft, ALongTitleIsItsWholeClauses) {
  auto json = windows();
  const auto words = "Find the pulse peaks in this finger PPG; the heart beats 40 to 120 times a minute";
  EXPECT_EQ(read_back(draft_requirement(json, wishes(words))).title, "Find the pulse peaks in this finger PPG");
}

TEST(Draft, SoundsAreFilesWithLabelsAndSpeakersInTheirNames) {
  const auto sounds =
      look({{"format", "wav"},
            {"glob", "*.wav"},
            {"files", 60},
            {"fields", {field("", "int16", {nullptr})}},
            {"rate_hz", {{"value", 8000}, {"sure", true}}},
            {"labels", {{{"place", "name"}, {"name", "{label}_{field2}_{field3}"}, {"values", {"0", "1"}}}}},
            {"subjects", {{{"place", "name"}, {"name", "{field1}_{subject}_{field3}"}, {"values", {"a", "b"}}}}}});
  const auto requirement = read_back(draft_requirement(sounds, wishes("Which digit is spoken?")));
  EXPECT_EQ(requirement.labels.pattern, "{label}_{subject}_{field3}");
  EXPECT_EQ(requirement.split.subject, "subject");
  EXPECT_EQ(requirement.data.inputs[0].name, "sound");
  EXPECT_EQ(requirement.data.inputs[0].shape, "(n_samples,)");
}

TEST(Draft, WithoutLabelsOnlyTheContractIsMeasured) {
  const auto records = look({{"format", "wfdb"},
                             {"glob", "*.hea"},
                             {"files", 5},
                             {"fields", {field("RESP", "float64", {9})}},
                             {"rate_hz", {{"value", 125}, {"sure", true}}}});
  const auto requirement = read_back(draft_requirement(records, wishes("Find the breaths.")));
  EXPECT_EQ(requirement.evaluator.kind, "contract");
  EXPECT_EQ(requirement.data.channel, "RESP");
  EXPECT_FALSE(core::is_table(requirement)) << "the host's own reader serves";
}

TEST(Draft, LabelsMayHaveTheEndingOfTheRecords) {
  auto all = look({{"format", "csv"},
                   {"glob", ""},
                   {"apart", {{"glob", "*.csv"}, {"but", "*_steps.csv"}}},
                   {"files", 12},
                   {"fields", {field("acc", "float64", {900})}},
                   {"rate_hz", {{"value", 50}, {"sure", true}}}});
  const auto beside = [&](const char* column) {
    all["groups"][1] = look({{"format", "csv"},
                             {"glob", "*_steps.csv"},
                             {"files", 12},
                             {"fields", {field(column, "int64", {9})}}})["groups"][0];
    return draft_requirement(all, wishes("Find the steps."));
  };
  const auto requirement = read_back(beside("sample"));
  EXPECT_EQ(requirement.data.files, "*.csv");
  EXPECT_EQ(requirement.labels.files, "*_steps.csv");
  EXPECT_EQ(requirement.labels.column, "sample");
  EXPECT_THROW((void)beside("note"), base::Error) << "then the others would be taken for records";
}

TEST(Draft, CoordinatesThatAreNamedSoBecomeALocalisation) {
  const auto table = [](const char* x, const char* y) {
    return look({{"format", "csv"},
                 {"glob", "*.csv"},
                 {"fields",
                  {field("rssi_1", "float64", {90}), field("rssi_2", "float64", {90}), field(x, "float64", {90}),
                   field(y, "float64", {90})}}});
  };
  const auto requirement = read_back(draft_requirement(table("pos_x", "pos_y"), wishes("Track the tag.")));
  EXPECT_EQ(requirement.result.kind, "position");
  EXPECT_EQ(requirement.result.variable.shape, "(2,)");
  EXPECT_EQ(requirement.evaluator.kind, "localisation");
  EXPECT_THAT(requirement.labels.columns, ElementsAre("pos_x", "pos_y"));
  EXPECT_THAT(requirement.data.sources[0].columns, ElementsAre("rssi_1", "rssi_2"));
  EXPECT_TRUE(requirement.result.learned);
  EXPECT_EQ(read_back(draft_requirement(table("x", "y"), wishes("Say where the tag is."))).result.kind, "position");
  EXPECT_EQ(read_back(draft_requirement(table("x", "y"), wishes("Count the steps."))).result.kind, "events")
      << "axes of an accelerometer are called x and y, too";
  auto wish = wishes("Say where the tag is.");
  wish.label = "rssi_1";
  EXPECT_EQ(read_back(draft_requirement(table("x", "y"), wish)).result.kind, "value") << "the user names another label";
}

TEST(Draft, AnArrayOfPositionsIsALabel) {
  const auto arrays =
      look({{"format", "npz"},
            {"glob", "all.npz"},
            {"fields", {field("csi", "float64", {200, 30, 3}), field("position", "float64", {200, 3})}}});
  const auto requirement = read_back(draft_requirement(arrays, wishes("Tell the room.")));
  EXPECT_EQ(requirement.labels.key, "position");
  EXPECT_EQ(requirement.result.variable.shape, "(3,)");
  EXPECT_EQ(requirement.data.sources[0].key, "csi");
}

TEST(Draft, AParserHasToBeExact) {
  auto json = windows();
  const auto requirement = read_back(draft_requirement(json, wishes("Decode the frame and tell its type.")));
  EXPECT_EQ(requirement.evaluator.kind, "exact");
}

TEST(Draft, TextsOfTheDataCannotLeaveTheirComment) {
  auto json = windows();
  json["groups"][0]["labels"][0]["why"] = "nice\n[budget]\nmemory_mb = 1";
  const auto requirement = read_back(draft_requirement(json, wishes("Tell what the person does.")));
  EXPECT_FALSE(requirement.budget.memory_mb);
}

TEST(Draft, NothingToReadIsNamed) {
  EXPECT_THROW((void)draft_requirement({{"groups", Json::array()}}, wishes("x")), base::Error);
  EXPECT_THROW((void)draft_requirement("text", wishes("x")), base::Error);
}

}  // namespace
}  // namespace gpiot::pipeline
