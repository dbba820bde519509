#include "gpiot/agents/recording_generator.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "gpiot/agents/scripted_generator.h"
#include "gpiot/agents/trace_form.h"
#include "gpiot/base/error.h"
#include "gpiot/base/files.h"

namespace gpiot::agents {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;

class Recording : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  const fs::path folder_ = fs::temp_directory_path() / ("gpiot-trace-" + std::to_string(::getpid()));
  const fs::path file_ = folder_ / "trace.jsonl";
  const base::CancelToken cancel_;
};

core::GenerationRequest request(std::uint32_t seed) {
  core::GenerationRequest made;
  made.messages = {{"system", "Say \"yes\"."}, {"user", "Line\nfeed \xC3\xA4"}};
  made.answer_start = "def f(";
  made.sampling = {.temperature = 0.8,
                   .top_p = 0.9,
                   .top_k = 20,
                   .seed = seed,
                   .max_tokens = 33,
                   .grammar = "root ::= \"a\"\n",
                   .stop = {"\n\n", "###"}};
  return made;
}

std::unique_ptr<ScriptedGenerator> script() {
  return std::make_unique<ScriptedGenerator>([](const auto&) { return std::string("twelve bytes"); });
}

ErrorCode code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::Internal;
}

TEST_F(Recording, WritesWhatWasAskedAndTheSizesOfTheAnswers) {
  const std::vector<core::GenerationRequest> two = {request(7), request(4'294'967'295U)};
  RecordingGenerator generator(script(), file_);
  const auto answers = generator.generate(two, {}, cancel_);
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].text, "def f(twelve bytes");
  (void)generator.generate(std::span(two).first(1), {}, cancel_);

  const auto calls = load_trace(file_);
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[1].call, 1);
  EXPECT_EQ(calls[1].requests.size(), 1U);
  ASSERT_EQ(calls[0].requests.size(), 2U);
  const auto& read = calls[0].requests[1];
  EXPECT_EQ(read.messages[1].content, two[1].messages[1].content);
  EXPECT_EQ(read.messages[0].role, "system");
  EXPECT_EQ(read.answer_start, "def f(");
  EXPECT_EQ(read.sampling.seed, 4'294'967'295U);
  EXPECT_EQ(read.sampling.temperature, 0.8);
  EXPECT_EQ(read.sampling.top_p, 0.9);
  EXPECT_EQ(read.sampling.top_k, 20);
  EXPECT_EQ(read.sampling.max_tokens, 33);
  EXPECT_EQ(read.sampling.grammar, two[1].sampling.grammar);
  EXPECT_EQ(read.sampling.stop, two[1].sampling.stop);
  EXPECT_EQ(calls[0].answers[1].tokens, answers[1].completion_tokens);
  EXPECT_EQ(calls[0].answers[1].prompt_tokens, answers[1].prompt_tokens);
  EXPECT_GE(calls[0].wall_s, 0);
}

TEST_F(Recording, ASecondGeneratorAppends) {
  const std::vector<core::GenerationRequest> one = {request(1)};
  (void)RecordingGenerator(script(), file_).generate(one, {}, cancel_);
  (void)RecordingGenerator(script(), file_).generate(one, {}, cancel_);
  EXPECT_EQ(load_trace(file_).size(), 2U);
}

TEST_F(Recording, PassesTheOtherQuestionsOn) {
  RecordingGenerator generator(script(), file_);
  const std::vector<core::ChatMessage> messages = {{"user", "12345678"}};
  EXPECT_EQ(generator.count_tokens(messages), script()->count_tokens(messages));
  EXPECT_EQ(generator.context_tokens(), script()->context_tokens());
  EXPECT_EQ(generator.identity().name, "script");
}

TEST_F(Recording, ACallThatFailsIsNotWritten) {
  RecordingGenerator generator(std::make_unique<ScriptedGenerator>(std::deque<std::string>{}), file_);
  const std::vector<core::GenerationRequest> one = {request(1)};
  EXPECT_THROW((void)generator.generate(one, {}, cancel_), Error);
  EXPECT_EQ(base::read_file(file_, "test.read"), "");
}

TEST_F(Recording, RefusesAFileThatCannotBeWritten) {
  EXPECT_EQ(code_of([&] { RecordingGenerator generator(script(), folder_ / "missing" / "trace"); }), ErrorCode::Io);
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full";
  RecordingGenerator full(script(), "/dev/full");
  const std::vector<core::GenerationRequest> one = {request(1)};
  EXPECT_EQ(code_of([&] { (void)full.generate(one, {}, cancel_); }), ErrorCode::Io);
}

TEST_F(Recording, FinishReasonsSurvive) {
  TracedCall call;
  call.requests.assign(3, request(1));
  call.answers = {
      {1, 2, core::FinishReason::Length}, {3, 4, core::FinishReason::Cancelled}, {5, 6, core::FinishReason::Stop}};
  const auto read = parse_trace_line(trace_line(call), "line");
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(read.answers[i].finish, call.answers[i].finish);
}

TEST_F(Recording, RefusesWhatIsNoTrace) {
  const std::string good = trace_line({0, 0.5, {request(1)}, {{1, 2, core::FinishReason::Stop}}});
  EXPECT_EQ(parse_trace_line(good, "line").wall_s, 0.5);
  const auto changed = [&](std::string_view from, std::string_view to) {
    std::string line = good;
    line.replace(line.find(from), from.size(), to);
    return line;
  };
  for (const auto& line : {std::string("{"), std::string("[]"), changed("\"schema\":1", "\"schema\":2"),
                           changed("\"seed\":1", "\"seed\":\"x\""), changed("answer_start", "answer"),
                           changed("\"answers\":[{", "\"answers\":[],\"more\":[{")}) {
    EXPECT_EQ(code_of([&] { (void)parse_trace_line(line, "line"); }), ErrorCode::Format) << line;
  }
  base::write_file_atomic(file_, "\n\n", "test.write");
  EXPECT_EQ(code_of([&] { (void)load_trace(file_); }), ErrorCode::Format);
  EXPECT_EQ(code_of([&] { (void)load_trace(folder_ / "none"); }), ErrorCode::NotFound);
}

}  // namespace
}  // namespace gpiot::agents
