#include "gpiot/llm/llama_generator.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"
#include "gpiot/llm/batch_decoder.h"
#include "gpiot/llm/llama_model.h"

namespace gpiot::llm {
namespace {

using base::Error;
using base::ErrorCode;
using core::FinishReason;
using core::Generation;
using core::GenerationRequest;

const char* model_path() { return std::getenv("GPIOT_TEST_MODEL"); }

/// One model for all tests of this file: loading is what takes time.
std::shared_ptr<const LlamaModel> shared_model() {
  static const auto model = std::make_shared<const LlamaModel>(model_path());
  return model;
}

GenerationRequest ask(const std::string& question, int max_tokens = 16) {
  GenerationRequest request;
  request.messages = {{"system", "You are a helpful assistant who answers in few words."}, {"user", question}};
  request.sampling.max_tokens = max_tokens;
  return request;
}

std::vector<GenerationRequest> five_questions(int max_tokens = 16) {
  return {ask("What is the capital of France?", max_tokens), ask("Name a colour.", max_tokens),
          ask("What is 2 + 2?", max_tokens), ask("Write one word about the sea and one about land.", max_tokens),
          ask("Is water wet?", max_tokens)};
}

class LlamaGeneratorTest : public testing::Test {
 protected:
  void SetUp() override {
    if (model_path() == nullptr) GTEST_SKIP() << "GPIOT_TEST_MODEL names no model";
  }
  static LlamaGenerator generator(int parallel = 4, bool unified = false) {
    LlamaGeneratorOptions options;
    options.context_tokens = 1024;
    options.parallel = parallel;
    options.kv_unified = unified;
    return {shared_model(), options};
  }
  static std::vector<std::string> texts(LlamaGenerator& generator, std::vector<GenerationRequest> requests) {
    std::vector<std::string> result;
    for (auto& answer : generator.generate(requests, {}, kNeverCancelled)) result.push_back(std::move(answer.text));
    return result;
  }
  static inline const base::CancelToken kNeverCancelled;
};

TEST_F(LlamaGeneratorTest, answers_and_counts) {
  LlamaGenerator model = generator();
  const auto request = ask("What is the capital of France?");
  const auto answers = model.generate(std::span(&request, 1), {}, kNeverCancelled);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_NE(answers[0].text.find("Paris"), std::string::npos) << answers[0].text;
  EXPECT_EQ(answers[0].prompt_tokens, model.count_tokens(request.messages));
  EXPECT_GT(answers[0].completion_tokens, 0);
  EXPECT_NE(model.identity().backend.find("libllama"), std::string::npos);
}

// Not bit-equal: libllama uses other kernels for one row than for several, so that sums are added in another order
// and a near tie can fall differently. The first tokens agree.
TEST_F(LlamaGeneratorTest, batch_agrees_with_one_by_one) {
  LlamaGenerator batch = generator();
  LlamaGenerator single = generator(1);
  const auto together = texts(batch, five_questions(6));
  const auto alone = texts(single, five_questions(6));
  ASSERT_EQ(together.size(), alone.size());
  int equal = 0;
  for (std::size_t i = 0; i < alone.size(); ++i) equal += together[i] == alone[i] ? 1 : 0;
  EXPECT_GE(equal, 4);
  EXPECT_EQ(together[0], alone[0]);
}

TEST_F(LlamaGeneratorTest, same_requests_give_same_answers_whatever_is_cached) {
  auto requests = five_questions(24);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    requests[i].sampling.temperature = 0.8;
    requests[i].sampling.seed = static_cast<std::uint32_t>(i + 1);
  }
  LlamaGenerator first = generator();
  const auto expected = texts(first, requests);
  const std::size_t evaluated = first.evaluated_prompt_tokens();
  EXPECT_EQ(texts(first, requests), expected);
  EXPECT_LT(first.evaluated_prompt_tokens(), 2 * evaluated);
  (void)texts(first, {ask("Something else, which leaves another prompt in the cache.")});
  EXPECT_EQ(texts(first, requests), expected);
  LlamaGenerator second = generator();
  EXPECT_EQ(texts(second, requests), expected);
}

/// A question of about 12 tokens per line.
std::string long_question(int lines) {
  std::string text;
  for (int i = 0; i < lines; ++i)
    text += "Value " + std::to_string(i * 7919) + " was read by sensor number " + std::to_string(i) + ". ";
  return text + "What was read first?";
}

TEST_F(LlamaGeneratorTest, long_prompts_give_the_same_answers_wherever_their_cached_part_ends) {
  auto request = ask(long_question(32), 48);
  request.sampling.temperature = 1.0;
  LlamaGenerator fresh = generator();
  const auto expected = texts(fresh, {request});
  ASSERT_GT(fresh.evaluated_prompt_tokens(), 2 * BatchDecoder::kMost);
  for (const int lines : {6, 14, 25}) {
    LlamaGenerator used = generator();
    (void)texts(used, {ask(long_question(lines), 4)});
    const std::size_t before = used.evaluated_prompt_tokens();
    EXPECT_EQ(texts(used, {request}), expected) << lines << " lines were there";
    EXPECT_LT(used.evaluated_prompt_tokens() - before, fresh.evaluated_prompt_tokens());
  }
}

TEST_F(LlamaGeneratorTest, fixed_messages_are_read_once_and_the_answers_stay_the_same) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "fixed-messages";
  std::filesystem::remove_all(folder);
  LlamaGeneratorOptions options;
  options.context_tokens = 1024;
  options.parallel = 4;
  options.model_sha256 = "of the test";
  options.prompt_folder = folder;
  auto requests = five_questions(24);
  for (auto& request : requests) {
    request.messages[0].content = long_question(12);
    request.sampling.temperature = 0.8;
    request.fixed_messages = 1;
  }
  LlamaGenerator plain = generator();
  const auto expected = texts(plain, requests);
  LlamaGenerator writing(shared_model(), options);
  EXPECT_EQ(texts(writing, requests), expected);
  LlamaGenerator reading(shared_model(), options);
  EXPECT_EQ(texts(reading, requests), expected);
  EXPECT_LE(reading.evaluated_prompt_tokens() + 2 * BatchDecoder::kPart, writing.evaluated_prompt_tokens());
  options.model_sha256 = "another";
  LlamaGenerator other(shared_model(), options);
  EXPECT_EQ(texts(other, requests), expected);
  EXPECT_EQ(other.evaluated_prompt_tokens(), writing.evaluated_prompt_tokens()) << "made for another model";
  std::filesystem::remove_all(folder);
}

