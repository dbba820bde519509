// gpiot-bench-answers MODEL.gguf REQUESTS ANSWERS: answers the JSON lines that relay.py gives, by gpiot's own generator
// on this processor, as gpu_answers.py does on a GPU.
#include <fmt/format.h>

#include <exception>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "chat_request.h"
#include "gpiot/base/cancel.h"
#include "gpiot/llm/llama_generator.h"
#include "gpiot/llm/waiting.h"

namespace {

using namespace gpiot;

void answer(const char* model, const char* requests, const char* answers) {
  std::vector<core::GenerationRequest> all;
  std::vector<std::string> keys;
  std::ifstream in(requests);
  for (std::string line; std::getline(in, line);) {
    const auto body = base::parse_json(line, "bench.answers", "a request");
    all.push_back(bench::request_of(body));
    keys.push_back(body.at("key").get<std::string>());
  }
  llm::LlamaGeneratorOptions options;
  options.context_tokens = 8192;
  llm::LlamaGenerator generator(model, options);
  std::ofstream out(answers, std::ios::app);
  const auto made = generator.generate(std::span(all), {}, base::CancelToken());
  for (std::size_t i = 0; i < made.size(); ++i) {
    const bool cut = made[i].finish == core::FinishReason::Length;
    out << base::dump_json({{"key", keys[i]},
                            {"text", made[i].text},
                            {"finish", cut ? "length" : "stop"},
                            {"prompt_tokens", made[i].prompt_tokens},
                            {"completion_tokens", made[i].completion_tokens}})
        << "\n";
  }
  if (!out.flush()) throw std::runtime_error(fmt::format("cannot write {}", answers));
}

}  // namespace

int main(int argc, char** argv) {
  gpiot::llm::sleep_while_waiting(argv);
  if (argc != 4) {
    fmt::print(stderr, "gpiot-bench-answers MODEL.gguf REQUESTS ANSWERS\n");
    return 2;
  }
  try {
    answer(argv[1], argv[2], argv[3]);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
