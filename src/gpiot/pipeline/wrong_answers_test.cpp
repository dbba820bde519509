#include "gpiot/pipeline/wrong_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "gpiot/base/files.h"

namespace gpiot::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

/// As numpy.save writes an array of texts.
std::string npy_of(const std::vector<std::string>& texts, std::size_t width) {
  std::string header = "{'descr': '<U" + std::to_string(width) + "', 'fortran_order': False, 'shape': (" +
                       std::to_string(texts.size()) + ",), }\n";
  std::string bytes("\x93NUMPY\x01\0", 8);
  bytes += static_cast<char>(header.size());
  bytes += '\0';
  bytes += header;
  for (const auto& text : texts) {
    for (std::size_t i = 0; i < width; ++i)
      bytes += std::string(1, i < text.size() ? text[i] : '\0') + std::string(3, '\0');
  }
  return bytes;
}

class WrongAnswers : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "gpiot-wrong-answers-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    fs::create_directories(folder_ / "test");
    base::write_file_atomic(folder_ / "test/frame.npy", npy_of({"7E01", "7E02", "7F", "7E0104"}, 6), "test");
    wanted_.statement = "Each is a frame.";
    wanted_.data.inputs = {{"frame", "str", "", "", "", "hexadecimal text"}};
    wanted_.result.kind = "class";
    wanted_.result.variable = {"verdict", "str", "", "", "", ""};
    data_.view = folder_;
    for (const auto* id : {"a", "b", "c", "d"}) data_.records.push_back({id, 0, 0, {}});
    data_.truth.classes = {{"a", "ok"}, {"b", "ok"}, {"c", "bad"}, {"d", "short"}};
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::string lines(const std::string& a, const std::string& b, const std::string& c, const std::string& d) {
    std::string text;
    for (const auto& [id, answer] : {std::pair{"a", a}, {"b", b}, {"c", c}, {"d", d}}) {
      text += std::string("{\"record\": \"") + id + "\", \"verdict\": " + answer + "}\n";
    }
    return text;
  }

  fs::path folder_;
  core::Requirement wanted_;
  PartData data_;
};

TEST_F(WrongAnswers, OnePairOfAnswersIsShownOnce) {
  const auto result = lines("\"short\"", "\"short\"", "\"bad\"", "null");
  EXPECT_THAT(wrong_answers(wanted_, data_, result + "{\"record\": \"a\nnot JSON\n"),
              ElementsAre("frame 7E01: got \"short\", expected \"ok\"", "frame 7E0104: got null, expected \"short\""));
  EXPECT_THAT(wrong_answers(wanted_, data_, lines("\"ok\"", "\"ok\"", "\"bad\"", "\"short\"")), IsEmpty());
}

TEST_F(WrongAnswers, NumbersAreComparedAsNumbers) {
  data_.truth.classes.clear();
  data_.truth.values = {{"a", 21.5}, {"b", -3}, {"c", 0}, {"d", 7}};
  EXPECT_THAT(wrong_answers(wanted_, data_, lines("21.5", "3", "0.0", "7")),
              ElementsAre("frame 7E02: got 3, expected -3"));
}

TEST_F(WrongAnswers, AreThoseOfParsersAlone) {
  const auto result = lines("\"bad\"", "\"ok\"", "\"bad\"", "\"short\"");
  ASSERT_FALSE(wrong_answers(wanted_, data_, result).empty());
  wanted_.result.learned = true;
  EXPECT_THAT(wrong_answers(wanted_, data_, result), IsEmpty());
  wanted_.result.learned = false;
  data_.records.pop_back();
  EXPECT_THAT(wrong_answers(wanted_, data_, result), IsEmpty()) << "not as many texts as records";
}

TEST_F(WrongAnswers, OtherFilesHoldNoTexts) {
  EXPECT_THAT(read_npy_texts(folder_ / "nowhere.npy"), IsEmpty());
  base::write_file_atomic(folder_ / "test/frame.npy", npy_of({"7E01"}, 6).substr(0, 70), "test");
  EXPECT_THAT(read_npy_texts(folder_ / "test/frame.npy"), IsEmpty());
  base::write_file_atomic(folder_ / "test/frame.npy", "\x93NUMPY", "test");
  EXPECT_THAT(read_npy_texts(folder_ / "test/frame.npy"), IsEmpty());
}

}  // namespace
}  // namespace gpiot::pipeline
