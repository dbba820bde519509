#include "gpiot/pipeline/leaks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"

namespace gpiot::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

fs::path root() {
  const char* set = std::getenv("GPIOT_ROOT");
  return set != nullptr ? set : ".";
}

/// Runs our own script with the Python of the machine, without a sandbox: it only parses text.
class HostRunner : public core::ProgramRunner {
 public:
  explicit HostRunner(fs::path folder) : folder_(std::move(folder)) {}

  [[nodiscard]] core::RunOutcome run(const core::RunRequest& request, const base::CancelToken&) override {
    base::write_file_atomic(folder_ / "job.json", request.stdin_text, "test");
    const auto command = "/usr/bin/python3 -B " + (root() / "runtime" / "leaks.py").string() + " --out " +
                         (folder_ / "leaks.json").string() + " < " + (folder_ / "job.json").string();
    core::RunOutcome outcome;
    outcome.exit_code = std::system(command.c_str());
    if (outcome.ok()) outcome.files["leaks.json"] = base::read_file(folder_ / "leaks.json", "test");
    return outcome;
  }

 private:
  fs::path folder_;
};

/// A project folder with an application, and what find_leaks needs besides.
class Leaks : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "gpiot-leaks-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    fs::create_directories(folder_ / "app");
    requirement_.data.format = "npz";
    requirement_.data.items = "row";
    requirement_.result.kind = "class";
    requirement_.split.by = "time";
    for (int i = 0; i < 20; ++i) {
      table_.ids.push_back("item-" + std::to_string(i));
      table_.files.push_back("all.npz");
      table_.times.push_back(i);
      table_.classes.push_back(i % 2 == 0 ? "walk" : "sit");
      measured_.contract.classes[table_.ids.back()] = table_.classes.back();
      if (i >= 12) data_.records.push_back({table_.ids.back(), 10, 50, {}});
    }
    table_.rate_hz = 50;
  }
  void TearDown() override { fs::remove_all(folder_); }

  void put(const std::string& file, const std::string& code) const {
    base::write_file_atomic(folder_ / "app" / file, code, "test");
  }

  /// The doubts as they stand now.
  std::vector<Leak> leaks() {
    HostRunner runner(folder_);
    base::CancelToken cancel;
    auto state = project::ProjectState::load(folder_);
    const auto prompts = agents::PromptSet::load(root() / "prompts");
    Workbench bench{folder_, root() / "runtime", requirement_, "", state, {}, &runner, prompts, {}, {}, cancel};
    *bench.items = std::make_shared<eval::ItemTable>(table_);
    return find_leaks(bench, data_, measured_);
  }

  std::vector<std::string> kinds() {
    std::vector<std::string> all;
    for (const auto& leak : leaks()) all.push_back(leak.kind);
    return all;
  }

  fs::path folder_;
  core::Requirement requirement_;
  eval::ItemTable table_;
  eval::Evaluation measured_;
  PartData data_;
};

constexpr const char* kLearner = R"(def answer(train_features, train_labels, features):
    scaler = StandardScaler()
    scaler.fit(train_features)
    model = RandomForestClassifier()
    model.fit(scaler.transform(train_features), train_labels)
    return model.predict(scaler.transform(features))
)";

std::string edited(std::string text, const std::string& from, const std::string& to) {
  EXPECT_THAT(text, HasSubstr(from));
  return base::replace_all(std::move(text), from, to);
}

TEST_F(Leaks, AnHonestProgramHasNone) {
  put("answer.py", kLearner);
  put("smooth.py", "def smooth(window, width=5):\n    return np.convolve(window, [0.2, 0.2, 0.2, 0.2, 0.2], 'same')\n");
  EXPECT_THAT(kinds(), IsEmpty());
}

TEST_F(Leaks, FittingToTheItemsToAnswerIsNamed) {
  put("answer.py", edited(kLearner, "scaler.fit(train_features)", "scaler.fit(features)"));
  EXPECT_THAT(kinds(), UnorderedElementsAre("fit_on_asked"));
  EXPECT_THAT(leaks().front().text, HasSubstr("answer.py line 3: .fit gets the items that are to be answered"));
}

