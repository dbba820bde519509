#include "gpiot/llm/embedder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <map>
#include <numeric>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/json.h"
#include "gpiot/base/paths.h"
#include "gpiot/base/strings.h"
#include "gpiot/llm/derive.h"
#include "gpiot/llm/word_piece_text.h"

namespace gpiot::llm {
namespace {

using base::Error;
using base::ErrorCode;

/// A text, and what sentence-transformers makes of it (tests/cases/embedding/make.py).
struct Case {
  std::string kind;
  std::string text;
  std::vector<float> vector;
};

std::vector<Case> cases() {
  std::vector<Case> result;
  const auto file = base::installation_root() / "tests" / "cases" / "embedding" / "minilm.jsonl";
  for (const auto& line : base::split_lines(base::read_file(file, "test"))) {
    if (line.empty()) continue;
    const auto row = base::parse_json(line, "test", "a case");
    result.push_back({row["kind"], row["text"], row["vector"].get<std::vector<float>>()});
  }
  return result;
}

double cosine(std::span<const float> a, std::span<const float> b) {
  const auto dot = [](auto x, auto y) { return std::inner_product(x.begin(), x.end(), y.begin(), 0.0); };
  return dot(a, b) / std::sqrt(dot(a, a) * dot(b, b));
}

const char* embedder_path() { return std::getenv("GPIOT_TEST_EMBEDDER"); }

class Embedder : public testing::Test {
 protected:
  void SetUp() override {
    if (embedder_path() == nullptr) GTEST_SKIP() << "GPIOT_TEST_EMBEDDER names no model";
  }
  /// One model for all tests of this file.
  static LlamaEmbedder& embedder() {
    static LlamaEmbedder shared(embedder_path(), {});
    return shared;
  }
  static std::vector<float> embed(const std::vector<std::string>& texts) { return embedder().embed(texts, kNever); }
  static inline const base::CancelToken kNever;
};

TEST_F(Embedder, vectors_are_those_of_sentence_transformers) {
  const auto expected = cases();
  ASSERT_GE(expected.size(), 60u);
  std::vector<std::string> texts;
  for (const auto& each : expected) texts.push_back(each.text);
  const auto vectors = embed(texts);
  const auto width = static_cast<std::size_t>(embedder().dimension());
  ASSERT_EQ(vectors.size(), width * texts.size());
  double lowest = 1;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto got = cosine(std::span(vectors).subspan(i * width, width), expected[i].vector);
    lowest = std::min(lowest, got);
    EXPECT_GE(got, 0.999) << expected[i].kind << ": " << texts[i].substr(0, 80);
  }
  RecordProperty("lowest_cosine", std::to_string(lowest));
  std::printf("lowest cosine of %zu texts: %.6f\n", texts.size(), lowest);
}

TEST_F(Embedder, a_vector_does_not_depend_on_its_neighbours) {
  std::vector<std::string> texts = {"find peaks in a signal", "", std::string(3000, 'a') + " b", "Straße"};
  for (int i = 0; i < 80; ++i) texts.push_back("window " + std::to_string(i));
  const auto together = embed(texts);
  const auto width = static_cast<std::size_t>(embedder().dimension());
  for (std::size_t i = 0; i < texts.size(); i += 3) {
    const auto alone = embed({texts[i]});
    EXPECT_NEAR(cosine(alone, std::span(together).subspan(i * width, width)), 1.0, 1e-5) << texts[i];
    EXPECT_NEAR(std::inner_product(alone.begin(), alone.end(), alone.begin(), 0.0), 1.0, 1e-5);
  }
}

TEST_F(Embedder, long_texts_are_cut_at_the_limit) {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "word ";
  const auto tokens = embedder().tokens_of(text);
  EXPECT_EQ(tokens.size(), 256u);
  EXPECT_EQ(tokens.back(), embedder().tokens_of("").back());
  EXPECT_EQ(embed({text}), embed({text + "and what follows"}));
  LlamaEmbedderOptions options;
  options.max_tokens = 1000;
  EXPECT_EQ(LlamaEmbedder(embedder_path(), options).max_tokens(), 512);  // what the model was trained for
}

TEST_F(Embedder, long_words_take_one_token) {
  EXPECT_EQ(embedder().tokens_of(std::string(101, 'f')).size(), 3u);
  EXPECT_GT(embedder().tokens_of(std::string(100, 'f')).size(), 3u);
  EXPECT_EQ(embedder().tokens_of("x " + std::string(5000, '7') + ".y").size(), 6u);
}

TEST_F(Embedder, any_bytes_are_taken) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  const auto vectors = embed({bytes, "\xff\xfe\xc3", "[CLS] [SEP] [MASK]", std::string(1, '\0')});
  EXPECT_EQ(vectors.size(), 4u * 384u);
}

