// gpiot-bench-search: how long a search takes in a large knowledge base, and whether eight bits find what 32 do. JSON
// on stdout. The base is a copy of a real one, filled up with stretches of its own texts and slightly turned vectors.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <random>

#include "bench_main.h"
#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/json.h"
#include "gpiot/base/paths.h"
#include "gpiot/base/strings.h"
#include "gpiot/llm/embedder.h"
#include "gpiot/retrieve/search.h"
#include "gpiot/store/knowledge_database.h"
#include "gpiot/store/knowledge_reader.h"
#include "gpiot/store/knowledge_writer.h"
#include "gpiot/store/vectors.h"
#include "gpiot/store/words.h"
#include "machine.h"

namespace {

using namespace gpiot;
namespace fs = std::filesystem;
using base::Json;
using Clock = std::chrono::steady_clock;

struct Arguments {
  std::string knowledge, work, queries, embedder, embedder_copy;
  std::size_t passages = 50'000;
  std::uint32_t seed = 1;
  int rounds = 3;
};

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// Queries of the tuning part: the final ones are not read.
std::vector<std::string> load_queries(const std::string& file) {
  std::vector<std::string> queries;
  for (const auto& line : base::split_lines(base::read_file(file, "bench.search"))) {
    if (line.empty()) continue;
    const auto query = base::parse_json(line, "bench.search", file);
    if (query.at("part") == "tuning") queries.push_back(query.at("query"));
  }
  return queries;
}

/// Random stretches of about 1000 characters of the passages that are there, as documents.
void fill_up(store::Database& database, std::size_t wanted, std::mt19937& engine) {
  std::vector<std::string> texts;
  auto rows = database.prepare("SELECT text FROM passage");
  while (rows.step()) texts.emplace_back(rows.text(0));
  if (texts.size() >= wanted) return;
  std::vector<store::Passage> made;
  for (std::size_t i = texts.size(); i < wanted; ++i) {
    const auto& text = texts[engine() % texts.size()];
    store::Passage passage;
    const auto begin = text.size() > 1000 ? engine() % (text.size() - 1000) : 0;
    passage.text = text.substr(begin, 1000);
    passage.kind = "section";
    passage.title = fmt::format("{} {}", text.substr(0, text.find('(')), i);
    passage.own = passage.title;
    passage.body = passage.text;
    passage.embedded = {{{passage.title, 1.0F}}};
    made.push_back(std::move(passage));
  }
  store::Source source;
  source.kind = "path";
  source.name = "/made";
  store::Transaction change(database);
  store::KnowledgeWriter writer(database);
  writer.put_document(writer.put_source(source), {"made", "", "", "text", "character", ""}, made, {});
  change.commit();
}

/// Vectors for what has none: real ones turned a little, so that they lie as densely as real ones do.
void turn_vectors(store::Database& database, std::mt19937& engine) {
  const auto dimension = store::making_of(database).dimension;
  std::vector<float> real;
  auto rows = database.prepare("SELECT components FROM vector WHERE components IS NOT NULL");
  while (rows.step()) {
    const auto* floats = reinterpret_cast<const float*>(rows.blob(0).data());
    real.insert(real.end(), floats, floats + dimension);
  }
  std::normal_distribution<float> noise(0, 0.5F / std::sqrt(static_cast<float>(dimension)));
  store::KnowledgeWriter writer(database);
  store::Transaction change(database);
  for (auto some = writer.pending(10'000); !some.empty(); some = writer.pending(10'000)) {
    std::vector<std::int64_t> ids;
    std::vector<float> vectors;
    for (const auto& one : some) {
      ids.push_back(one.vector);
      const float* from = &real[engine() % (real.size() / dimension) * dimension];
      for (std::size_t i = 0; i < dimension; ++i) vectors.push_back(from[i] + noise(engine));
    }
    writer.put_vectors(ids, vectors);
  }
  change.commit();
}

Json spread(std::vector<double> ms) {
  std::ranges::sort(ms);
  const auto at = [&](double share) {
    return ms[static_cast<std::size_t>(share * static_cast<double>(ms.size() - 1))];
  };
  return {{"n", ms.size()}, {"median_ms", at(0.5)}, {"p95_ms", at(0.95)}, {"p99_ms", at(0.99)}, {"max_ms", ms.back()}};
}

/// Share of the queries whose ten nearest rows are those of the exact scan in 32 bits, in this order or another.
Json exactness(store::Database& database, const store::VectorRows& rows,
               const std::vector<std::vector<float>>& queries) {
  const auto dimension = rows.dimension;
  std::vector<float> exact(rows.count() * dimension);
  auto row = database.prepare("SELECT components FROM vector WHERE id = ?1");
  for (std::size_t i = 0; i < rows.count(); ++i) {
    row.bind(1, rows.vectors[i]);
    if (row.step()) std::copy_n(reinterpret_cast<const float*>(row.blob(0).data()), dimension, &exact[i * dimension]);
    row.reset();
  }
  std::size_t same = 0;
  for (const auto& query : queries) {
    std::vector<std::pair<float, std::size_t>> order(rows.count());
    for (std::size_t i = 0; i < rows.count(); ++i)
      order[i] = {-store::dot_float(&exact[i * dimension], query.data(), dimension), i};
    std::ranges::partial_sort(order, order.begin() + 10);
    auto found = store::rescored(rows, store::scan(rows, query, 200), query, 200);
    std::vector<std::size_t> wanted, got;
    for (std::size_t k = 0; k < 10; ++k) {
      wanted.push_back(order[k].second);
      got.push_back(found[k].row);
    }
    std::ranges::sort(wanted);
    std::ranges::sort(got);
    same += wanted == got ? 1 : 0;
  }
  return {{"queries", queries.size()},
          {"same_top_10", static_cast<double>(same) / static_cast<double>(queries.size())}};
}

/// The embedder with vectors made before, so that a search is timed without it.
class Remembered : public core::Embedder {
 public:
  Remembered(core::Embedder& real, const std::vector<std::string>& texts, const base::CancelToken& cancel)
      : real_(real) {
    for (const auto& text : texts) vectors_[text] = real.embed({&text, 1}, cancel);
  }
  [[nodiscard]] int dimension() const override { return real_.dimension(); }
  [[nodiscard]] int max_tokens() const override { return real_.max_tokens(); }
  [[nodiscard]] core::EmbedderIdentity identity() const override { return real_.identity(); }
  [[nodiscard]] std::vector<float> embed(std::span<const std::string> texts, const base::CancelToken&) override {
    return vectors_.at(texts[0]);
  }

