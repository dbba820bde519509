#include <fmt/format.h>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"
#include "gpiot/retrieve/search.h"
#include "gpiot/store/knowledge_database.h"
#include "json_line.h"
#include "knowledge_build.h"
#include "knowledge_command.h"
#include "knowledge_use.h"

namespace gpiot::apps {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;

void list_sources(const AppContext& context, const KnowledgeArguments& arguments) {
  auto database = store::open_to_read(knowledge_folder_of(arguments.folder));
  if (!context.json)
    fmt::print("{:<9} {:<14} {:<16} {:>9} {:>9} {:>9}  {}\n", "kind", "version", "licence", "documents", "passages",
               "embedded", "source");
  for (const auto& source : store::sources_of(database)) {
    if (context.json) {
      print_json_line({{"kind", "source"},
                       {"of", source.kind},
                       {"name", source.name},
                       {"version", source.version},
                       {"licence", source.licence},
                       {"read_at", source.read_at},
                       {"documents", source.documents},
                       {"refused", source.refused},
                       {"passages", source.passages},
                       {"embedded", source.embedded}});
      continue;
    }
    const auto or_none = [](const std::string& text) {
      return text.empty() ? std::string("-") : base::printable(text);
    };
    fmt::print("{:<9} {:<14} {:<16} {:>9} {:>9} {:>9}  {}\n", source.kind, or_none(source.version).substr(0, 14),
               or_none(source.licence).substr(0, 16), source.documents, source.passages, source.embedded,
               base::printable(source.name));
  }
}

void verify_knowledge(const AppContext& context, const KnowledgeArguments& arguments) {
  auto database = store::open_to_read(knowledge_folder_of(arguments.folder));
  const auto faults = store::faults_of(database);
  for (const auto& fault : faults) {
    if (!context.json) fmt::print("{}\n", base::printable(fault));
  }
  if (context.json) print_json_line({{"kind", "verified"}, {"faults", faults}});
  if (!faults.empty()) {
    throw Error(ErrorCode::Format, "knowledge.verify",
                fmt::format("the knowledge base is not whole: {} faults", faults.size()),
                "move its folder away, then gpiot knowledge add");
  }
  if (!context.json) fmt::print("the knowledge base is whole\n");
}

std::string where_from(const store::FoundPassage& found) {
  if (found.source_kind == "package") return found.source + " " + found.version;
  const auto place = found.source.ends_with(found.document) ? found.source : found.source + "/" + found.document;
  return fmt::format("{}, {} {} to {}", base::printable(place), found.span, found.passage.start, found.passage.end);
}

void print_result(const AppContext& context, const retrieve::Result& result, std::size_t number, bool whole) {
  const auto& found = result.found;
  if (context.json) {
    return print_json_line({{"kind", "result"},
                            {"rank", number},
                            {"name", result.name},
                            {"score", result.score},
                            {"word_rank", result.word_rank},
                            {"word_score", result.word_score},
                            {"vector_rank", result.vector_rank},
                            {"vector_score", result.vector_score},
                            {"of", found.passage.kind},
                            {"source", found.source},
                            {"version", found.version},
                            {"licence", found.licence},
                            {"document", found.document},
                            {"start", found.passage.start},
                            {"end", found.passage.end},
                            {"names", found.passage.names},
                            {"text", found.passage.text}});
  }
  const auto rank = [](int place) { return place == 0 ? std::string("-") : std::to_string(place); };
  fmt::print("{}. {}  ({})\n", number, base::printable(result.name), found.passage.kind);
  fmt::print("   {}; score {:.4f}: by words {}, by meaning {} ({:.2f})\n", where_from(found), result.score,
             rank(result.word_rank), rank(result.vector_rank), result.vector_score);
  constexpr std::size_t kShort = 3;
  std::size_t shown = 0;
  for (const auto& line : base::split_lines(base::printable(found.passage.text))) {
    if (!whole && (line.empty() || shown >= kShort)) continue;
    fmt::print("   | {}\n", whole ? line : line.substr(0, 110));
    ++shown;
  }
}

retrieve::KnowledgeSearch open_search(const fs::path& folder, core::Embedder* embedder, bool being_built) try {
  return {folder, embedder, query_maps_folder()};
} catch (const Error& error) {
  if (!being_built || error.code() != ErrorCode::NotFound) throw;
  throw Error(ErrorCode::NotFound, "gpiot.knowledge", "there is nothing to be searched yet",
              "ask again in a minute: words are found as soon as the first package is read");
}

void search(AppContext& context, const KnowledgeArguments& arguments) {
  const auto folder = knowledge_folder_of(arguments.folder);
  const auto news = see_to_default_set(folder, arguments.default_set);
  if (!news.line.empty()) fmt::print(stderr, "{}\n", news.line);
  const bool vectors = arguments.by != "words";
  const auto embedder = vectors ? make_embedder(context, false) : nullptr;
  if (vectors && embedder == nullptr)
    fmt::print(stderr, "no embedding model is installed: searching by words alone (gpiot model pull minilm-l6-v2)\n");
  auto knowledge = open_search(folder, embedder.get(), news.being_built);
  retrieve::Query query;
  query.text = arguments.query;
  query.filter = arguments.filter;
  query.count = arguments.count;
  query.words = arguments.by != "vectors";
  query.vectors = vectors;
  const auto results = knowledge.search(query, context.cancel);
  if (results.empty()) fmt::print(stderr, "nothing found\n");
  for (std::size_t i = 0; i < results.size(); ++i) print_result(context, results[i], i + 1, arguments.whole);
}

}  // namespace

void add_knowledge_readers(CLI::App* knowledge, AppContext& context,
                           const std::shared_ptr<KnowledgeArguments>& arguments) {
  auto* list = knowledge->add_subcommand("list", "Example: gpiot knowledge list\n\nWhat is known, with licences.");
  list->callback([&context, arguments] { list_sources(context, *arguments); });

  auto* stats = knowledge->add_subcommand("stats", "Example: gpiot knowledge stats\n\nCounts, encoder and size.");
  stats->callback([&context, arguments] { print_knowledge_stats(context, knowledge_folder_of(arguments->folder)); });

  auto* verify = knowledge->add_subcommand(
      "verify", "Example: gpiot knowledge verify\n\nReads all of the knowledge base: is it whole?");
  verify->callback([&context, arguments] { verify_knowledge(context, *arguments); });

  auto* command = knowledge->add_subcommand(
      "search",
      "Example: gpiot knowledge search \"find R peaks in a noisy ECG\"\n\nThe best passages, with scores and sources.");
  command->add_option("query", arguments->query, "in your words, or a name")->required();
  command->add_option("-n,--count", arguments->count, "results")->check(CLI::Range(1, 100))->capture_default_str();
  command->add_option("--by", arguments->by, "both, words or vectors")
      ->check(CLI::IsMember({"both", "words", "vectors"}))
      ->capture_default_str();
  command->add_option("--source", arguments->filter.sources, "only this package, file or folder");
  command->add_option("--version", arguments->filter.version, "only this version of a package");
  command->add_option("--kind", arguments->filter.kinds,
                      "only function, class, method, module, object, section, code or program");
  command->add_option("--licence", arguments->filter.licence, "only sources with this licence");
  command->add_flag("--whole", arguments->whole, "whole passages");
  command->callback([&context, arguments] { search(context, *arguments); });
}

}  // namespace gpiot::apps
