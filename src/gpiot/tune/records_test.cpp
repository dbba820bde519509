#include "gpiot/tune/records.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "gpiot/base/error.h"
#include "gpiot/tune/plan.h"
#include "gpiot/tune/tune_config.h"

namespace gpiot::tune {
namespace {

std::string record(const std::string& id, const std::string& kind, const std::string& question,
                   const std::string& more = {}) {
  return R"({"id": ")" + id + R"(", "kind": ")" + kind +
         R"(", "messages": [{"role": "system", "content": "You plan."}, )" + R"({"role": "user", "content": ")" +
         question + R"("}, {"role": "assistant", "content": "- Sub-Task 1 [A]"}], )" +
         R"("source": {"licence": "CC0-1.0"})" + more + "}";
}

class RecordsTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  RecordSet read(const std::string& text, bool skip_bad = false) {
    std::ofstream(folder_ / "r.jsonl") << text;
    return read_records({folder_ / "r.jsonl"}, skip_bad);
  }
  std::string problem(const std::string& text) {
    try {
      (void)read(text);
    } catch (const base::Error& error) {
      return error.what();
    }
    return {};
  }
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("gpiot_records_" + std::to_string(::getpid()));
};

TEST_F(RecordsTest, are_read_by_kind) {
  const RecordSet set =
      read(record("a", "tdd", "one") + "\n\n" + record("b", "cgd-d3", "two", R"(, "split": "validation")") + "\n" +
           record("c", "cgd-d1", "three", R"(, "split": "test")"));
  ASSERT_EQ(set.records.size(), 2U);
  EXPECT_EQ(set.records[0].task, Task::tdd);
  EXPECT_FALSE(set.records[0].validation);
  EXPECT_EQ(set.records[1].task, Task::cgd);
  EXPECT_TRUE(set.records[1].validation);
}

TEST_F(RecordsTest, a_bad_line_is_named) {
  const std::string good = record("a", "tdd", "one") + "\n";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{", "r.jsonl:2"},
      {record("a", "tdd", "two"), "id 'a' was there before"},
      {record("b", "tdd", "one"), "same messages"},
      {record("b", "poem", "two"), "kind: got 'poem'"},
      {R"({"id": "b", "kind": "tdd"})", "no list 'messages'"},
      {R"({"id": "b", "kind": "tdd", "messages": [{"role": "assistant", "content": "x"}], "source": {"licence": "MIT"}})",
       "expected user"},
      {R"({"id": "b", "kind": "tdd", "messages": [{"role": "user", "content": "x"}], "source": {"licence": "MIT"}})",
       "last message"},
      {R"({"id": "b", "kind": "tdd", "messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": " "}], "source": {"licence": "MIT"}})",
       "'content' is empty"},
      {R"({"id": "b", "kind": "tdd", "messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]})",
       "source"},
      {R"({"id": "b", "kind": "tdd", "messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}], "source": {}})",
       "licence"},
  };
  for (const auto& [line, wanted] : cases) {
    const std::string message = problem(good + line);
    EXPECT_NE(message.find(wanted), std::string::npos) << line << "\n" << message;
    EXPECT_NE(message.find("r.jsonl:2"), std::string::npos) << message;
    const RecordSet rest = read(good + line, true);
    EXPECT_EQ(rest.records.size(), 1U);
    EXPECT_EQ(rest.skipped.size(), 1U);
  }
}

TEST_F(RecordsTest, a_share_of_each_task_is_for_validation) {
  std::string text;
  for (int i = 0; i < 40; ++i)
    text += record("r" + std::to_string(i), i % 2 == 0 ? "tdd" : "cgd-d2", "q" + std::to_string(i)) + "\n";
  RecordSet set = read(text);
  part_records(set, 0.1);
  std::array<int, 2> count{};
  for (const Record& one : set.records) count[static_cast<std::size_t>(one.task)] += one.validation ? 1 : 0;
  EXPECT_EQ(count, (std::array<int, 2>{2, 2}));
}