 private:
  core::Embedder& real_;
  std::map<std::string, std::vector<float>> vectors_;
};

Json timed(retrieve::KnowledgeSearch& search, const std::vector<std::string>& texts, int rounds, bool words,
           bool vectors) {
  const base::CancelToken cancel;
  std::vector<double> ms;
  for (int round = 0; round <= rounds; ++round) {
    for (const auto& text : texts) {
      retrieve::Query query;
      query.text = text;
      query.words = words;
      query.vectors = vectors;
      const auto start = Clock::now();
      (void)search.search(query, cancel);
      if (round > 0) ms.push_back(ms_since(start));  // the first round warms up
    }
  }
  return spread(std::move(ms));
}

/// As gpiot opens it where a copy in another format embeds in the place of the model.
llm::LlamaEmbedder embedder_of(const Arguments& arguments) {
  if (arguments.embedder_copy.empty()) return {arguments.embedder, {}};
  llm::LlamaEmbedderOptions options;
  options.model_name = fs::path(arguments.embedder).filename().string();
  options.model_sha256 = base::sha256_file(arguments.embedder, "bench.search");
  return {arguments.embedder_copy, options};
}

Json run(const Arguments& arguments) {
  fs::create_directories(arguments.work);
  fs::copy_file(store::database_file(arguments.knowledge), store::database_file(arguments.work),
                fs::copy_options::overwrite_existing);
  for (const auto& made : {store::words_file(arguments.work), store::vectors_file(arguments.work)}) fs::remove(made);
  std::mt19937 engine(arguments.seed);
  auto embedder = embedder_of(arguments);
  {
    auto source = store::open_to_read(arguments.work);
    auto database = store::open_to_write(arguments.work, store::making_of(source));
    fill_up(database, arguments.passages, engine);
    store::merge_words(database);  // as every change of a base ends
    turn_vectors(database, engine);
    store::publish_words(database, arguments.work);
    store::publish_vectors(database, arguments.work);
  }
  const base::CancelToken cancel;
  const auto texts = load_queries(arguments.queries);
  Remembered remembered(embedder, texts, cancel);
  auto database = store::open_to_read(arguments.work);
  const auto file = store::vectors_now(database, arguments.work);
  std::vector<std::vector<float>> vectors;
  for (const auto& text : texts) vectors.push_back(remembered.embed({&text, 1}, cancel));
  const auto maps = base::installation_root() / "knowledge" / "query_maps";
  retrieve::KnowledgeSearch fast(arguments.work, &remembered, maps);
  retrieve::KnowledgeSearch whole(arguments.work, &embedder, maps);
  return {{"bench", "knowledge-search"},
          {"commit", bench::built_from().name()},
          {"machine", bench::machine_name()},
          {"seed", arguments.seed},
          {"passages", database.integer("SELECT count(*) FROM passage")},
          {"rows", file.rows().count()},
          {"words", timed(fast, texts, arguments.rounds, true, false)},
          {"vectors", timed(fast, texts, arguments.rounds, false, true)},
          {"both", timed(fast, texts, arguments.rounds, true, true)},
          {"both_with_embedding", timed(whole, texts, arguments.rounds, true, true)},
          {"exactness", exactness(database, file.rows(), vectors)}};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("How long a search takes in a large knowledge base");
  Arguments arguments;
  app.add_option("--knowledge", arguments.knowledge, "folder of a real knowledge base")->required();
  app.add_option("--work", arguments.work, "folder for the large one")->required();
  app.add_option("--queries", arguments.queries, "queries.jsonl")->required();
  app.add_option("--embedder", arguments.embedder, "GGUF file")->required();
  app.add_option("--embedder-copy", arguments.embedder_copy, "the same in the format that embeds fastest here");
  app.add_option("--passages", arguments.passages)->capture_default_str();
  app.add_option("--rounds", arguments.rounds)->capture_default_str();
  app.add_option("--seed", arguments.seed)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return gpiot::bench::print_result([&] { return run(arguments); });
}
