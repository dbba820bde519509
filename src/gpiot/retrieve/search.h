#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gpiot/base/cancel.h"
#include "gpiot/core/embedder.h"
#include "gpiot/retrieve/query_map.h"
#include "gpiot/store/knowledge_reader.h"
#include "gpiot/store/message_index.h"
#include "gpiot/store/vector_file.h"
#include "gpiot/store/word_file.h"

namespace gpiot::retrieve {

/// A question to the knowledge base.
struct Query {
  std::string text;
  store::Filter filter;
  std::size_t count = 5;
  bool words = true;    ///< by BM25
  bool vectors = true;  ///< by nearness; needs an embedder
};

/// One thing found: a function with its best passage, or a passage of a document.
struct Result {
  store::FoundPassage found;
  std::string name;                         ///< the object, or the titles of the passage
  double score = 0;                         ///< by which results are ordered
  int word_rank = 0;                        ///< place in the list by words, from 1; 0 = not in it
  int vector_rank = 0;                      ///< the same by vectors
  double word_score = 0, vector_score = 0;  ///< BM25 times the prior; dot product plus what the prior adds
};

/// Searches of one knowledge base; each sees one state of it, whatever is written meanwhile. Used by one thread.
class KnowledgeSearch {
 public:
  /// `embedder` null: by words alone. `maps`: folder of QueryMap, empty = none. Errors: NotFound where there is no
  /// knowledge base; Model, naming both, where it was made with another encoder; those of QueryMap.
  KnowledgeSearch(std::filesystem::path folder, core::Embedder* embedder, const std::filesystem::path& maps);

  /// The best `count`, best first; none for a query without words. Errors: those of Database and Embedder.
  [[nodiscard]] std::vector<Result> search(const Query& query, const base::CancelToken& cancel);
  /// The function, class or method with this public name or alias.
  [[nodiscard]] std::optional<store::Object> object(const std::string& name);

 private:
  std::filesystem::path folder_;
  core::Embedder* embedder_;
  QueryMap map_;
  store::Database database_;
  struct PartScan;
  /// Of functions by the turned question, of documents by the question as it is.
  [[nodiscard]] std::vector<std::unique_ptr<PartScan>> begin_scans(const std::vector<float>& vector,
                                                                   const store::Filter& filter);
  /// What they found, once they are through.
  [[nodiscard]] std::vector<store::Scored> nearest(std::span<const std::unique_ptr<PartScan>> parts);

  /// By the file of words where it shows this state, else by FTS5.
  [[nodiscard]] std::vector<store::Scored> with_words(const std::string& text, const store::Filter& filter);

  store::VectorFile vectors_;
  std::vector<std::uint8_t> of_packages_;  // [rows of vectors_] 1 for functions and the like
  store::WordFile words_;
  store::MessageIndex messages_;
};

}  // namespace gpiot::retrieve