TEST_F(RecordsTest, only_the_answer_and_its_end_are_counted) {
  if (std::getenv("GPIOT_TEST_MODEL") == nullptr) GTEST_SKIP() << "GPIOT_TEST_MODEL names no model";
  const llm::LlamaModel model(std::getenv("GPIOT_TEST_MODEL"), {}, llm::LlamaModel::Part::vocabulary);
  RecordSet set = read(record("a", "tdd", "one") + "\n" + record("b", "cgd-d3", "two"));
  const std::vector<Example> examples = tokenise(model, set, 500, false);
  ASSERT_EQ(examples.size(), 2U);
  std::string answer;
  for (std::size_t i = examples[0].answer_start; i + 1 < examples[0].tokens.size(); ++i)
    answer += model.piece_of(examples[0].tokens[i]);
  EXPECT_EQ(answer, "- Sub-Task 1 [A]");
  EXPECT_TRUE(model.is_end(examples[0].tokens.back()));
  EXPECT_THROW((void)tokenise(model, set, 20, false), base::Error);
  EXPECT_TRUE(tokenise(model, set, 20, true).empty());
  EXPECT_EQ(set.skipped.size(), 2U);
}

TEST(PlanTest, each_example_once_an_epoch_within_the_limits) {
  std::vector<Example> examples(50);
  for (std::size_t i = 0; i < examples.size(); ++i) examples[i].tokens.resize(10 + (i * 7) % 40);
  const std::vector<StepPlan> first = plan_epoch(examples, 100, 250, false, 1, 0);
  std::vector<int> seen(50, 0);
  for (const StepPlan& step : first) {
    std::size_t in_step = 0;
    for (const auto& batch : step) {
      std::size_t in_batch = 0;
      for (const std::size_t i : batch) {
        ++seen[i];
        in_batch += examples[i].tokens.size();
      }
      EXPECT_LE(in_batch, 100U);
      in_step += in_batch;
    }
    EXPECT_LE(in_step, 250U);
  }
  EXPECT_EQ(seen, std::vector<int>(50, 1));
  EXPECT_EQ(first, plan_epoch(examples, 100, 250, false, 1, 0));
  EXPECT_NE(first, plan_epoch(examples, 100, 250, false, 1, 1));
}

TEST(TuneConfigTest, its_text_is_read_back_and_bad_keys_are_named) {
  const auto path = std::filesystem::temp_directory_path() / ("gpiot_config_" + std::to_string(::getpid()) + ".toml");
  std::ofstream(path) << "data = [\"a.jsonl\", \"b.jsonl\"]\nrank = 8\nsharing = \"single\"\nlearning_rate = "
                         "3e-4\nrecompute = \"block\"\n";
  const TuneConfig config = read_config(path);
  EXPECT_EQ(config.data, (std::vector<std::string>{"a.jsonl", "b.jsonl"}));
  EXPECT_EQ(config.adapters.rank, 8);
  EXPECT_EQ(config.adapters.sharing, Sharing::single);
  EXPECT_EQ(config.recompute, Recompute::block);
  std::ofstream(path, std::ios::trunc) << config_text(config);
  EXPECT_EQ(config_text(read_config(path)), config_text(config));
  const auto problem = [&](const std::string& text) {
    std::ofstream(path, std::ios::trunc) << text;
    try {
      check_config(read_config(path));
    } catch (const base::Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_NE(problem("rank = 8\nrang = 3\n").find("line 2: [tune.config] unknown key: got 'rang'"), std::string::npos);
  EXPECT_NE(problem("sharing = \"all\"\n").find("expected one of pect, independent"), std::string::npos);
  EXPECT_NE(problem("rank = 8\n").find("data: got none"), std::string::npos);
  EXPECT_NE(problem("data = [\"x\"]\nbatch_tokens = 4096\nstep_tokens = 100\n").find("at least batch_tokens"),
            std::string::npos);
  EXPECT_NE(problem("base_storage = \"int4\"\n").find("expected one of same, int8"), std::string::npos);
  std::filesystem::remove(path);
}

TEST(TuneConfigTest, a_key_that_an_older_text_has_not_stands_at_its_default) {
  TuneConfig config;
  std::string older = config_text(config);
  const auto line = older.find("base_storage = ");
  ASSERT_NE(line, std::string::npos);
  older.erase(line, older.find('\n', line) + 1 - line);
  EXPECT_EQ(config_differences(older, config_text(config)), std::vector<std::string>());
  config.base_storage = BaseStorage::int8;
  EXPECT_EQ(config_differences(older, config_text(config)),
            (std::vector<std::string>{"base_storage: was \"same\", is \"int8\""}));
}

}  // namespace
}  // namespace gpiot::tune