TEST_F(Leaks, FittingBeforeTheSplitIsNamedThroughOtherNames) {
  put("answer.py", edited(kLearner, "scaler.fit(train_features)",
                          "both = np.vstack([train_features, features])\n    everything = both * 1.0\n"
                          "    scaler.fit(everything)"));
  EXPECT_THAT(kinds(), UnorderedElementsAre("fit_on_asked"));
  put("answer.py", edited(kLearner, "return model.predict(scaler.transform(features))",
                          "return model.predict(scaler.fit_transform(features))"));
  EXPECT_THAT(kinds(), UnorderedElementsAre("fit_on_asked")) << "fitted anew to what is asked";
}

TEST_F(Leaks, AConstantPredictorIsNamed) {
  put("tell.py", "def tell(window):\n    return 'walk'\n");
  EXPECT_THAT(kinds(), UnorderedElementsAre("constant_answer"));
  put("tell.py", "def tell(window):\n    return 'walk' if window.std() > 1 else 'sit'\n");
  EXPECT_THAT(kinds(), IsEmpty()) << "an answer that depends on the input";
  put("tell.py", "def tell(window):\n    if window.std() > 1:\n        return 'walk'\n    return 'sit'\n");
  EXPECT_THAT(kinds(), IsEmpty()) << "two different literals";
  put("tell.py", "def tell(window):\n    if window.size == 0:\n        return 'sit'\n    return str(window.std())\n");
  EXPECT_THAT(kinds(), IsEmpty()) << "an edge case";
  put("tell.py", "def tell(window):\n    if window.std() > 1:\n        return 'sit'\n    return 'sit'\n");
  EXPECT_THAT(kinds(), UnorderedElementsAre("constant_answer"));
  put("tell.py", "def width():\n    return 5\n");
  EXPECT_THAT(kinds(), IsEmpty()) << "a constant is no answer where nothing is asked";
}

TEST_F(Leaks, TheSameAnswerForAllItemsIsNamedWhateverTheCode) {
  for (auto& [id, answer] : measured_.contract.classes) answer = "walk";
  EXPECT_THAT(kinds(), UnorderedElementsAre("same_answer"));
  measured_.contract.classes["item-3"] = "sit";
  EXPECT_THAT(kinds(), IsEmpty());
}

TEST_F(Leaks, TheSameNumberOrPositionForAllItemsIsNamed) {
  measured_.contract.classes.clear();
  for (const auto& id : table_.ids) measured_.contract.values[id] = 1.5;
  EXPECT_THAT(kinds(), UnorderedElementsAre("same_answer"));
  measured_.contract.values["item-0"] = 1.6;
  EXPECT_THAT(kinds(), IsEmpty());
  for (const auto& id : table_.ids) measured_.contract.positions[id] = {1, 2};
  EXPECT_THAT(kinds(), UnorderedElementsAre("same_answer"));
  measured_.contract.positions["item-0"] = {2, 2};
  EXPECT_THAT(kinds(), IsEmpty());
}

TEST_F(Leaks, AFewEqualAnswersSayNothing) {
  measured_.contract.classes = {{"item-0", "walk"}, {"item-1", "walk"}, {"item-2", "walk"}, {"item-3", "walk"}};
  EXPECT_THAT(kinds(), IsEmpty());
}

TEST_F(Leaks, HardCodedResultsAreNamed) {
  std::string numbers = "1";
  for (int i = 0; i < 60; ++i) numbers += ", " + std::to_string(37 * i);
  put("find.py", "def find(ecg):\n    return [" + numbers + "]\n");
  EXPECT_THAT(kinds(), UnorderedElementsAre("hard_coded"));
  put("find.py", "def find(ecg):\n    return np.convolve(ecg, [0.1, 0.2, 0.4, 0.2, 0.1])\n");
  EXPECT_THAT(kinds(), IsEmpty()) << "coefficients of a filter";
}

TEST_F(Leaks, NamesOfRecordsInTheCodeAreNamed) {
  put("find.py", "def find(ecg, known={'item-13': 7}):\n    return known.get(str(ecg), 0)\n");
  EXPECT_THAT(kinds(), UnorderedElementsAre("record_id"));
  EXPECT_THAT(leaks().front().text, HasSubstr("'item-13'"));
  put("find.py", "def find(ecg, known={'item-2': 7}):\n    return known.get(str(ecg), 0)\n");
  EXPECT_THAT(kinds(), IsEmpty()) << "no record of this part";
}

