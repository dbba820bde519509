// gpiot-ask: one prompt from stdin, one answer on stdout, nothing around it. The benchmarks compare with it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <iterator>

#include "gpiot/base/error.h"
#include "gpiot/base/paths.h"
#include "gpiot/llm/llama_generator.h"
#include "gpiot/llm/waiting.h"
#include "gpiot/models/catalogue.h"
#include "gpiot/models/resolve.h"
#include "gpiot/models/store.h"

int main(int argc, char** argv) {
  gpiot::llm::sleep_while_waiting(argv);
  CLI::App app("Example: echo 'Write a haiku' | gpiot-ask --seed 1");
  std::string model;
  gpiot::core::GenerationRequest request;
  request.sampling.temperature = 0.8;
  request.sampling.max_tokens = 1500;
  app.add_option("--model", model, "alias or path");
  app.add_option("--seed", request.sampling.seed, "of the sampler");
  app.add_option("--temperature", request.sampling.temperature, "0 = greedy");
  app.add_option("--max-tokens", request.sampling.max_tokens, "of the answer");
  CLI11_PARSE(app, argc, argv);
  try {
    const auto catalogue = gpiot::models::Catalogue::load(gpiot::base::installation_root() / "models.toml");
    const auto resolved = gpiot::models::resolve(gpiot::models::Store::of_user(), catalogue, model);
    gpiot::llm::LlamaGeneratorOptions options;
    options.name = resolved.name;
    options.model_sha256 = resolved.sha256;
    gpiot::llm::LlamaGenerator generator(resolved.path, options);
    const std::string prompt{std::istreambuf_iterator<char>(std::cin), {}};
    request.messages = {{"user", prompt}};
    const gpiot::base::CancelToken cancel;
    const auto answers = generator.generate(std::span(&request, 1), {}, cancel);
    fmt::print("{}\n", answers.front().text);
    return 0;
  } catch (const gpiot::base::Error& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return gpiot::base::info(error.code()).exit_status;
  }
}
