#include "gpiot/store/held_bm25.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gpiot/base/error.h"
#include "gpiot/store/bm25f.h"
#include "gpiot/store/database.h"
#include "gpiot/store/fts5.h"

namespace gpiot::store {
namespace {

/// What stays the same for all passages of one query.
struct Query {
  std::vector<double> idf;                     // [words]
  std::array<double, kWordColumns> weights{};  // of a word by its column
  std::vector<double> frequency;               // [words] of the passage at hand, weighted
};

int begin_query(const Fts5ExtensionApi* api, Fts5Context* context, std::string_view counted, Query& query) {
  sqlite3_int64 rows = 0;
  int code = api->xRowCount(context, &rows);
  std::vector<std::int64_t> hits;
  if (code == SQLITE_OK) code = rows_with_words(api, context, counted, hits);
  query.idf.resize(hits.size());
  query.frequency.resize(query.idf.size());
  for (std::size_t i = 0; i < query.idf.size() && code == SQLITE_OK; ++i) {
    query.idf[i] = rarity(rows, hits[i]);
  }
  return code;
}

/// What a word of each column counts in the passage at hand.
int column_weights(const Fts5ExtensionApi* api, Fts5Context* context, const ColumnShares& all, const Query& query,
                   std::array<double, kWordColumns>& out) {
  const auto* held = all.held(api->xRowid(context));
  WordColumns shares{};
  if (held == nullptr) {
    for (std::size_t i = 0; i < kWordColumns; ++i) {
      int length = 0;
      if (const int code = api->xColumnSize(context, static_cast<int>(i), &length); code != SQLITE_OK) return code;
      shares[i] = static_cast<float>(length);
    }
    shares = all.of(shares);
    held = &shares;
  }
  for (std::size_t i = 0; i < kWordColumns; ++i) out[i] = query.weights[i] * (*held)[i];
  return SQLITE_OK;
}

int weigh_words(const Fts5ExtensionApi* api, Fts5Context* context, Query& query,
                const std::array<double, kWordColumns>& weights) {
  std::ranges::fill(query.frequency, 0);
  int found = 0;
  int code = api->xInstCount(context, &found);
  for (int i = 0; i < found && code == SQLITE_OK; ++i) {
    int word = 0, column = 0, place = 0;
    code = api->xInst(context, i, &word, &column, &place);
    if (code == SQLITE_OK && static_cast<std::size_t>(column) < kWordColumns)
      query.frequency[static_cast<std::size_t>(word)] += weights[static_cast<std::size_t>(column)];
  }
  return code;
}

double score_of(const Query& query) {
  double score = 0;
  for (std::size_t i = 0; i < query.idf.size(); ++i) {
    score += query.idf[i] * saturated(query.frequency[i]);
  }
  return -score;  // as bm25(): the best is the least
}

int scored(const Fts5ExtensionApi* api, Fts5Context* context, sqlite3_context* result, int count,
           sqlite3_value** values) {
  auto& shares = *static_cast<ColumnShares*>(api->xUserData(context));
  auto* query = static_cast<Query*>(api->xGetAuxdata(context, 0));
  int code = SQLITE_OK;
  if (query == nullptr) {
    shares.bring_up_to_date();
    auto made = std::make_unique<Query>();
    code = begin_query(api, context, count > 0 ? text_of(values[0]) : std::string_view(), *made);
    for (std::size_t i = 0; i < kWordColumns; ++i)
      made->weights[i] = i + 1 < static_cast<std::size_t>(count) ? sqlite3_value_double(values[i + 1]) : 1;
    query = made.release();
    const int kept = api->xSetAuxdata(context, query,
                                      [](void* old) { const std::unique_ptr<Query> last(static_cast<Query*>(old)); });
    if (kept != SQLITE_OK) return kept;  // FTS5 has deleted it
  }
  std::array<double, kWordColumns> here{};
  if (code == SQLITE_OK) code = column_weights(api, context, shares, *query, here);
  if (code == SQLITE_OK) code = weigh_words(api, context, *query, here);
  if (code == SQLITE_OK) sqlite3_result_double(result, score_of(*query));
  return code;
}

/// C++ exceptions must not pass through SQLite.
void scored_or_error(const Fts5ExtensionApi* api, Fts5Context* context, sqlite3_context* result, int count,
                     sqlite3_value** values) {
  try {
    if (const int code = scored(api, context, result, count, values); code != SQLITE_OK)
      sqlite3_result_error_code(result, code);
  } catch (const std::exception& error) {
    sqlite3_result_error(result, error.what(), -1);
  }
}

}  // namespace

void add_held_bm25(Database& database) {
  auto* api = fts5_of(database);
  auto* shares = std::make_unique<ColumnShares>(database.handle()).release();  // FTS5 deletes it with the connection
  constexpr auto kDelete = [](void* old) { const std::unique_ptr<ColumnShares> last(static_cast<ColumnShares*>(old)); };
  const int code = api->xCreateFunction(api, std::string(kHeldBm25).c_str(), shares, &scored_or_error, kDelete);
  if (code != SQLITE_OK) {
    kDelete(shares);
    throw base::Error(base::ErrorCode::Internal, "store.open",
                      std::string("FTS5 does not take the scoring function: ") + sqlite3_errstr(code));
  }
}

}  // namespace gpiot::store
