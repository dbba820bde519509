#include <fmt/format.h>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"
#include "gpiot/store/knowledge_database.h"
#include "json_line.h"
#include "knowledge_build.h"
#include "knowledge_command.h"

namespace gpiot::apps {
namespace {

namespace fs = std::filesystem;
using base::Json;

Json facts_of(const fs::path& folder) {
  auto database = store::open_to_read(folder);
  const auto making = store::making_of(database);
  const auto count = [&](std::string_view what) {
    return database.integer(fmt::format("SELECT count(*) FROM {}", what));
  };
  std::error_code failure;
  return {{"kind", "stats"},
          {"folder", folder.string()},
          {"sources", count("source")},
          {"documents", count("document")},
          {"refused", count("document WHERE refused != ''")},
          {"passages", count("passage")},
          {"objects", count("object")},
          {"texts", count("vector")},
          {"embedded", count("vector WHERE components IS NOT NULL")},
          {"bytes", fs::file_size(store::database_file(folder), failure)},
          {"encoder", making.encoder},
          {"encoder_sha256", making.encoder_sha256},
          {"dimension", making.dimension},
          {"max_tokens", making.max_tokens},
          {"characters", making.characters},
          {"being_changed", !models::FileLock(folder / "knowledge.lock", false).held()}};
}

void print_counts(const Json& facts) {
  const auto number = [&](const char* key) { return facts.at(key).get<std::int64_t>(); };
  const auto encoder = base::printable(facts.at("encoder").get<std::string>());
  fmt::print("{} sources, {} documents ({} refused), {} passages, {} functions and classes; {}\n", number("sources"),
             number("documents"), number("refused"), number("passages"), number("objects"),
             base::human_bytes(facts.at("bytes").get<double>()));
  fmt::print("embedded: {} of {} texts, {} numbers each by {}, at most {} tokens of a text\n", number("embedded"),
             number("texts"), number("dimension"), encoder.empty() ? "no encoder" : encoder, number("max_tokens"));
}

}  // namespace

void print_knowledge_stats(const AppContext& context, const fs::path& folder) {
  const auto build = build_facts(folder);
  Json facts;
  bool exists = true;
  try {
    facts = facts_of(folder);
  } catch (const base::Error& error) {
    if (build.is_null() || error.code() != base::ErrorCode::NotFound) throw;
    exists = false;  // not yet, or nothing came of it: how its building goes is what there is to tell
    facts = {{"kind", "stats"}, {"folder", folder.string()}};
  }
  facts["build"] = build;
  if (context.json) return print_json_line(facts);
  if (exists) print_counts(facts);
  fmt::print("{}{}\n", base::printable(folder.string()),
             exists && facts["being_changed"].get<bool>() ? ", being changed now" : "");
  for (const auto& line : build_lines(folder)) fmt::print("{}\n", line);
}

}  // namespace gpiot::apps
