#include "gpiot/store/held_bm25.h"

#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gpiot/base/error.h"
#include "gpiot/store/database.h"
#include "gpiot/store/fts5.h"

namespace gpiot::store {
namespace {

constexpr std::string_view kWhere = "store.search";
constexpr double kSaturation = 1.2;    // k1
constexpr double kLengthShare = 0.75;  // b
constexpr int kMessageColumn = 5;      // `errors` of passage_words
constexpr double kLeastIdf = 1e-6;     // as FTS5: a word in more than half of all passages still counts

/// Numbers of up to five bytes (they have 32 bits), high bits first: a byte below 128 is the last of its number.
std::int64_t sum_of_numbers(std::span<const std::byte> bytes) {
  std::uint64_t sum = 0, number = 0;
  for (const auto byte : bytes) {
    const auto bits = std::to_integer<std::uint64_t>(byte);
    number = (number << 7U) | (bits & 0x7fU);
    if (bits >= 0x80U) continue;
    sum += number;
    number = 0;
  }
  return static_cast<std::int64_t>(sum);
}

/// How many tokens each passage has, by its id.
class Lengths {
 public:
  explicit Lengths(sqlite3* handle) : handle_(handle) {}

  /// Errors: those of Database.
  void bring_up_to_date() {
    Statement state(handle_,
                    "SELECT (SELECT value FROM meta WHERE key = 'generation'), (SELECT count(*) FROM passage), "
                    "(SELECT max(id) FROM passage)",
                    kWhere);
    state.step();
    if (state.integer(0) == generation_) return;
    // Ids may have gaps, but what lies far beyond the number of passages is not worth its bytes.
    const auto most = 8 * state.integer(1) + 1024;
    generation_ = -1;
    held_.assign(static_cast<std::size_t>(std::clamp(state.integer(2) + 1, std::int64_t{0}, most)), 0);
    Statement rows(handle_, "SELECT id, sz FROM passage_words_docsize WHERE id >= 0", kWhere);
    while (rows.step()) {
      const auto place = static_cast<std::size_t>(rows.integer(0));
      if (place < held_.size()) held_[place] = static_cast<std::int32_t>(sum_of_numbers(rows.blob(1)));
    }
    generation_ = state.integer(0);
  }

  /// 0 where it is not held.
  [[nodiscard]] std::int32_t of(std::int64_t passage) const {
    const auto place = static_cast<std::size_t>(passage);
    return passage >= 0 && place < held_.size() ? held_[place] : 0;
  }