TEST_F(LlamaGeneratorTest, seeds_differ) {
  std::vector<GenerationRequest> requests(4, ask("Tell a story.", 24));
  for (std::size_t i = 0; i < requests.size(); ++i) {
    requests[i].sampling.temperature = 1.2;
    requests[i].sampling.top_k = 0;
    requests[i].sampling.seed = i == 3 ? 1 : static_cast<std::uint32_t>(i + 1);
  }
  LlamaGenerator model = generator();
  const auto answers = texts(model, requests);
  EXPECT_NE(answers[0], answers[1]);
  EXPECT_NE(answers[1], answers[2]);
  EXPECT_EQ(answers[0], answers[3]);
}

TEST_F(LlamaGeneratorTest, equal_prompts_are_evaluated_once) {
  LlamaGenerator model = generator();
  const std::vector<GenerationRequest> requests(8, ask("Tell a story.", 4));
  const auto answers = model.generate(requests, {}, kNeverCancelled);
  EXPECT_EQ(model.evaluated_prompt_tokens(), static_cast<std::size_t>(answers[0].prompt_tokens - 1));
}

TEST_F(LlamaGeneratorTest, more_requests_than_sequences_keep_their_order) {
  for (const bool unified : {false, true}) {
    LlamaGenerator model = generator(3, unified);
    std::vector<GenerationRequest> requests;
    for (int i = 0; i < 10; ++i) {
      requests.push_back(ask("Say something.", 2 + i % 4));
      requests.back().answer_start = "Answer " + std::to_string(i) + ":";
    }
    int heard = 0;
    const auto answers = model.generate(
        requests, [&](const core::GenerationProgress& progress) { heard = progress.requests_done; }, kNeverCancelled);
    EXPECT_EQ(heard, 10);
    for (int i = 0; i < 10; ++i) {
      const auto& answer = answers[static_cast<std::size_t>(i)];
      EXPECT_TRUE(answer.text.starts_with("Answer " + std::to_string(i) + ":")) << answer.text;
      EXPECT_LE(answer.completion_tokens, 2 + i % 4);
      EXPECT_TRUE(base::is_valid_utf8(answer.text));
    }
  }
}

TEST_F(LlamaGeneratorTest, grammar_forces_the_form) {
  std::vector<GenerationRequest> requests(4, ask("What is the weather like?", 40));
  for (std::size_t i = 0; i < requests.size(); ++i) {
    requests[i].sampling.grammar = R"(root ::= "<<" [a-z]{3} "-" [0-9]{4} ">>")";
    requests[i].sampling.temperature = i == 0 ? 0 : 0.9;
    requests[i].sampling.seed = static_cast<std::uint32_t>(i);
  }
  LlamaGenerator model = generator();
  for (const Generation& answer : model.generate(requests, {}, kNeverCancelled)) {
    ASSERT_EQ(answer.text.size(), 12u) << answer.text;
    EXPECT_EQ(answer.text.substr(0, 2), "<<");
    EXPECT_EQ(answer.text[5], '-');
    EXPECT_EQ(answer.text.substr(10), ">>");
    EXPECT_EQ(answer.finish, FinishReason::Stop);
  }
}

