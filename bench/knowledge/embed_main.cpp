// gpiot-bench-embed: embeds the passages of a file with LlamaEmbedder, and with --store puts the vectors into a
// knowledge base as `gpiot knowledge add` does; what it took is on stdout as JSON.
#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"
#include "gpiot/llm/cpu_facts.h"
#include "gpiot/llm/embedder.h"
#include "gpiot/store/knowledge_database.h"
#include "gpiot/store/knowledge_writer.h"
#include "machine.h"

namespace {

using namespace gpiot;

struct Arguments {
  std::string model;
  std::string texts;
  std::string store;
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

/// A new base in `folder` with one passage for each text, whose vectors wait to be made.
store::Database waiting_base(const std::filesystem::path& folder, const std::vector<std::string>& texts,
                             const llm::LlamaEmbedder& embedder) {
  std::filesystem::remove_all(folder);
  const auto identity = embedder.identity();
  auto database = store::open_to_write(
      folder, {identity.name, identity.sha256, static_cast<std::size_t>(embedder.dimension()), identity.max_tokens});
  std::vector<store::Passage> passages(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    passages[i].kind = "section";
    passages[i].text = texts[i];
    passages[i].embedded = {{{texts[i], 1.0F}}};
  }
  store::Source source;
  source.kind = "path";
  source.name = "texts";
  store::Transaction step(database);
  store::KnowledgeWriter writer(database);
  writer.put_document(writer.put_source(source), {}, passages, {});
  step.commit();
  return database;
}

/// As retrieve::KnowledgeBase does it, with its sizes.
void fill_base(store::Database& database, const std::filesystem::path& folder, llm::LlamaEmbedder& embedder) {
  const base::CancelToken never;
  store::KnowledgeWriter writer(database);
  for (auto pending = writer.pending(256); !pending.empty(); pending = writer.pending(256)) {
    std::vector<std::string> texts;
    std::vector<std::int64_t> ids;
    for (const auto& one : pending) {
      texts.push_back(one.texts.at(0).text);
      ids.push_back(one.vector);
    }
    const auto vectors = embedder.embed(texts, never);
    store::Transaction step(database);
    writer.put_vectors(ids, vectors);
    step.commit();
  }
  store::publish_vectors(database, folder);
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
    std::optional<store::Database> database;
    if (!arguments.store.empty()) database = waiting_base(arguments.store, texts, embedder);
    const auto start = std::chrono::steady_clock::now();
    const double cpu_start_s = cpu_seconds();
    if (database) {
      fill_base(*database, arguments.store, embedder);
    } else {
      (void)embedder.embed(texts, never);
    }
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
                             {"store", !arguments.store.empty()},
                             {"wall_s", wall_s},
                             {"cpu_s", cpu_s},
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
  app.add_option("--store", arguments.store, "a folder, replaced: the vectors go into a knowledge base there");
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
