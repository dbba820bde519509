#include "gpiot/store/held_bm25.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
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
constexpr double kSaturation = 1.2;   // k1
constexpr float kLengthShare = 0.3F;  // b, of each column
constexpr double kLeastIdf = 1e-6;    // as FTS5: a word in more than half of all passages still counts
constexpr std::size_t kColumns = 6;   // of passage_words

/// A number for each column.
using Columns = std::array<float, kColumns>;

/// Numbers of up to five bytes (they have 32 bits), high bits first: a byte below 128 is the last of its number.
Columns lengths_from(std::span<const std::byte> bytes) {
  Columns lengths{};
  std::size_t column = 0;
  std::uint32_t number = 0;
  for (const auto byte : bytes) {
    const auto bits = std::to_integer<std::uint32_t>(byte);
    number = (number << 7U) | (bits & 0x7fU);
    if (bits >= 0x80U) continue;
    if (column < kColumns) lengths[column++] = static_cast<float>(number);
    number = 0;
  }
  return lengths;
}

/// What a word counts in each column of a passage, by its id: the less, the more tokens the column has.
class Shares {
 public:
  explicit Shares(sqlite3* handle) : handle_(handle) {}

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
    held_.assign(static_cast<std::size_t>(std::clamp(state.integer(2) + 1, std::int64_t{0}, most)), {});
    read_lengths();
    for (auto& passage : held_) passage = of(passage);
    generation_ = state.integer(0);
  }

  /// Null where they are not held.
  [[nodiscard]] const Columns* held(std::int64_t passage) const {
    const auto place = static_cast<std::size_t>(passage);
    return passage >= 0 && place < held_.size() ? &held_[place] : nullptr;
  }
  [[nodiscard]] Columns of(const Columns& lengths) const {
    Columns shares{};
    for (std::size_t i = 0; i < kColumns; ++i)
      shares[i] = 1 / (1 - kLengthShare + kLengthShare * lengths[i] / mean_[i]);
    return shares;
  }

 private:
  /// Into held_, and the means of the columns that are not empty.
  void read_lengths() {
    std::array<double, kColumns> sum{}, filled{};
    Statement rows(handle_, "SELECT id, sz FROM passage_words_docsize WHERE id >= 0", kWhere);
    while (rows.step()) {
      const auto lengths = lengths_from(rows.blob(1));
      for (std::size_t i = 0; i < kColumns; ++i) {
        sum[i] += lengths[i];
        filled[i] += lengths[i] > 0 ? 1 : 0;
      }
      const auto place = static_cast<std::size_t>(rows.integer(0));
      if (place < held_.size()) held_[place] = lengths;
    }
    for (std::size_t i = 0; i < kColumns; ++i) mean_[i] = filled[i] > 0 ? static_cast<float>(sum[i] / filled[i]) : 1;
  }

  sqlite3* handle_;  // not the Database, which may move while the function stays
  std::int64_t generation_ = -1;
  std::vector<Columns> held_;
  Columns mean_{};
};

/// What stays the same for all passages of one query.
struct Query {
  std::vector<double> idf;                 // [words]
  std::array<double, kColumns> weights{};  // of a word by its column
  std::vector<double> frequency;           // [words] of the passage at hand, weighted
};

int begin_query(const Fts5ExtensionApi* api, Fts5Context* context, std::string_view counted, Query& query) {
  sqlite3_int64 rows = 0;
  int code = api->xRowCount(context, &rows);
  std::vector<std::int64_t> hits;
  if (code == SQLITE_OK) code = rows_with_words(api, context, counted, hits);
  query.idf.resize(hits.size());
  query.frequency.resize(query.idf.size());
  for (std::size_t i = 0; i < query.idf.size() && code == SQLITE_OK; ++i) {
    const auto with = static_cast<double>(hits[i]);
    query.idf[i] = std::max(std::log((static_cast<double>(rows) - with + 0.5) / (with + 0.5)), kLeastIdf);
  }
  return code;
}

/// What a word of each column counts in the passage at hand.
int column_weights(const Fts5ExtensionApi* api, Fts5Context* context, const Shares& all, const Query& query,
                   std::array<double, kColumns>& out) {
  const auto* held = all.held(api->xRowid(context));
  Columns shares{};
  if (held == nullptr) {
    for (std::size_t i = 0; i < kColumns; ++i) {
      int length = 0;
      if (const int code = api->xColumnSize(context, static_cast<int>(i), &length); code != SQLITE_OK) return code;
      shares[i] = static_cast<float>(length);
    }
    shares = all.of(shares);
    held = &shares;
  }
  for (std::size_t i = 0; i < kColumns; ++i) out[i] = query.weights[i] * (*held)[i];
  return SQLITE_OK;
}

int weigh_words(const Fts5ExtensionApi* api, Fts5Context* context, Query& query,
                const std::array<double, kColumns>& weights) {
  std::ranges::fill(query.frequency, 0);
  int found = 0;
  int code = api->xInstCount(context, &found);
  for (int i = 0; i < found && code == SQLITE_OK; ++i) {
    int word = 0, column = 0, place = 0;
    code = api->xInst(context, i, &word, &column, &place);
    if (code == SQLITE_OK && static_cast<std::size_t>(column) < kColumns)
      query.frequency[static_cast<std::size_t>(word)] += weights[static_cast<std::size_t>(column)];
  }
  return code;
}

double score_of(const Query& query) {
  double score = 0;
  for (std::size_t i = 0; i < query.idf.size(); ++i) {
    const double f = query.frequency[i];
    score += query.idf[i] * f * (kSaturation + 1) / (f + kSaturation);
  }
  return -score;  // as bm25(): the best is the least
}

int scored(const Fts5ExtensionApi* api, Fts5Context* context, sqlite3_context* result, int count,
           sqlite3_value** values) {
  auto& shares = *static_cast<Shares*>(api->xUserData(context));
  auto* query = static_cast<Query*>(api->xGetAuxdata(context, 0));
  int code = SQLITE_OK;
  if (query == nullptr) {
    shares.bring_up_to_date();
    auto made = std::make_unique<Query>();
    code = begin_query(api, context, count > 0 ? text_of(values[0]) : std::string_view(), *made);
    for (std::size_t i = 0; i < kColumns; ++i)
      made->weights[i] = i + 1 < static_cast<std::size_t>(count) ? sqlite3_value_double(values[i + 1]) : 1;
    query = made.release();
    const int kept = api->xSetAuxdata(context, query,
                                      [](void* old) { const std::unique_ptr<Query> last(static_cast<Query*>(old)); });
    if (kept != SQLITE_OK) return kept;  // FTS5 has deleted it
  }
  std::array<double, kColumns> here{};
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
  auto held = std::make_unique<Shares>(database.handle());
  const int code =
      api->xCreateFunction(api, std::string(kHeldBm25).c_str(), held.get(), &scored_or_error,
                           [](void* old) { const std::unique_ptr<Shares> last(static_cast<Shares*>(old)); });
  if (code != SQLITE_OK) {
    throw base::Error(base::ErrorCode::Internal, "store.open",
                      std::string("FTS5 does not take the scoring function: ") + sqlite3_errstr(code));
  }
  (void)held.release();  // FTS5 deletes it with the connection
}

}  // namespace gpiot::store