TEST_F(Embedder, identity_names_the_file) {
  const auto identity = embedder().identity();
  EXPECT_EQ(identity.name, std::filesystem::path(embedder_path()).filename());
  EXPECT_EQ(identity.sha256.size(), 64u);
  EXPECT_EQ(identity.max_tokens, 256);
  EXPECT_TRUE(embed({}).empty());
}

TEST_F(Embedder, a_copy_may_bear_the_name_of_its_original) {
  const LlamaEmbedder copy(embedder_path(), {.model_name = "original.gguf", .model_sha256 = "abc"});
  EXPECT_EQ(copy.identity().name, "original.gguf");
  EXPECT_EQ(copy.identity().sha256, "abc");
}

TEST_F(Embedder, a_copy_in_f16_gives_the_same_vectors) {
  const auto file = std::filesystem::path(testing::TempDir()) / "embedder-f16.gguf";
  derive_model(embedder_path(), file, "f16");
  LlamaEmbedder copy(file, {});
  std::vector<std::string> texts;
  for (const auto& each : cases()) texts.push_back(each.text);
  const auto original = embed(texts);
  const auto other = copy.embed(texts, kNever);
  const auto width = static_cast<std::size_t>(copy.dimension());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto of = [&](const std::vector<float>& all) { return std::span(all).subspan(i * width, width); };
    EXPECT_GE(cosine(of(other), of(original)), 0.9998) << texts[i].substr(0, 80);
  }
  std::filesystem::remove(file);
}

TEST_F(Embedder, a_cancelled_call_ends) {
  base::CancelToken cancel;
  cancel.cancel();
  const std::vector<std::string> texts(4, "text");
  try {
    (void)embedder().embed(texts, cancel);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Cancelled);
  }
  EXPECT_EQ(embed({"text"}).size(), 384u);
}

TEST_F(Embedder, bad_options_are_refused) {
  for (const auto& options : {LlamaEmbedderOptions{"", "", 4}, LlamaEmbedderOptions{"", "", 256, 0},
                              LlamaEmbedderOptions{"", "", 256, 256, -1}}) {
    EXPECT_THROW(LlamaEmbedder(embedder_path(), options), Error);
  }
}

TEST(EmbedderOfText, a_model_that_writes_text_is_refused) {
  if (std::getenv("GPIOT_TEST_MODEL") == nullptr) GTEST_SKIP() << "GPIOT_TEST_MODEL names no model";
  try {
    LlamaEmbedder embedder(std::getenv("GPIOT_TEST_MODEL"), {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Model);
    EXPECT_NE(std::string(error.what()).find("no embedding model"), std::string::npos) << error.what();
  }
}

TEST(WordPieceText, only_what_differs_is_changed) {
  const std::string plain = "find_peaks(x) Größe 心电图 ᄒ " + std::string(100, 'f') + "." + std::string(100, 'f');
  EXPECT_EQ(word_piece_text(plain), plain);
  EXPECT_EQ(word_piece_text("\uac00\ud55c"), "\u1100\u1161\u1112\u1161\u11ab");
  EXPECT_EQ(word_piece_text("\uae4b"), "\u1100\u1175\u11c2");
  EXPECT_EQ(word_piece_text("a " + std::string(101, 'f') + "-b"), "a \u16a0-b");
  EXPECT_EQ(word_piece_text("\xed\x95"), "\xed\x95");
  EXPECT_EQ(word_piece_text(""), "");
}

TEST(PackTexts, batches_hold_like_lengths_and_no_more_than_fits) {
  const std::vector<std::size_t> lengths = {10, 200, 30, 256, 20, 40};
  const auto batches = pack_texts(lengths, 256);
  EXPECT_EQ(batches, (std::vector<std::vector<std::size_t>>{{3}, {1, 5}, {2, 4, 0}}));
  EXPECT_TRUE(pack_texts({}, 256).empty());
  const std::vector<std::size_t> many(130, 2);
  EXPECT_EQ(pack_texts(many, 512).size(), 3u);
}

}  // namespace
}  // namespace gpiot::llm
