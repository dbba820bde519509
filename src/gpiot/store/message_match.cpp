#include "gpiot/store/message_match.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>

#include "gpiot/base/error.h"
#include "gpiot/store/filter_sql.h"
#include "gpiot/store/fts5.h"

namespace gpiot::store {
namespace {

constexpr int kLeastWords = 2;  // one word alone is no message
constexpr std::size_t kMostMessages = 100;

/// What stays the same for all messages of one query.
struct Rarities {
  std::vector<double> idf;  // [words]
  double sum = 0;
  std::vector<bool> seen;  // [words] in the message at hand
};

int read_rarities(const Fts5ExtensionApi* api, Fts5Context* context, std::string_view counted, Rarities& out) {
  sqlite3_int64 rows = 0;
  int code = api->xRowCount(context, &rows);
  std::vector<std::int64_t> hits;
  if (code == SQLITE_OK) code = rows_with_words(api, context, counted, hits);
  out.idf.resize(hits.size());
  for (std::size_t i = 0; i < out.idf.size() && code == SQLITE_OK; ++i) {
    const auto with = static_cast<double>(hits[i]);
    out.idf[i] = std::log1p((static_cast<double>(rows) - with + 0.5) / (with + 0.5));  // never 0, however few there are
    out.sum += out.idf[i];
  }
  return code;
}

int match(const Fts5ExtensionApi* api, Fts5Context* context, std::string_view counted, double least, double& out) {
  auto* query = static_cast<Rarities*>(api->xGetAuxdata(context, 0));
  if (query == nullptr) {
    auto made = std::make_unique<Rarities>();
    if (const int code = read_rarities(api, context, counted, *made); code != SQLITE_OK) return code;
    query = made.release();
    const int kept = api->xSetAuxdata(
        context, query, [](void* old) { const std::unique_ptr<Rarities> last(static_cast<Rarities*>(old)); });
    if (kept != SQLITE_OK) return kept;  // FTS5 has deleted it
  }
  int found = 0, words = 0, length = 0;
  double there = 0;
  int code = api->xInstCount(context, &found);
  query->seen.assign(query->idf.size(), false);
  for (int i = 0; i < found && code == SQLITE_OK; ++i) {
    int word = 0, column = 0, place = 0;
    code = api->xInst(context, i, &word, &column, &place);
    const auto at = static_cast<std::size_t>(word);
    if (code != SQLITE_OK || query->seen[at]) continue;
    query->seen[at] = true;
    ++words;
    there += query->idf[at];
  }
  out = 0;
  if (code != SQLITE_OK || words < kLeastWords || query->sum <= 0) return code;
  if (there / query->sum < least * least) return code;  // its length is looked up, and cannot make it more
  code = api->xColumnSize(context, -1, &length);
  // A name in parts and as a whole is more words than the message has tokens.
  const double of_message = std::min(1.0, words / static_cast<double>(std::max(length, 1)));
  out = std::sqrt(there / query->sum * of_message);
  return code;
}

/// C++ exceptions must not pass through SQLite.
void match_or_error(const Fts5ExtensionApi* api, Fts5Context* context, sqlite3_context* result, int count,
                    sqlite3_value** values) {
  try {
    const auto counted = count > 0 ? text_of(values[0]) : std::string_view();
    const double least = count > 1 ? sqlite3_value_double(values[1]) : 0;
    double value = 0;
    if (const int code = match(api, context, counted, least, value); code != SQLITE_OK)
      return sqlite3_result_error_code(result, code);
    sqlite3_result_double(result, value);
  } catch (const std::exception& error) {
    sqlite3_result_error(result, error.what(), -1);
  }
}

struct Match {
  std::int64_t message = 0;
  double score = 0;
};

std::vector<Match> matching(Database& database, const WordQuery& query, double least) {
  auto rows = database.prepare(
      fmt::format("SELECT id, score FROM (SELECT rowid AS id, {}(message_words, ?2, ?3) AS score FROM message_words "
                  "WHERE message_words MATCH ?1) WHERE score >= ?3 ORDER BY score DESC, id LIMIT {}",
                  kMessageMatch, kMostMessages));
  rows.bind(1, query.text).bind(2, query.rows).bind(3, least);
  std::vector<Match> out;
  while (rows.step()) out.push_back({rows.integer(0), rows.real(1)});
  return out;
}

}  // namespace

void add_message_match(Database& database) {
  auto* api = fts5_of(database);
  const int code = api->xCreateFunction(api, std::string(kMessageMatch).c_str(), nullptr, &match_or_error, nullptr);
  if (code != SQLITE_OK) {
    throw base::Error(base::ErrorCode::Internal, "store.open",
                      std::string("FTS5 does not take the matching function: ") + sqlite3_errstr(code));
  }
}

std::vector<Scored> by_messages(Database& database, const WordQuery& query, const MessageLimits& limits,
                                const Filter& filter, std::size_t count) {
  std::vector<Scored> out;
  if (query.text.empty()) return out;
  struct Found {
    double score = 0, prior = 0;
  };
  std::map<std::int64_t, Found> best;
  auto rows = database.prepare(
      "SELECT m.passage, m.calls, p.prior FROM message_passage m JOIN passage p ON p.id = "
      "m.passage" +
      filter_joins() + " WHERE m.message = ?1" + filter_conditions(filter, 2));
  for (const auto& one : matching(database, query, limits.least)) {
    rows.bind(1, one.message);
    bind_filter(rows, filter, 2);
    while (rows.step()) {
      const double score = one.score * std::pow(limits.kept_per_call, rows.real(1));
      auto& found = best[rows.integer(0)];
      if (score > found.score) found = {score, rows.real(2)};
    }
    rows.reset();
  }
  std::vector<std::pair<std::int64_t, Found>> order(best.begin(), best.end());
  std::ranges::stable_sort(order, [](const auto& a, const auto& b) {
    return a.second.score != b.second.score ? a.second.score > b.second.score : a.second.prior > b.second.prior;
  });
  for (const auto& [passage, found] : order) {
    if (out.size() < count) out.push_back({passage, found.score});
  }
  return out;
}

}  // namespace gpiot::store
