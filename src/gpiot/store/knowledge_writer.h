#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "gpiot/store/database.h"
#include "gpiot/store/identifier_tokenizer.h"
#include "gpiot/store/knowledge.h"

namespace gpiot::store {

/// A vector that is not made yet: the weighted sum of those of its texts.
struct Pending {
  std::int64_t vector = 0;
  std::vector<WeightedText> texts;
};

/// Changes of a knowledge base. Every call is one step of the caller's transaction, so that a source or a document is
/// there whole or not at all. Errors: those of Database.
class KnowledgeWriter {
 public:
  explicit KnowledgeWriter(Database& database) : database_(database), tokens_(database) {}

  /// Makes the source, or writes its facts down anew; its documents stay. Returns its id.
  std::int64_t put_source(const Source& source);
  /// Puts a document in the place of the one with its name, with all that belongs to it.
  void put_document(std::int64_t source, const Document& document, std::span<const Passage> passages,
                    std::span<const Object> objects);
  void drop_document(std::int64_t source, const std::string& name);
  void drop_source(std::int64_t source);
  /// Name and hash of what is known of a source.
  [[nodiscard]] std::vector<Document> documents_of(std::int64_t source);

  /// Drops vectors that no passage has any more. To be called before a transaction that dropped passages ends.
  void drop_unused_vectors();
  /// Vectors that wait to be made, those of the first sources first.
  [[nodiscard]] std::vector<Pending> pending(std::size_t count);
  [[nodiscard]] std::int64_t pending_count();
  /// `components` [ids, dimension]. Errors also: Internal when the sizes do not fit each other.
  void put_vectors(std::span<const std::int64_t> ids, std::span<const float> components);

 private:
  void count_up();
  std::int64_t put_message(std::int64_t document, const std::string& text);
  std::int64_t vector_of(const std::vector<WeightedText>& texts);

  Database& database_;
  IdentifierTokens tokens_;
};

/// Makes one of the parts that the index of words has after many changes, where they are more than a few: every search
/// looks into each of them.
void merge_words(Database& database);

/// Writes the file of vectors beside the database, where it shows an older state.
void publish_vectors(Database& database, const std::filesystem::path& folder);

}  // namespace gpiot::store
