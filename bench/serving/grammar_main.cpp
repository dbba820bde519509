// gpiot-bench-grammar MODEL.gguf TEXTS: which answers would the grammar of generated functions let through as they are?
// TEXTS: lines {"id", "function", "inputs": [names], "packages": [names], "text"} (raw_names.py --texts writes them).
// JSON on stdout: how many, where each refused one is left, and what the grammar costs.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "bench_main.h"
#include "gpiot/agents/grammar.h"
#include "gpiot/agents/prompt_set.h"
#include "gpiot/base/paths.h"
#include "gpiot/llm/llama_model.h"
#include "gpiot/llm/token_sampler.h"

namespace {

using namespace gpiot;
using Clock = std::chrono::steady_clock;

std::string grammar_for(const base::Json& row, const std::string& members) {
  core::Specification spec;
  spec.subtask.identifier = row.at("function").get<std::string>();
  for (const auto& name : row.at("inputs")) spec.inputs.push_back({name.get<std::string>(), "float", "", "", "", ""});
  return agents::program_grammar(spec, row.at("packages").get<std::vector<std::string>>(), members);
}

/// How many of `tokens` are taken one after the other, where the model wants nothing else.
std::size_t taken(llm::TokenSampler& sampler, const std::vector<llm::Token>& tokens, std::vector<float>& logits) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    auto& wanted = logits[static_cast<std::size_t>(tokens[i])];
    wanted = 0.0F;
    const auto picked = sampler.pick(logits);
    wanted = -std::numeric_limits<float>::infinity();
    if (picked != tokens[i]) return i;
    sampler.accept(tokens[i]);
  }
  return tokens.size();
}

base::Json measure(const char* file, const char* texts) {
  const llm::LlamaModel model(file, {}, llm::LlamaModel::Part::vocabulary);
  const auto members = agents::PromptSet::load(base::installation_root() / "prompts").text("members");
  std::ifstream in(texts);
  auto refused = base::Json::array();
  int count = 0;
  std::size_t steps = 0;
  Clock::duration begin{};
  Clock::duration step{};
  std::vector<float> logits(static_cast<std::size_t>(model.vocabulary_size()), -std::numeric_limits<float>::infinity());
  for (std::string line; std::getline(in, line); ++count) {
    const auto row = base::parse_json(line, "bench.grammar", "a text");
    const auto tokens = model.tokens_of(row.at("text").get<std::string>(), false, false);
    const auto start = Clock::now();
    core::SamplingOptions greedy;
    greedy.temperature = 0;
    greedy.grammar = grammar_for(row, members);
    llm::TokenSampler sampler(model, greedy);
    const auto made = Clock::now();
    const auto good = taken(sampler, tokens, logits);
    begin += made - start;
    step += Clock::now() - made;
    steps += good;
    if (good == tokens.size()) continue;
    std::string before;
    for (std::size_t i = good < 20 ? 0 : good - 20; i < good; ++i) before += model.piece_of(tokens[i]);
    refused.push_back({{"id", row.at("id")}, {"behind", before}, {"token", model.piece_of(tokens[good])}});
  }
  const auto seconds = [](Clock::duration time) { return std::chrono::duration<double>(time).count(); };
  return {{"bench", "grammar"},
          {"texts", count},
          {"refused", refused},
          {"begin_ms", 1e3 * seconds(begin) / std::max(1, count)},
          {"token_us", 1e6 * seconds(step) / static_cast<double>(std::max<std::size_t>(1, steps))}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "gpiot-bench-grammar MODEL.gguf TEXTS\n");
    return 2;
  }
  return bench::print_result([&] { return measure(argv[1], argv[2]); });
}
