#include "gpiot/retrieve/search.h"

#include <algorithm>
#include <functional>
#include <future>
#include <map>

#include "gpiot/retrieve/knowledge_base.h"
#include "gpiot/retrieve/query_text.h"
#include "gpiot/store/knowledge_database.h"
#include "gpiot/store/vectors.h"
#include "gpiot/store/words.h"

namespace gpiot::retrieve {
namespace {

constexpr std::size_t kDepth = 150;       // of each list
constexpr std::size_t kScoredAnew = 200;  // rows, in sixteen bits
constexpr double kRankOffset = 10;        // k of reciprocal rank fusion (Cormack et al. 2009 take 60)
constexpr float kPriorWeight = 0.1F;
/// More frequent words say little and cost time.
constexpr store::WordLimits kWordLimits = {.each = 2000, .together = 5000};

/// What passages of packages are; others are stretches of documents and functions of accepted programs.
const std::vector<std::string> kOfPackages = {"function", "class", "method", "module", "object"};

/// Words of English that tell nothing of what is looked for.
const std::vector<std::string> kLeftOut = {
    "a",   "an",   "and",  "are",  "as",    "at",    "be",    "by",   "can",     "do",   "each", "for", "from",  "get",
    "has", "have", "how",  "i",    "if",    "in",    "into",  "is",   "it",      "its",  "me",   "my",  "of",    "on",
    "or",  "our",  "so",   "that", "the",   "their", "them",  "then", "there",   "this", "to",   "use", "using", "want",
    "was", "we",   "what", "when", "where", "which", "while", "with", "without", "you",  "your"};

/// Any share from .4 to .55 finds as much of the queries of bench/knowledge; below, questions are taken for messages.
/// Words in more messages than this are the frame of any message.
constexpr store::MessageLimits kMessageLimits = {
    .least = 0.4, .kept_per_call = 0.9, .words = {.each = 800, .together = 1500}};
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

KnowledgeSearch::KnowledgeSearch(std::filesystem::path folder, core::Embedder* embedder,
                                 const std::filesystem::path& maps)
    : folder_(std::move(folder)), embedder_(embedder), database_(store::open_to_read(folder_)) {
  if (embedder_ == nullptr) return;
  store::require_same_encoder(store::making_of(database_), making_with(embedder_));
  map_ = QueryMap::load(maps, *embedder_);
}

/// A question and the rows that are compared with it.
struct KnowledgeSearch::PartScan {
  PartScan(const store::VectorRows& rows, std::vector<float> asked, std::vector<std::uint8_t> kept)
      : question(std::move(asked)),
        keep(std::move(kept)),
        scan(rows, question, store::rows_for(kDepth), kPriorWeight, keep) {}
  std::vector<float> question;
  std::vector<std::uint8_t> keep;
  store::Scan scan;
};

std::vector<std::unique_ptr<KnowledgeSearch::PartScan>> KnowledgeSearch::begin_scans(const std::vector<float>& vector,
                                                                                     const store::Filter& filter) {
  if (vectors_.generation() != store::generation_of(database_)) {
    vectors_ = store::vectors_now(database_, folder_);
    of_packages_ =
        map_.empty() ? std::vector<std::uint8_t>()
                     : store::kept_passages(database_, vectors_.rows().passages, {.sources = {}, .kinds = kOfPackages});
  }
  auto keep = store::kept_passages(database_, vectors_.rows().passages, filter);
  std::vector<std::unique_ptr<PartScan>> parts;
  if (of_packages_.empty()) {
    parts.push_back(std::make_unique<PartScan>(vectors_.rows(), vector, std::move(keep)));
    return parts;
  }
  auto functions = of_packages_;
  std::vector<std::uint8_t> others(functions.size());
  for (std::size_t i = 0; i < others.size(); ++i) {
    const std::uint8_t wanted = keep.empty() ? 1 : keep[i];
    others[i] = static_cast<std::uint8_t>(wanted & (functions[i] ^ 1U));
    functions[i] &= wanted;
  }
  auto turned = vector;
  map_.apply(turned);
  parts.push_back(std::make_unique<PartScan>(vectors_.rows(), std::move(turned), std::move(functions)));
  if (std::ranges::find(others, 1) != others.end())
    parts.push_back(std::make_unique<PartScan>(vectors_.rows(), vector, std::move(others)));
  return parts;
}

std::vector<store::Scored> KnowledgeSearch::nearest(std::span<const std::unique_ptr<PartScan>> parts) {
  std::vector<std::vector<store::Near>> found;
  std::vector<float> scores;
  for (const auto& part : parts) {
    found.push_back(part->scan.take());
    for (const auto& row : found.back()) scores.push_back(row.score);
  }
  std::ranges::sort(scores, std::ranges::greater());
  // As many rows are looked at, and scored anew, as if there were one part.
  const auto among_first = [&](const std::vector<store::Near>& rows, std::size_t count) {
    const auto is_one = [&](const store::Near& row) {
      return scores.size() <= count || row.score >= scores[count - 1];
    };
    return static_cast<std::size_t>(std::ranges::count_if(rows, is_one));
  };
  std::vector<store::Scored> near;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    found[i].resize(among_first(found[i], store::rows_for(kDepth)));
    const auto anew = among_first(found[i], kScoredAnew);
    const auto some =
        store::by_vector(vectors_.rows(), std::move(found[i]), parts[i]->question, kDepth, kPriorWeight, anew);
    near.insert(near.end(), some.begin(), some.end());
  }
  std::ranges::stable_sort(near, std::ranges::greater(), &store::Scored::score);
  if (near.size() > kDepth) near.resize(kDepth);
  return near;
}

std::vector<store::Scored> KnowledgeSearch::with_words(const std::string& text, const store::Filter& filter) {
  const auto now = store::generation_of(database_);
  if (words_.generation() != now) words_ = store::WordFile::map(store::words_file(folder_));
  if (words_.generation() == now) {
    auto found = store::by_words(database_, words_.rows(), text, kLeftOut, kWordLimits, filter, kDepth);
    if (found) return *std::move(found);
  }
  const auto words = store::word_query(database_, text, kLeftOut, kWordLimits);
  return store::by_words(database_, words, {}, filter, kDepth);
}

std::vector<Result> KnowledgeSearch::search(const Query& query, const base::CancelToken& cancel) {
  std::vector<float> vector;
  if (query.vectors && embedder_ != nullptr) vector = embedder_->embed({&query.text, 1}, cancel);
  store::Transaction state(database_, store::Transaction::Kind::Read);
  std::map<std::int64_t, Places> places;
  std::vector<std::unique_ptr<PartScan>> parts;
  std::future<void> beside;  // the search by words, which SQLite does with one thread; after it both scan
  const auto work = [&] {
    for (const auto& part : parts) part->scan.work();
  };
  if (!vector.empty()) {
    parts = begin_scans(vector, query.filter);
    beside = std::async(std::launch::async, work);
  }
  if (query.words) {
    int rank = 0;
    for (const auto& scored : with_words(without_exceptions(query.text), query.filter)) {
      places[scored.passage].word_rank = ++rank;
      places[scored.passage].word_score = scored.score;
    }
    messages_.bring_up_to_date(database_);
    rank = 0;
    for (const auto& scored :
         messages_.find(database_, message_in(query.text), kLeftOut, kMessageLimits, query.filter, kMessageDepth))
      places[scored.passage].message_rank = ++rank;
  }
  if (!parts.empty()) {
    work();
    beside.get();
    int rank = 0;
    for (const auto& scored : nearest(parts)) {
      places[scored.passage].vector_rank = ++rank;
      places[scored.passage].vector_score = scored.score;
    }
  }
  std::vector<std::pair<std::int64_t, Places>> order(places.begin(), places.end());
  std::ranges::stable_sort(order, [](const auto& a, const auto& b) { return a.second.score() > b.second.score(); });
  if (order.size() > query.count) order.resize(query.count);
  std::vector<std::int64_t> ids;
  for (const auto& [id, place] : order) ids.push_back(id);
  std::vector<Result> results;
  for (auto& found : store::read_passages(database_, ids)) {
    const auto& place = places.at(found.passage.id);
    const std::string name = found.passage.title.empty() ? found.document : found.passage.title;
    results.push_back({std::move(found), name, place.score(), place.word_rank, place.vector_rank, place.word_score,
                       place.vector_score});
  }
  return results;
}

std::optional<store::Object> KnowledgeSearch::object(const std::string& name) {
  return store::find_object(database_, name);
}

}  // namespace gpiot::retrieve
