#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gpiot::store {

class Database;

/// Makes the FTS5 tokenizer `identifiers` known to this connection: words as SQLite's `porter unicode61` takes them,
/// after identifiers are parted: `find_peaks`, `findPeaks` and `scipy.signal.find_peaks` give `find` and `peak`. A word
/// that was parted is a token as a whole too (`findpeaks`), at the place of its first part.
/// Errors: Unsupported where SQLite has no FTS5.
void add_identifier_tokenizer(Database& database);

/// A token of a text, in lower case and without its ending.
struct TextToken {
  std::string text;
  bool same_place = false;  ///< as the token before: an identifier as a whole
};

/// What that tokenizer makes of texts outside of any table. Must not outlive its database.
class IdentifierTokens {
 public:
  /// Errors: Internal where the tokenizer is not known to this connection.
  explicit IdentifierTokens(Database& database);
  ~IdentifierTokens();
  IdentifierTokens(const IdentifierTokens&) = delete;
  IdentifierTokens& operator=(const IdentifierTokens&) = delete;
  [[nodiscard]] std::vector<TextToken> of(std::string_view text) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A word of a text, as the tokenizer parts it.
struct IdentifierPart {
  std::size_t begin = 0;  ///< bytes of the text
  std::size_t end = 0;
};

/// An identifier of ASCII letters, digits and `_` at `begin` to `end`, and its parts in order.
struct Identifier {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::vector<IdentifierPart> parts;
};

/// The identifiers of `text`, plain words among them (with one part), in order.
[[nodiscard]] std::vector<Identifier> identifiers_of(std::string_view text);
/// The whole identifier as one token: lower case, without `_`.
[[nodiscard]] std::string whole_token(std::string_view identifier);

}  // namespace gpiot::store
