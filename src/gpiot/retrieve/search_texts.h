#pragma once

#include <string_view>

#include "gpiot/store/knowledge.h"

namespace gpiot::retrieve {

/// Fills what a passage is found by (own, summary, head, body, embedded) from its kind, title and text. A function's
/// text is laid out as runtime/knowledge_object.py does: signature, blank line, description, then "## " sections.
/// The choice of texts was measured (docs/results/).
/// What is known of a passage besides its text.
struct SearchFacts {
  std::string summary;        ///< first sentence
  std::string uses;           ///< note in the words of users
  std::string errors;         ///< messages that it raises itself
  std::int64_t mentions = 0;  ///< other functions whose documentation names it
};
void fill_search_texts(store::Passage& passage, const SearchFacts& facts);

}  // namespace gpiot::retrieve
