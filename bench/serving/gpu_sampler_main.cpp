// gpiot-bench-sampler VOCABULARY.gguf SLOTS THREADS: what gpu_answers.py asks on stdin, in binary: tokens of a request,
// the next token of many answers by gpiot's own sampler and grammars, and the text of an answer.
#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <thread>
#include <vector>

#include "chat_request.h"
#include "gpiot/base/json.h"
#include "gpiot/llm/chat_template.h"
#include "gpiot/llm/llama_model.h"
#include "gpiot/llm/token_sampler.h"

namespace {

using namespace gpiot;

constexpr std::int32_t kEnd = -1;
constexpr std::int32_t kWholeRow = -2;  ///< the grammar allows none of the likeliest: the whole vocabulary is wanted
constexpr float kNever = -std::numeric_limits<float>::infinity();

template <class T>
std::vector<T> take(std::size_t count) {
  std::vector<T> values(count);
  if (std::fread(values.data(), sizeof(T), count, stdin) != count) std::exit(0);  // the asker is gone
  return values;
}

std::int32_t take_number() { return take<std::int32_t>(1)[0]; }

template <class T>
void give(const std::vector<T>& values) {
  std::fwrite(values.data(), sizeof(T), values.size(), stdout);
}

class Answers {
 public:
  Answers(const char* vocabulary, std::size_t slots, std::size_t threads)
      : model_(vocabulary, {}, llm::LlamaModel::Part::vocabulary), samplers_(slots), threads_(threads) {}

  /// 'R' slot, bytes, the body of a chat request: its sampler is put into the slot; out: its tokens.
  void begin() {
    const auto slot = static_cast<std::size_t>(take_number());
    const auto bytes = take<char>(static_cast<std::size_t>(take_number()));
    const auto request =
        bench::request_of(base::parse_json({bytes.data(), bytes.size()}, "bench.sampler", "a request"));
    samplers_.at(slot) = std::make_unique<llm::TokenSampler>(model_, request.sampling);
    const auto tokens = llm::prompt_tokens(model_, request.messages, request.answer_start);
    give(std::vector<std::int32_t>{static_cast<std::int32_t>(tokens.size())});
    give(tokens);
  }

  /// 'P' n, k, size of the vocabulary, slots [n], tokens [n, k], logits [n, k]; out: tokens [n], kEnd or kWholeRow.
  void pick() {
    const auto n = static_cast<std::size_t>(take_number());
    const auto k = static_cast<std::size_t>(take_number());
    const auto size = static_cast<std::size_t>(take_number());
    const auto slots = take<std::int32_t>(n);
    const auto tokens = take<std::int32_t>(n * k);
    const auto logits = take<float>(n * k);
    std::vector<std::int32_t> next(n, kEnd);
    std::vector<std::jthread> threads;
    for (std::size_t first = 0; first < std::min(threads_, n); ++first) {
      threads.emplace_back([&, first] {
        std::vector<float> row(size, kNever);
        for (std::size_t i = first; i < n; i += threads_) {
          for (std::size_t j = i * k; j < (i + 1) * k; ++j) row[static_cast<std::size_t>(tokens[j])] = logits[j];
          next[i] = next_of(*samplers_.at(static_cast<std::size_t>(slots[i])), row, k < size);
          for (std::size_t j = i * k; j < (i + 1) * k; ++j) row[static_cast<std::size_t>(tokens[j])] = kNever;
        }
      });
    }
    threads.clear();
    give(next);
  }

  /// 'T' n, tokens [n]; out: bytes, the text.
  void text() {
    std::string text;
    for (const auto token : take<std::int32_t>(static_cast<std::size_t>(take_number()))) text += model_.piece_of(token);
    give(std::vector<std::int32_t>{static_cast<std::int32_t>(text.size())});
    give(std::vector<char>(text.begin(), text.end()));
  }

 private:
  std::int32_t next_of(llm::TokenSampler& sampler, std::span<const float> row, bool cut) const {
    const auto token = sampler.pick(row);
    if (!token) return cut ? kWholeRow : kEnd;
    if (model_.is_end(*token)) return kEnd;
    sampler.accept(*token);
    return *token;
  }

  llm::LlamaModel model_;
  std::vector<std::unique_ptr<llm::TokenSampler>> samplers_;
  std::size_t threads_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "gpiot-bench-sampler VOCABULARY.gguf SLOTS THREADS\n");
    return 2;
  }
  try {
    Answers answers(argv[1], std::strtoul(argv[2], nullptr, 10), std::strtoul(argv[3], nullptr, 10));
    while (true) {
      const char command = take<char>(1)[0];
      if (command == 'R') answers.begin();
      if (command == 'P') answers.pick();
      if (command == 'T') answers.text();
      std::fflush(stdout);
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
