#pragma once

#include <string>

namespace gpiot::llm {

/// `text` changed where libllama's WordPiece differs from the one that the models were trained with: Hangul syllables
/// are taken apart into their letters, and a run of more than 100 ASCII letters and digits becomes one unknown word.
[[nodiscard]] std::string word_piece_text(const std::string& text);

}  // namespace gpiot::llm
