#include "gpiot/store/words.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "gpiot/store/bm25f.h"
#include "gpiot/store/identifier_tokenizer.h"
#include "gpiot/store/knowledge_database.h"

namespace gpiot::store {
namespace {

constexpr std::array<std::string_view, kWordColumns> kColumnNames = {"own",  "summary", "head",
                                                                     "body", "uses",    "errors"};

/// Makes postings of the occurrences of words, which come in the order of words, passages and columns.
class Gatherer {
 public:
  Gatherer(WordFile::Columns& out, ColumnShares& shares) : out_(out), shares_(shares) {
    const WordWeights weights;
    weights_ = {weights.own, weights.summary, weights.head, weights.body, weights.uses, weights.errors};
  }

  void add(std::string_view word, std::int64_t passage, std::string_view column) {
    const bool is_new = out_.first_letters.empty() || word != word_;
    if (is_new) begin_word(word);
    if (is_new || passage != passage_) begin_passage(passage);
    const auto at = static_cast<std::size_t>(std::ranges::find(kColumnNames, column) - kColumnNames.begin());
    if (is_there_ && at < kWordColumns) frequencies_.back() += weights_[at] * share_[at];
  }
  void end() {
    end_word();
    out_.first_letters.push_back(out_.letters.size());
    out_.first_postings.push_back(out_.places.size());
  }

 private:
  void begin_word(std::string_view word) {
    end_word();
    word_ = word;
    out_.first_letters.push_back(out_.letters.size());
    out_.first_postings.push_back(out_.places.size());
    out_.letters.insert(out_.letters.end(), word.begin(), word.end());
  }
  void begin_passage(std::int64_t passage) {
    passage_ = passage;
    const auto at = std::ranges::lower_bound(out_.passages, passage);
    is_there_ = at != out_.passages.end() && *at == passage;
    if (!is_there_) return;
    share_ = shares_.of_passage(passage);
    out_.places.push_back(static_cast<std::uint32_t>(at - out_.passages.begin()));
    frequencies_.push_back(0);
  }
  void end_word() {
    const auto passages = static_cast<std::int64_t>(out_.passages.size());
    const double weight = rarity(passages, static_cast<std::int64_t>(frequencies_.size()));
    for (const double frequency : frequencies_)
      out_.scores.push_back(static_cast<float>(weight * saturated(frequency)));
    frequencies_.clear();
  }

  WordFile::Columns& out_;
  ColumnShares& shares_;
  std::array<double, kWordColumns> weights_{};
  std::string word_;
  std::int64_t passage_ = 0;
  bool is_there_ = false;
  WordColumns share_{};
  std::vector<double> frequencies_;  // of the word at hand
};

/// The tokens of the words of `text`; nothing where one is not a single token.
std::optional<std::vector<std::string>> tokens_of(Database& database, std::string_view text,
                                                  std::span<const std::string> left_out) {
  const IdentifierTokens tokenizer(database);
  std::vector<std::string> tokens;
  for (const auto& word : words_of(text, left_out)) {
    auto found = tokenizer.of(word);
    if (found.size() != 1) return std::nullopt;
    tokens.push_back(std::move(found.front().text));
  }
  return tokens;
}

/// Of the words that are in a passage at all and within the limits.
std::vector<WordRows::Postings> within(const WordRows& words, std::span<const std::string> tokens,
                                       const WordLimits& limits) {
  std::vector<WordRows::Postings> all, kept;
  std::vector<std::int64_t> counts;
  const std::int64_t most = limits.each > 0 ? limits.each : limits.together;
  for (const auto& token : tokens) {
    const auto found = words.with(token);
    if (found.places.empty() || found.places.size() != found.scores.size()) continue;
    all.push_back(found);
    const auto count = static_cast<std::int64_t>(found.places.size());
    counts.push_back(most > 0 ? std::min(count, most + 1) : 1);  // as word_query counts them
  }
  for (const auto i : words_within(counts, limits)) kept.push_back(all[i]);
  return kept;
}

bool better(const Scored& a, const Scored& b) { return a.score != b.score ? a.score > b.score : a.passage < b.passage; }

void keep_best(std::vector<Scored>& all, std::size_t count) {
  count = std::min(count, all.size());
  std::ranges::partial_sort(all, all.begin() + static_cast<std::ptrdiff_t>(count), better);
  all.resize(count);
}

}  // namespace

WordFile read_words(Database& database) {
  WordFile::Columns columns;
  auto passages = database.prepare("SELECT id, prior FROM passage ORDER BY id");
  while (passages.step()) {
    columns.passages.push_back(passages.integer(0));
    columns.priors.push_back(passages.real(1));
  }
  ColumnShares shares(database.handle());
  shares.bring_up_to_date();
  database.execute(
      "CREATE VIRTUAL TABLE IF NOT EXISTS temp.word_instance USING fts5vocab(main, passage_words, instance)");
  Gatherer gatherer(columns, shares);
  auto rows = database.prepare("SELECT term, doc, col FROM temp.word_instance");
  while (rows.step()) gatherer.add(rows.text(0), rows.integer(1), rows.text(2));
  gatherer.end();
  return WordFile::hold(generation_of(database), std::move(columns));
}

std::optional<std::vector<Scored>> by_words(Database& database, const WordRows& words, std::string_view text,
                                            std::span<const std::string> left_out, const WordLimits& limits,
                                            const Filter& filter, std::size_t count) {
  const auto tokens = tokens_of(database, text, left_out);
  if (!tokens) return std::nullopt;
  const auto keep = kept_passages(database, words.passages, filter);
  std::vector<double> sums(words.passages.size());
  std::vector<std::uint32_t> touched;
  for (const auto& postings : within(words, *tokens, limits)) {
    for (std::size_t i = 0; i < postings.places.size(); ++i) {
      const auto place = postings.places[i];
      if (place >= sums.size() || (!keep.empty() && keep[place] == 0)) continue;
      if (sums[place] == 0) touched.push_back(place);
      sums[place] += postings.scores[i];
    }
  }
  std::vector<Scored> found;
  for (const auto place : touched) found.push_back({place, sums[place]});
  keep_best(found, kSparePassages * count);
  for (auto& one : found) {
    const auto place = static_cast<std::size_t>(one.passage);
    one = {words.passages[place], one.score * words.priors[place]};
  }
  keep_best(found, count);
  return found;
}

void publish_words(Database& database, const std::filesystem::path& folder) {
  Transaction state(database, Transaction::Kind::Read);
  const auto file = words_file(folder);
  if (WordFile::map(file).generation() == generation_of(database)) return;
  read_words(database).write(file);
}

}  // namespace gpiot::store