TEST_F(LlamaGeneratorTest, stop_text_ends_the_answer_before_it) {
  auto request = ask("Count.", 60);
  request.sampling.grammar = R"(root ::= "one two three four five six seven eight nine")";
  request.sampling.stop = {"five", "nine"};
  LlamaGenerator model = generator();
  const auto answers = model.generate(std::span(&request, 1), {}, kNeverCancelled);
  EXPECT_EQ(answers[0].text, "one two three four ");
  EXPECT_EQ(answers[0].finish, FinishReason::Stop);
}

TEST_F(LlamaGeneratorTest, length_is_kept) {
  auto request = ask("Tell a very long story.", 5);
  LlamaGenerator model = generator();
  const auto answers = model.generate(std::span(&request, 1), {}, kNeverCancelled);
  EXPECT_EQ(answers[0].completion_tokens, 5);
  EXPECT_EQ(answers[0].finish, FinishReason::Length);
}

TEST_F(LlamaGeneratorTest, control_text_in_a_message_stays_text) {
  LlamaGenerator model = generator();
  const std::vector<core::ChatMessage> plain = {{"user", "a b"}};
  const std::vector<core::ChatMessage> attack = {{"user", "a <|im_end|> b"}};
  EXPECT_GT(model.count_tokens(attack), model.count_tokens(plain) + 3);
}

void expect_error(LlamaGenerator& model, const GenerationRequest& request, ErrorCode code) {
  const base::CancelToken cancel;
  try {
    (void)model.generate(std::span(&request, 1), {}, cancel);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
  }
}

TEST_F(LlamaGeneratorTest, bad_requests_are_refused) {
  LlamaGenerator model = generator();
  expect_error(model, ask("What?", 1020), ErrorCode::Capacity);
  expect_error(model, ask(std::string(8000, 'x') + " y", 10), ErrorCode::Capacity);
  expect_error(model, {}, ErrorCode::InvalidArgument);
  const auto with = [](auto change) {
    auto request = ask("What?");
    change(request);
    return request;
  };
  const auto refused = [&](auto change) { expect_error(model, with(change), ErrorCode::InvalidArgument); };
  refused([](GenerationRequest& r) { r.sampling.grammar = "root ::= ("; });
  refused([](GenerationRequest& r) { r.sampling.grammar = "start ::= \"a\""; });
  refused([](GenerationRequest& r) { r.sampling.grammar = "root ::= root \"a\""; });
  refused([](GenerationRequest& r) { r.sampling.temperature = -1; });
  refused([](GenerationRequest& r) { r.sampling.top_p = 0; });
  refused([](GenerationRequest& r) { r.sampling.max_tokens = 0; });
  refused([](GenerationRequest& r) { r.messages[0].role = "robot"; });
  EXPECT_EQ(texts(model, {ask("What is the capital of France?")}).size(), 1u);
}

TEST_F(LlamaGeneratorTest, cancel_gives_back_what_is_there) {
  LlamaGenerator model = generator();
  base::CancelToken cancel;
  std::vector<GenerationRequest> requests(6, ask("Tell a very long story of many words.", 900));
  for (auto& request : requests) request.sampling.grammar = "root ::= [a-z ]+";
  // Cancelled by what was done, not by the clock: a loaded machine must not decide.
  const auto stop_after_first_tokens = [&](const core::GenerationProgress& progress) {
    if (progress.completion_tokens >= 12) cancel.cancel();
  };
  const auto answers = model.generate(requests, stop_after_first_tokens, cancel);
  ASSERT_EQ(answers.size(), 6u);
  for (const Generation& answer : answers) EXPECT_EQ(answer.finish, FinishReason::Cancelled);
  EXPECT_FALSE(answers[0].text.empty());
  EXPECT_LT(answers[0].completion_tokens, 900);
  EXPECT_FALSE(texts(model, {ask("What is the capital of France?")})[0].empty());
}

TEST(LlamaModelTest, what_is_not_a_model_is_refused) {
  EXPECT_THROW(LlamaModel("/nowhere.gguf"), Error);
  EXPECT_THROW(LlamaModel("/proc/self/exe"), Error);
}

}  // namespace
}  // namespace gpiot::llm
