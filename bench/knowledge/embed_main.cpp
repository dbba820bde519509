// gpiot-bench-embed: embeds the passages of a file with LlamaEmbedder; what it took is on stdout as JSON.
#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"
#include "gpiot/llm/cpu_facts.h"
#include "gpiot/llm/embedder.h"
#include "machine.h"

namespace {

using namespace gpiot;

struct Arguments {
  std::string model;
  std::string texts;
  int repeats = 3;
  llm::LlamaEmbedderOptions options;
};

std::vector<std::string> load_texts(const std::string& file) {
  std::vector<std::string> texts;
  for (const auto& line : base::split_lines(base::read_file(file, "bench.embed"))) {
    if (!line.empty()) texts.push_back(base::parse_json(line, "bench.embed", file).at("text").get<std::string>());
  }
  return texts;
}

rusage usage() {
  rusage result{};
  ::getrusage(RUSAGE_SELF, &result);
  return result;
}

/// Of all threads of this process, so far.
double cpu_seconds() {
  const auto used = usage();
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

void run(const Arguments& arguments) {
  const auto texts = load_texts(arguments.texts);
  llm::LlamaEmbedder embedder(arguments.model, arguments.options);
  const base::CancelToken never;
  std::size_t tokens = 0;
  for (const auto& text : texts) tokens += embedder.tokens_of(text).size();
  (void)embedder.embed(std::span(texts).first(std::min<std::size_t>(8, texts.size())), never);
  double wall_s = 1e9;
  double cpu_s = 1e9;
  for (int i = 0; i < arguments.repeats; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const double cpu_start_s = cpu_seconds();
    (void)embedder.embed(texts, never);
    wall_s = std::min(wall_s, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    cpu_s = std::min(cpu_s, cpu_seconds() - cpu_start_s);
  }
  const auto count = static_cast<double>(texts.size());
  const int threads = arguments.options.threads == 0 ? llm::physical_cores() : arguments.options.threads;
  const base::Json report = {{"program", "gpiot"},
                             {"commit", bench::built_from().name()},
                             {"machine", bench::machine_name()},
                             {"backend", llm::backend_name()},
                             {"model", embedder.identity().name},
                             {"texts", texts.size()},
                             {"tokens", tokens},
                             {"max_tokens", embedder.max_tokens()},
                             {"batch_tokens", arguments.options.batch_tokens},
                             {"threads", threads},
                             {"texts_per_s", count / wall_s},
                             {"cpu_ms_per_text", 1e3 * cpu_s / count},
                             {"peak_rss_mb", usage().ru_maxrss / 1024}};
  fmt::print("{}\n", base::dump_json(report));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "gpiot-bench-embed --model FILE.gguf --texts FILE.jsonl: texts/s and memory of embedding; best of some runs");
  Arguments arguments;
  app.add_option("--model", arguments.model, "GGUF file of an embedding model")->required();
  app.add_option("--texts", arguments.texts, "JSON lines with a key text")->required();
  app.add_option("--repeats", arguments.repeats, "the best of so many runs counts")->check(CLI::Range(1, 100));
  app.add_option("--max-tokens", arguments.options.max_tokens, "texts are cut there");
  app.add_option("--batch-tokens", arguments.options.batch_tokens, "evaluated at once by a thread");
  app.add_option("--threads", arguments.options.threads, "0 = physical cores");
  CLI11_PARSE(app, argc, argv);
  try {
    run(arguments);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
