// gpiot-bench-likeness: how far the answers of a model file are from those of the same weights in a finer format. Mean
// KL divergence of the next token over a text, and how often the most likely token is the same; JSON on stdout.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <span>

#include "bench_main.h"
#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/json.h"
#include "gpiot/llm/cpu_facts.h"
#include "gpiot/llm/llama_model.h"
#include "gpiot/llm/logits.h"
#include "machine.h"

namespace {

using namespace gpiot;
using base::Json;

struct Arguments {
  std::vector<std::string> models;  ///< the finest first
  std::string text;
  std::size_t tokens = 600;
};

/// Logarithms of probabilities, in place of logits.
std::vector<double> log_softmax(std::span<const float> logits) {
  const double most = *std::ranges::max_element(logits);
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - most);
  std::vector<double> out;
  for (const float logit : logits) out.push_back(logit - most - std::log(sum));
  return out;
}

double divergence(const std::vector<double>& exact, const std::vector<double>& other) {
  double sum = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) sum += std::exp(exact[i]) * (exact[i] - other[i]);
  return sum;
}

Json compare(const std::vector<float>& exact, const std::vector<float>& other, std::size_t words) {
  double kl = 0;
  int same = 0;
  const std::size_t rows = exact.size() / words;
  for (std::size_t row = 0; row < rows; ++row) {
    const auto p = log_softmax(std::span(exact).subspan(row * words, words));
    const auto q = log_softmax(std::span(other).subspan(row * words, words));
    kl += divergence(p, q);
    if (std::ranges::max_element(p) - p.begin() == std::ranges::max_element(q) - q.begin()) ++same;
  }
  return {{"mean_kl", kl / static_cast<double>(rows)},
          {"same_top", static_cast<double>(same) / static_cast<double>(rows)}};
}

Json run(const Arguments& arguments) {
  const std::string text = base::read_file(arguments.text, "bench.likeness", 1 << 24);
  const llm::LlamaModel finest(arguments.models.at(0));
  auto tokens = finest.tokens_of(text, true, false);
  if (tokens.size() > arguments.tokens) tokens.resize(arguments.tokens);
  const auto exact = llm::logits_of(finest, {}, tokens, 0);
  Json report = {{"bench", "likeness"},
                 {"commit", bench::built_from().name()},
                 {"machine", bench::machine_name()},
                 {"backend", llm::backend_name()},
                 {"against", std::filesystem::path(arguments.models[0]).filename().string()},
                 {"text", std::filesystem::path(arguments.text).filename().string()},
                 {"tokens", tokens.size()},
                 {"models", Json::array()}};
  for (std::size_t i = 1; i < arguments.models.size(); ++i) {
    const llm::LlamaModel model(arguments.models[i]);
    const auto words = static_cast<std::size_t>(finest.vocabulary_size());
    Json row = compare(exact, llm::logits_of(model, {}, tokens, 0), words);
    row["name"] = std::filesystem::path(arguments.models[i]).filename().string();
    report["models"].push_back(row);
  }
  return report;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Example: gpiot-bench-likeness model.q8_0.gguf model.gguf model.q4_0.gguf --text runtime/constants.py");
  Arguments arguments;
  app.add_option("models", arguments.models, "the finest first, then those to be compared with it")
      ->required()
      ->expected(2, 16);
  app.add_option("--text", arguments.text, "a text file")->required();
  app.add_option("--tokens", arguments.tokens, "of the text, at most")
      ->capture_default_str()
      ->check(CLI::Range(8, 4000));
  CLI11_PARSE(app, argc, argv);
  return gpiot::bench::print_result([&] { return run(arguments); });
}