 private:
  sqlite3* handle_;  // not the Database, which may move while the function stays
  std::int64_t generation_ = -1;
  std::vector<std::int32_t> held_;
};

/// What stays the same for all passages of one query.
struct Query {
  double mean_length = 0;
  std::vector<double> idf;        // [words]
  std::vector<double> frequency;  // [words] of the passage at hand, weighted
  std::vector<bool> in_message;   // [words]
};

/// What both functions know.
struct Held {
  explicit Held(sqlite3* handle) : lengths(handle) {}
  Lengths lengths;
  std::int64_t row = -1;  ///< the last one that was scored
  double message_share = 0;
};

int count_row(const Fts5ExtensionApi*, Fts5Context*, void* count) {
  ++*static_cast<std::int64_t*>(count);
  return SQLITE_OK;
}

int begin_query(const Fts5ExtensionApi* api, Fts5Context* context, Query& query) {
  std::int64_t rows = 0, tokens = 0;
  int code = api->xRowCount(context, reinterpret_cast<sqlite3_int64*>(&rows));
  if (code == SQLITE_OK) code = api->xColumnTotalSize(context, -1, reinterpret_cast<sqlite3_int64*>(&tokens));
  query.mean_length = static_cast<double>(tokens) / static_cast<double>(std::max<std::int64_t>(rows, 1));
  query.idf.resize(static_cast<std::size_t>(api->xPhraseCount(context)));
  query.frequency.resize(query.idf.size());
  query.in_message.resize(query.idf.size());
  for (std::size_t i = 0; i < query.idf.size() && code == SQLITE_OK; ++i) {
    std::int64_t hits = 0;
    code = api->xQueryPhrase(context, static_cast<int>(i), &hits, &count_row);
    const auto with = static_cast<double>(hits);
    query.idf[i] = std::max(std::log((static_cast<double>(rows) - with + 0.5) / (with + 0.5)), kLeastIdf);
  }
  return code;
}

int weigh_words(const Fts5ExtensionApi* api, Fts5Context* context, Query& query, int columns, sqlite3_value** weights) {
  std::ranges::fill(query.frequency, 0);
  query.in_message.assign(query.idf.size(), false);
  int found = 0;
  int code = api->xInstCount(context, &found);
  for (int i = 0; i < found && code == SQLITE_OK; ++i) {
    int word = 0, column = 0, place = 0;
    code = api->xInst(context, i, &word, &column, &place);
    if (code != SQLITE_OK) break;
    query.frequency[static_cast<std::size_t>(word)] += column < columns ? sqlite3_value_double(weights[column]) : 1.0;
    if (column == kMessageColumn) query.in_message[static_cast<std::size_t>(word)] = true;
  }
  return code;
}

double score_of(const Query& query, double length) {
  double score = 0;
  for (std::size_t i = 0; i < query.idf.size(); ++i) {
    const double f = query.frequency[i];
    const double saturation = kSaturation * (1 - kLengthShare + kLengthShare * length / query.mean_length);
    score += query.idf[i] * f * (kSaturation + 1) / (f + saturation);
  }
  return -score;  // as bm25(): the best is the least
}

double message_share(const Query& query) {
  double all = 0, there = 0;
  for (std::size_t i = 0; i < query.idf.size(); ++i) {
    all += query.idf[i];
    if (query.in_message[i]) there += query.idf[i];
  }
  return all > 0 ? there / all : 0;
}

int scored(const Fts5ExtensionApi* api, Fts5Context* context, sqlite3_context* result, int columns,
           sqlite3_value** weights) {
  auto& held = *static_cast<Held*>(api->xUserData(context));
  auto* query = static_cast<Query*>(api->xGetAuxdata(context, 0));
  int code = SQLITE_OK;
  if (query == nullptr) {
    held.lengths.bring_up_to_date();
    auto made = std::make_unique<Query>();
    code = begin_query(api, context, *made);
    query = made.release();
    const int kept = api->xSetAuxdata(context, query, [](void* old) { delete static_cast<Query*>(old); });
    if (kept != SQLITE_OK) return kept;  // FTS5 has deleted it
  }
  if (code == SQLITE_OK) code = weigh_words(api, context, *query, columns, weights);
  held.row = api->xRowid(context);
  held.message_share = message_share(*query);
  int length = held.lengths.of(held.row);
  if (code == SQLITE_OK && length == 0) code = api->xColumnSize(context, -1, &length);
  if (code == SQLITE_OK) sqlite3_result_double(result, score_of(*query, length));
  return code;
}

/// C++ exceptions must not pass through SQLite.
void scored_or_error(const Fts5ExtensionApi* api, Fts5Context* context, sqlite3_context* result, int columns,
                     sqlite3_value** weights) {
  try {
    if (const int code = scored(api, context, result, columns, weights); code != SQLITE_OK)
      sqlite3_result_error_code(result, code);
  } catch (const std::exception& error) {
    sqlite3_result_error(result, error.what(), -1);
  }
}

void message_share_of_row(const Fts5ExtensionApi* api, Fts5Context* context, sqlite3_context* result, int /*columns*/,
                          sqlite3_value** /*weights*/) {
  const auto& held = *static_cast<const Held*>(api->xUserData(context));
  if (held.row != api->xRowid(context)) return sqlite3_result_error(result, "the row was not scored before", -1);
  sqlite3_result_double(result, held.message_share);
}

}  // namespace

void add_held_bm25(Database& database) {
  auto* api = fts5_of(database);
  auto held = std::make_unique<Held>(database.handle());
  int code = api->xCreateFunction(api, std::string(kMessageShare).c_str(), held.get(), &message_share_of_row, nullptr);
  if (code == SQLITE_OK) {
    code = api->xCreateFunction(api, std::string(kHeldBm25).c_str(), held.get(), &scored_or_error,
                                [](void* old) { delete static_cast<Held*>(old); });
  }
  if (code != SQLITE_OK) {
    throw base::Error(base::ErrorCode::Internal, "store.open",
                      std::string("FTS5 does not take the scoring function: ") + sqlite3_errstr(code));
  }
  (void)held.release();  // FTS5 deletes it with the connection
}

}  // namespace gpiot::store
