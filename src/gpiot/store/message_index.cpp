#include "gpiot/store/message_index.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "gpiot/store/filter_sql.h"
#include "gpiot/store/identifier_tokenizer.h"
#include "gpiot/store/knowledge_database.h"
#include "gpiot/store/query_words.h"

namespace gpiot::store {
namespace {

constexpr int kLeastWords = 2;  // one word alone is no message
constexpr std::size_t kMostMessages = 100;

}  // namespace

void MessageIndex::bring_up_to_date(Database& database) {
  const auto generation = generation_of(database);
  if (generation == generation_) return;
  generation_ = -1;
  messages_.clear();
  with_.clear();
  auto rows = database.prepare("SELECT id, tokens, words FROM message ORDER BY id");
  while (rows.step()) {
    const auto place = static_cast<std::uint32_t>(messages_.size());
    messages_.push_back({rows.integer(0), rows.integer(1)});
    std::string_view words = rows.text(2);
    while (!words.empty()) {
      const auto end = std::min(words.find(' '), words.size());
      const auto word = words.substr(0, end);
      words.remove_prefix(std::min(end + 1, words.size()));
      auto at = with_.find(word);
      if (at == with_.end()) at = with_.emplace(word, std::vector<std::uint32_t>()).first;
      at->second.push_back(place);
    }
  }
  generation_ = generation;
}

std::vector<std::span<const std::uint32_t>> MessageIndex::messages_with(Database& database, std::string_view text,
                                                                        std::span<const std::string> left_out,
                                                                        const WordLimits& limits) const {
  const IdentifierTokens tokens(database);
  std::vector<std::span<const std::uint32_t>> all, within;
  std::vector<std::int64_t> rows;
  for (const auto& word : words_of(text, left_out)) {
    const auto stems = tokens.of(word);
    const auto at = stems.empty() ? with_.end() : with_.find(stems.front().text);
    // A word that no message has stays: it says that the query is none of them.
    all.emplace_back(at == with_.end() ? std::span<const std::uint32_t>() : at->second);
    rows.push_back(static_cast<std::int64_t>(all.back().size()));
  }
  for (const auto i : words_within(rows, limits)) within.push_back(all[i]);
  return within;
}

std::vector<MessageIndex::Match> MessageIndex::matching(std::span<const std::span<const std::uint32_t>> words,
                                                        double least) const {
  struct Sum {
    double there = 0;
    int words = 0;
  };
  double all = 0;
  std::unordered_map<std::uint32_t, Sum> sums;
  const auto count = static_cast<double>(messages_.size());
  for (const auto& messages : words) {
    const auto with = static_cast<double>(messages.size());
    const double rarity = std::log1p((count - with + 0.5) / (with + 0.5));  // never 0, however few there are
    all += rarity;
    for (const auto message : messages) {
      auto& sum = sums[message];
      sum.there += rarity;
      ++sum.words;
    }
  }
  std::vector<Match> out;
  for (const auto& [place, sum] : sums) {
    const auto& message = messages_[place];
    if (sum.words < kLeastWords) continue;
    // A name in parts and as a whole is more words than the message has tokens.
    const double of_message = std::min(1.0, sum.words / static_cast<double>(std::max(message.tokens, std::int64_t{1})));
    const double score = std::sqrt(sum.there / all * of_message);
    if (score >= least) out.push_back({message.id, score});
  }
  std::ranges::sort(out, [](const Match& a, const Match& b) {
    return a.score != b.score ? a.score > b.score : a.message < b.message;
  });
  if (out.size() > kMostMessages) out.resize(kMostMessages);
  return out;
}

std::vector<Scored> MessageIndex::find(Database& database, std::string_view text, std::span<const std::string> left_out,
                                       const MessageLimits& limits, const Filter& filter, std::size_t count) const {
  struct Found {
    double score = 0, prior = 0;
  };
  std::map<std::int64_t, Found> best;
  auto rows =
      database.prepare("SELECT m.passage, m.calls, p.prior FROM message_passage m JOIN passage p ON p.id = m.passage" +
                       filter_joins() + " WHERE m.message = ?1" + filter_conditions(filter, 2));
  for (const auto& one : matching(messages_with(database, text, left_out, limits.words), limits.least)) {
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
  std::vector<Scored> out;
  for (const auto& [passage, found] : order) {
    if (out.size() < count) out.push_back({passage, found.score});
  }
  return out;
}

}  // namespace gpiot::store