TEST_F(Leaks, FilesReadOnTheSideAreNamedButNotThoseOfTheReader) {
  put("peek.py", "def peek(ecg):\n    return len(open('/data/records.json').read()) + ecg[0]\n");
  EXPECT_THAT(kinds(), UnorderedElementsAre("reads_files"));
  fs::remove(folder_ / "app" / "peek.py");
  put("main.py", "def main(path):\n    return open(path).read()\n");
  EXPECT_THAT(kinds(), IsEmpty()) << "main.py is ours";
}

TEST_F(Leaks, TheSameSubjectOnBothSidesIsNamed) {
  for (int i = 0; i < 20; ++i) table_.subjects.push_back(i < 14 ? "anna" : "bert");
  EXPECT_THAT(kinds(), UnorderedElementsAre("shared_subject"));
  EXPECT_THAT(leaks().front().text, HasSubstr("1 subjects are in both parts, such as anna"));
  for (int i = 0; i < 20; ++i) table_.subjects[static_cast<std::size_t>(i)] = i < 12 ? "anna" : "bert";
  EXPECT_THAT(kinds(), IsEmpty()) << "parted where the subject changes";
}

TEST_F(Leaks, ASplitBySubjectSharesNone) {
  for (int i = 0; i < 20; ++i) table_.subjects.push_back("s" + std::to_string(i % 5));
  EXPECT_THAT(kinds(), Contains("shared_subject")) << "split by time: all subjects are on both sides";
  requirement_.split.by = "subject";
  EXPECT_THAT(kinds(), Not(Contains("shared_subject")));
}

TEST_F(Leaks, NeighboursDealtOutAtRandomAreNamed) {
  requirement_.split.by = "index";
  EXPECT_THAT(kinds(), UnorderedElementsAre("neighbours"));
  requirement_.split.by = "time";
  EXPECT_THAT(kinds(), IsEmpty()) << "one cut has one pair of neighbours";
  requirement_.split.by = "index";
  requirement_.data.items = "file";
  for (std::size_t i = 0; i < 20; ++i) table_.files[i] = "file" + std::to_string(i);
  EXPECT_THAT(kinds(), IsEmpty()) << "files are no neighbours";
}

TEST_F(Leaks, WindowsThatShareSamplesAcrossTheCutAreNamed) {
  requirement_.data.items = "window";
  requirement_.data.window_s = 2;
  requirement_.data.step_s = 0.5;
  for (std::size_t i = 0; i < 20; ++i) table_.times[i] = static_cast<std::int64_t>(25 * i);  // 100 samples long
  EXPECT_THAT(kinds(), UnorderedElementsAre("overlap"));
  EXPECT_THAT(leaks().front().text, HasSubstr("3 of 8 windows"));
  requirement_.data.step_s = 2;
  for (std::size_t i = 0; i < 20; ++i) table_.times[i] = static_cast<std::int64_t>(100 * i);
  EXPECT_THAT(kinds(), IsEmpty()) << "end to end";
  requirement_.data.step_s = 0.5;
  requirement_.split.by = "file";
  for (std::size_t i = 0; i < 20; ++i) {
    table_.times[i] = static_cast<std::int64_t>(25 * (i % 10));
    table_.files[i] = i < 10 ? "a.npz" : "b.npz";
  }
  EXPECT_THAT(kinds(), IsEmpty()) << "whole files";
}

TEST_F(Leaks, RecordsOfTheHostHaveNoTableToLookAt) {
  requirement_.data.format = "csv";
  requirement_.data.items = "file";
  requirement_.result.kind = "events";
  EXPECT_THAT(kinds(), IsEmpty());
}

TEST_F(Leaks, CodeThatIsNoTextIsNamedAndBrokenCodeIsNot) {
  put("binary.py", "\xFF\xFE");
  EXPECT_THAT(kinds(), UnorderedElementsAre("unreadable"));
  put("binary.py", "def (:\n");
  EXPECT_THAT(kinds(), IsEmpty()) << "the run itself says that";
  put("binary.py", "a = '" + std::string(2 << 20, 'x') + "'\n");
  EXPECT_THAT(leaks().front().text, HasSubstr("binary.py is too large to look at"));
}

}  // namespace
}  // namespace gpiot::pipeline
