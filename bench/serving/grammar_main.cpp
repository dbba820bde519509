// gpiot-bench-grammar MODEL.gguf TEXTS: which answers would the grammar of generated functions let through as they are?
// TEXTS: lines {"id", "function", "inputs": [names], "packages": [names], "text"} (raw_names.py --texts writes them).
// JSON on stdout: how many, where each refused one is left, and what the grammar costs.
#include <fmt/format.h>
#include <llama.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include "bench_main.h"
#include "gpiot/agents/grammar.h"
#include "gpiot/agents/prompt_set.h"
#include "gpiot/base/paths.h"
#include "gpiot/llm/handles.h"
#include "gpiot/llm/llama_model.h"

namespace {

using namespace gpiot;
using Clock = std::chrono::steady_clock;

std::string grammar_for(const base::Json& row, const std::string& members) {
  core::Specification spec;
  spec.subtask.identifier = row.at("function").get<std::string>();
  for (const auto& name : row.at("inputs")) spec.inputs.push_back({name.get<std::string>(), "float", "", "", "", ""});
  return agents::program_grammar(spec, row.at("packages").get<std::vector<std::string>>(), members);
}

/// How many of `tokens` the grammar takes, one after the other.
std::size_t taken(llama_sampler* grammar, const std::vector<llm::Token>& tokens) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    llama_token_data one{tokens[i], 0.0F, 0.0F};
    llama_token_data_array all{&one, 1, -1, false};
    llama_sampler_apply(grammar, &all);
    if (std::isinf(one.logit)) return i;
    llama_sampler_accept(grammar, tokens[i]);
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
  Clock::duration begin{}, step{};
  for (std::string line; std::getline(in, line); ++count) {
    const auto row = base::parse_json(line, "bench.grammar", "a text");
    const auto gbnf = grammar_for(row, members);
    const auto tokens = model.tokens_of(row.at("text").get<std::string>(), false, false);
    const auto start = Clock::now();
    const llm::SamplerHandle grammar(llama_sampler_init_grammar(model.vocabulary(), gbnf.c_str(), "root"));
    const auto made = Clock::now();
    const auto good = taken(grammar.get(), tokens);
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
