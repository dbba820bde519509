#include "gpiot/retrieve/search.h"

#include <algorithm>
#include <future>
#include <map>

#include "gpiot/retrieve/knowledge_base.h"
#include "gpiot/retrieve/query_text.h"
#include "gpiot/store/knowledge_database.h"
#include "gpiot/store/message_match.h"
#include "gpiot/store/vectors.h"

namespace gpiot::retrieve {
namespace {

constexpr std::size_t kDepth = 150;  // of each list
constexpr double kRankOffset = 10;   // k of reciprocal rank fusion (Cormack et al. 2009 take 60)
constexpr float kPriorWeight = 0.1F;
/// More frequent words say little and cost time.
constexpr store::WordLimits kWordLimits = {.each = 2000, .together = 5000};

/// Words of English that tell nothing of what is looked for.
const std::vector<std::string> kLeftOut = {
    "a",   "an",   "and",  "are",  "as",    "at",    "be",    "by",   "can",     "do",   "each", "for", "from",  "get",
    "has", "have", "how",  "i",    "if",    "in",    "into",  "is",   "it",      "its",  "me",   "my",  "of",    "on",
    "or",  "our",  "so",   "that", "the",   "their", "them",  "then", "there",   "this", "to",   "use", "using", "want",
    "was", "we",   "what", "when", "where", "which", "while", "with", "without", "you",  "your"};

/// Of messages, which are short and many: words in more of them are the frame of any message.
constexpr store::WordLimits kMessageWordLimits = {.each = 800, .together = 1500};
/// Any from .4 to .55 find as much of the queries of bench/knowledge; below, questions are taken for messages.
constexpr store::MessageLimits kMessageLimits = {.least = 0.4, .kept_per_call = 0.9};
constexpr std::size_t kMessageDepth = 100;

/// Places of a passage in the lists.
struct Places {
  int word_rank = 0, vector_rank = 0, message_rank = 0;
  double word_score = 0, vector_score = 0;
  [[nodiscard]] double score() const {
    const auto part = [](int rank) { return rank == 0 ? 0.0 : 1.0 / (kRankOffset + rank); };
    return part(word_rank) + part(vector_rank) + part(message_rank);
  }
};

}  // namespace

KnowledgeSearch::KnowledgeSearch(std::filesystem::path folder, core::Embedder* embedder)
    : folder_(std::move(folder)), embedder_(embedder), database_(store::open_to_read(folder_)) {
  if (embedder_ != nullptr) store::require_same_encoder(store::making_of(database_), making_with(embedder_));
}

std::vector<Result> KnowledgeSearch::search(const Query& query, const base::CancelToken& cancel) {
  std::vector<float> vector;
  if (query.vectors && embedder_ != nullptr) vector = embedder_->embed({&query.text, 1}, cancel);
  store::Transaction state(database_, store::Transaction::Kind::Read);
  std::map<std::int64_t, Places> places;
  std::vector<std::uint8_t> keep;
  std::optional<store::Scan> scan;
  std::future<void> beside;  // the search by words, which SQLite does with one thread; after it both scan
  if (!vector.empty()) {
    if (vectors_.generation() != store::generation_of(database_)) vectors_ = store::vectors_now(database_, folder_);
    keep = store::kept_rows(database_, vectors_.rows(), query.filter);
    scan.emplace(vectors_.rows(), vector, store::rows_for(kDepth), kPriorWeight, keep);
    beside = std::async(std::launch::async, [&] { scan->work(); });
  }
  if (query.words) {
    const auto words = store::word_query(database_, without_exceptions(query.text), kLeftOut, kWordLimits);
    int rank = 0;
    for (const auto& scored : store::by_words(database_, words, {}, query.filter, kDepth)) {
      places[scored.passage].word_rank = ++rank;
      places[scored.passage].word_score = scored.score;
    }
    const auto message =
        store::word_query(database_, message_in(query.text), kLeftOut, kMessageWordLimits, store::WordIndex::Messages);
    rank = 0;
    for (const auto& scored : store::by_messages(database_, message, kMessageLimits, query.filter, kMessageDepth))
      places[scored.passage].message_rank = ++rank;
  }
  if (scan) {
    scan->work();
    beside.get();
    int rank = 0;
    for (const auto& scored :
         store::by_vector(database_, vectors_.rows(), scan->take(), vector, kDepth, kPriorWeight)) {
      places[scored.passage].vector_rank = ++rank;
      places[scored.passage].vector_score = scored.score;
    }
  }
  std::vector<std::pair<std::int64_t, Places>> order(places.begin(), places.end());
  std::ranges::stable_sort(order, [](const auto& a, const auto& b) { return a.second.score() > b.second.score(); });
  if (order.size() > query.count) order.resize(query.count);
  std::vector<Result> results;
  for (const auto& [id, place] : order) {
    for (auto& found : store::read_passages(database_, {&id, 1})) {
      const std::string name = found.passage.title.empty() ? found.document : found.passage.title;
      results.push_back({std::move(found), name, place.score(), place.word_rank, place.vector_rank, place.word_score,
                         place.vector_score});
    }
  }
  return results;
}

std::optional<store::Object> KnowledgeSearch::object(const std::string& name) {
  return store::find_object(database_, name);
}

}  // namespace gpiot::retrieve
