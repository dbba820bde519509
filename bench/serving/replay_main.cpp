// gpiot-replay: plays a trace of generation calls with LlamaGenerator; what it took is on stdout as JSON.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>

#include "gpiot/base/error.h"
#include "gpiot/base/paths.h"
#include "gpiot/llm/cpu_facts.h"
#include "gpiot/models/catalogue.h"
#include "gpiot/models/resolve.h"
#include "gpiot/models/store.h"
#include "replay.h"

namespace {

using namespace gpiot;

struct Arguments {
  std::string trace;
  std::string model;
  std::string prompts;
  bool fixed = false;
  bool even = false;
  llm::LlamaGeneratorOptions generator;
};

/// Pages of the weights and the threads are there before anything is timed; its prompt shares nothing with a trace's.
void warm_up(llm::LlamaGenerator& generator) {
  core::GenerationRequest request;
  request.messages = {{"user", "Count from one to ten in words."}};
  request.sampling.max_tokens = 8;
  (void)generator.generate(std::span(&request, 1), {}, base::CancelToken());
}

std::vector<agents::TracedCall> load_calls(const Arguments& arguments) {
  auto calls = agents::load_trace(arguments.trace);
  for (auto& call : calls) {
    if (arguments.even) call = bench::with_even_lengths(std::move(call));
    if (arguments.fixed || arguments.even) call = bench::with_fixed_work(std::move(call));
  }
  return calls;
}

void run(Arguments arguments) {
  const auto calls = load_calls(arguments);
  const auto catalogue = models::Catalogue::load(base::installation_root() / "models.toml");
  const auto resolved = models::resolve(models::Store::of_user(), catalogue, arguments.model);
  const auto start = std::chrono::steady_clock::now();
  const auto model = std::make_shared<const llm::LlamaModel>(resolved.path);
  if (!arguments.prompts.empty()) return bench::write_prompts(*model, calls, arguments.prompts);
  if (arguments.generator.threads == 0) arguments.generator.threads = llm::physical_cores();
  arguments.generator.name = resolved.name;
  arguments.generator.model_sha256 = resolved.sha256;
  llm::LlamaGenerator generator(model, arguments.generator);
  warm_up(generator);
  const double start_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  base::Json report = {{"mode", arguments.even    ? "even"
                                : arguments.fixed ? "fixed"
                                                  : "natural"},
                       {"model", resolved.name},
                       {"backend", generator.identity().backend},
                       {"parallel", arguments.generator.parallel},
                       {"threads", arguments.generator.threads},
                       {"context_tokens", generator.context_tokens()},
                       {"start_s", start_s}};
  report.update(bench::play(generator, calls));
  fmt::print("{}\n", base::dump_json(report));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Example: gpiot-replay trace.jsonl --fixed");
  Arguments arguments;
  app.add_option("trace", arguments.trace, "recorded with GPIOT_TRACE=FILE")->required();
  app.add_option("--model", arguments.model, "alias or path");
  app.add_option("--parallel", arguments.generator.parallel, "answers at a time")->capture_default_str();
  app.add_option("--threads", arguments.generator.threads, "0 = physical cores")->capture_default_str();
  app.add_option("--context", arguments.generator.context_tokens, "tokens of a prompt and its answer")
      ->capture_default_str();
  app.add_option("--prompt-folder", arguments.generator.prompt_folder,
                 "keeps what the model made of fixed messages, as gpiot does in its cache; default: nothing is kept");
  app.add_flag("--fixed", arguments.fixed, "each answer gets as many tokens as were recorded; no grammars, no stops");
  app.add_flag("--even", arguments.even, "as --fixed, but all answers to one prompt get their mean number of tokens");
  app.add_option("--prompts", arguments.prompts, "only write the prompts' tokens to this file");
  CLI11_PARSE(app, argc, argv);
  try {
    run(std::move(arguments));
    return 0;
  } catch (const gpiot::base::Error& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return gpiot::base::info(error.code()).exit_status;
  }
}
