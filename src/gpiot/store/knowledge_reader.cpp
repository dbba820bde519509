#include "gpiot/store/knowledge_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "gpiot/base/strings.h"
#include "gpiot/store/filter_sql.h"
#include "gpiot/store/held_bm25.h"
#include "gpiot/store/vectors.h"

namespace gpiot::store {
namespace {

constexpr std::string_view kWhere = "store.search";
constexpr std::size_t kRowsOfPassage = 5;
/// Of the log-sum-exp over the vectors of a passage: one that is nearer by so much counts e times as much.
constexpr float kTemperature = 0.05F;

/// At most one more than `most`: who asks only wants to know whether it is more.
std::int64_t rows_with(Statement& counts, const std::string& word, std::int64_t most) {
  counts.bind(1, '"' + word + '"').bind(2, most + 1);
  const std::int64_t n = counts.step() ? counts.integer(0) : 0;
  counts.reset();
  return n;
}

}  // namespace

WordQuery word_query(Database& database, std::string_view text, std::span<const std::string> left_out,
                     const WordLimits& limits) {
  const std::int64_t most = limits.each > 0 ? limits.each : limits.together;
  auto counts =
      database.prepare("SELECT count(*) FROM (SELECT 1 FROM passage_words WHERE passage_words MATCH ?1 LIMIT ?2)");
  std::vector<std::string> words;
  std::vector<std::int64_t> rows;
  for (auto& word : words_of(text, left_out)) {
    const auto with = most > 0 ? rows_with(counts, word, most) : 1;
    if (with == 0) continue;
    rows.push_back(with);
    words.push_back(std::move(word));
  }
  WordQuery query;
  for (const auto i : words_within(rows, limits)) {
    query.text += (query.text.empty() ? "\"" : " OR \"") + words[i] + '"';
    const bool counted = most > 0 && rows[i] <= most;
    query.rows += (query.rows.empty() ? "" : " ") + std::to_string(counted ? rows[i] : -1);
  }
  return query;
}

std::vector<Scored> by_words(Database& database, const WordQuery& query, const WordWeights& weights,
                             const Filter& filter, std::size_t count) {
  std::vector<Scored> out;
  if (query.text.empty()) return out;
  const std::string joins = filter.empty() ? "" : " JOIN passage p ON p.id = w.rowid" + filter_joins();
  // More than are wanted: their priors are looked up, and not those of all that match.
  auto rows =
      database.prepare(fmt::format("SELECT l.id, l.score * p.prior AS score FROM (SELECT w.rowid AS id, "
                                   "{}(passage_words, ?2, {}, {}, {}, {}, {}, {}) AS score FROM passage_words w {} "
                                   "WHERE passage_words MATCH ?1 {} ORDER BY score LIMIT {}) l "
                                   "JOIN passage p ON p.id = l.id ORDER BY 2, 1 LIMIT {}",
                                   kHeldBm25, weights.own, weights.summary, weights.head, weights.body, weights.uses,
                                   weights.errors, joins, filter_conditions(filter, 3), kSparePassages * count, count));
  rows.bind(1, query.text).bind(2, query.rows);
  bind_filter(rows, filter, 3);
  while (rows.step()) out.push_back({rows.integer(0), -rows.real(1)});
  return out;
}

std::vector<std::uint8_t> kept_passages(Database& database, std::span<const std::int64_t> passages,
                                        const Filter& filter) {
  if (filter.empty()) return {};
  auto ids = database.prepare("SELECT p.id FROM passage p" + filter_joins() + "WHERE 1" + filter_conditions(filter, 1));
  bind_filter(ids, filter, 1);
  std::unordered_set<std::int64_t> wanted;
  while (ids.step()) wanted.insert(ids.integer(0));
  std::vector<std::uint8_t> keep;
  keep.reserve(passages.size());
  for (const auto passage : passages) keep.push_back(wanted.contains(passage) ? 1 : 0);
  return keep;
}

std::size_t rows_for(std::size_t passages) { return kRowsOfPassage * passages; }

std::vector<Scored> by_vector(const VectorRows& rows, std::vector<Near> near, std::span<const float> query,
                              std::size_t count, float prior_weight, std::size_t rescored_count) {
  near = rescored(rows, std::move(near), query, rescored_count, prior_weight);
  const auto passage_of = [&](const Near& one) { return rows.passages[one.row]; };
  std::ranges::sort(near, [&](const Near& a, const Near& b) {
    return passage_of(a) != passage_of(b) ? passage_of(a) < passage_of(b) : a.score > b.score;
  });
  std::vector<Scored> out;
  for (std::size_t i = 0; i < near.size();) {
    const auto passage = passage_of(near[i]);
    const float best = near[i].score;
    float sum = 0;
    for (; i < near.size() && passage_of(near[i]) == passage; ++i)
      sum += std::exp((near[i].score - best) / kTemperature);
    out.push_back({passage, best + kTemperature * std::log(sum)});
  }
  std::ranges::sort(out, [](const Scored& a, const Scored& b) {
    return a.score != b.score ? a.score > b.score : a.passage < b.passage;
  });
  if (out.size() > count) out.resize(count);
  return out;
}

std::vector<FoundPassage> read_passages(Database& database, std::span<const std::int64_t> ids) {
  auto row = database.prepare(
      "SELECT p.id, p.kind, p.title, p.names, p.text, p.part, p.parts, p.first, p.last, s.kind, s.name, s.version, "
      "s.licence, d.name, d.span FROM passage p" +
      filter_joins() + "WHERE p.id = ?1");
  std::vector<FoundPassage> out;
  for (const auto id : ids) {
    row.bind(1, id);
    if (row.step()) {
      FoundPassage found;
      found.passage.id = row.integer(0);
      found.passage.kind = row.text(1);
      found.passage.title = row.text(2);
      if (!row.text(3).empty()) found.passage.names = base::split(row.text(3), ' ');
      found.passage.text = row.text(4);
      found.passage.part = static_cast<int>(row.integer(5));
      found.passage.parts = static_cast<int>(row.integer(6));
      found.passage.start = row.integer(7);
      found.passage.end = row.integer(8);
      found.source_kind = row.text(9);
      found.source = row.text(10);
      found.version = row.text(11);
      found.licence = row.text(12);
      found.document = row.text(13);
      found.span = row.text(14);
      out.push_back(std::move(found));
    }
    row.reset();
  }
  return out;
}

std::optional<Object> find_object(Database& database, const std::string& name) {
  auto row = database.prepare(
      "SELECT o.name, o.kind, o.facts FROM object_name n JOIN object o ON o.id = n.object WHERE n.name = ?1 "
      "ORDER BY o.name != ?1, o.id LIMIT 1");
  row.bind(1, name);
  if (!row.step()) return std::nullopt;
  Object object;
  object.name = row.text(0);
  object.kind = row.text(1);
  object.facts = base::parse_json(row.text(2), kWhere, name);
  return object;
}

}  // namespace gpiot::store
