// gpiot-bench-decode: what an adapter costs while answers are written. The same model with and without its adapters,
// turn by turn in one process; JSON on stdout, ratios against the first form.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>

#include "bench_main.h"
#include "gpiot/base/error.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"
#include "gpiot/llm/cpu_facts.h"
#include "gpiot/llm/llama_generator.h"
#include "machine.h"

namespace {

using namespace gpiot;
using base::Json;
using Clock = std::chrono::steady_clock;

struct Arguments {
  std::vector<std::string> forms;
  std::vector<int> batches = {1, 8};
  int tokens = 64;
  int rounds = 5;
};

/// A base, or a base with an adapter.
struct Form {
  std::string name;
  std::unique_ptr<llm::LlamaGenerator> generator;
  std::map<int, std::vector<double>> ms;  ///< by batch size: of one step of the whole batch, in each round
};

Form load(const std::string& text) {
  const auto parts = base::split(text, ':');
  llm::LlamaGeneratorOptions options;
  options.context_tokens = 1024;
  options.parallel = 8;
  options.threads = llm::physical_cores();
  if (parts.size() > 1) options.adapter_path = parts[1];
  const auto last_two = [](const std::filesystem::path& path) {
    return (path.parent_path().filename() / path.filename()).string();
  };
  const auto name =
      std::filesystem::path(parts[0]).filename().string() + (parts.size() > 1 ? " + " + last_two(parts[1]) : "");
  return {name, std::make_unique<llm::LlamaGenerator>(parts[0], options), {}};
}

double seconds_of(Form& form, int batch, int tokens) {
  std::vector<core::GenerationRequest> requests(static_cast<std::size_t>(batch));
  for (std::size_t i = 0; i < requests.size(); ++i) {
    requests[i].messages = {{"user", "Count from one to two thousand in words, without a break."}};
    requests[i].answer_start = "one, two, three, four, five, six, seven, eight, nine, ten, eleven,";
    requests[i].sampling.temperature = 0.3;
    requests[i].sampling.seed = static_cast<std::uint32_t>(i);
    requests[i].sampling.max_tokens = tokens;
  }
  const auto start = Clock::now();
  const auto answers = form.generator->generate(requests, {}, base::CancelToken());
  const double took_s = std::chrono::duration<double>(Clock::now() - start).count();
  for (const auto& answer : answers) {
    if (answer.completion_tokens == tokens) continue;
    throw base::Error(
        base::ErrorCode::Data, "bench.decode",
        fmt::format("an answer ended by itself: got {} tokens, expected {}", answer.completion_tokens, tokens),
        "fewer --tokens");
  }
  return took_s;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

Json run(const Arguments& arguments) {
  std::vector<Form> forms;
  for (const auto& text : arguments.forms) forms.push_back(load(text));
  for (auto& form : forms) (void)seconds_of(form, 8, 4);  // pages and threads are there
  for (int round = 0; round < arguments.rounds; ++round) {
    for (const int batch : arguments.batches) {
      for (auto& form : forms) {
        const double begin_s = seconds_of(form, batch, 1);  // the prompt is known by then: only its last token is left
        const double whole_s = seconds_of(form, batch, 1 + arguments.tokens);
        form.ms[batch].push_back(1000 * (whole_s - begin_s) / arguments.tokens);
      }
    }
  }
  Json report = {{"bench", "decoding with adapters"},
                 {"commit", bench::built_from().name()},
                 {"machine", bench::machine_name()},
                 {"backend", forms[0].generator->identity().backend},
                 {"tokens", arguments.tokens},
                 {"rounds", arguments.rounds},
                 {"forms", Json::array()}};
  for (auto& form : forms) {
    Json of_batches = Json::object();
    for (const int batch : arguments.batches) {
      std::vector<double> ratios;
      for (std::size_t i = 0; i < form.ms[batch].size(); ++i)
        ratios.push_back(form.ms[batch][i] / forms[0].ms[batch][i]);
      of_batches[std::to_string(batch)] = {{"ms_of_a_step", form.ms[batch]},
                                           {"median_ms", median(form.ms[batch])},
                                           {"median_ratio_to_the_first", median(ratios)}};
    }
    report["forms"].push_back({{"name", form.name}, {"batches", of_batches}});
  }
  return report;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Example: gpiot-bench-decode base.gguf base.gguf:tuned/tdslm.gguf base.wide128.gguf:wide/tdslm.gguf");
  Arguments arguments;
  app.add_option("forms", arguments.forms, "MODEL or MODEL:ADAPTER")->required();
  app.add_option("--batches", arguments.batches, "answers at a time, at most 8")->capture_default_str();
  app.add_option("--tokens", arguments.tokens, "of each answer")->capture_default_str();
  app.add_option("--rounds", arguments.rounds)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return gpiot::bench::print_result([&] { return run(arguments); });
}
