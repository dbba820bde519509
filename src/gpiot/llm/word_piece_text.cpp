#include "gpiot/llm/word_piece_text.h"

#include <cctype>
#include <string_view>

namespace gpiot::llm {
namespace {

// A longer word is one unknown token in WordPiece. libllama would cut a hash or a key to pieces, and these would take
// the place of a page of text.
constexpr std::size_t kLongestWord = 100;
constexpr std::string_view kUnknownWord = "\u16a0";  // a rune: in no vocabulary of WordPiece

void put_three_bytes(std::string& out, unsigned code_point) {
  out += static_cast<char>(0xe0U | code_point >> 12);
  out += static_cast<char>(0x80U | (code_point >> 6 & 0x3fU));
  out += static_cast<char>(0x80U | (code_point & 0x3fU));
}

/// The Hangul syllable at `at`, as its place among all of them, or -1. Source: Unicode 15, section 3.12.
int syllable_at(std::string_view text, std::size_t at) {
  if (at + 3 > text.size()) return -1;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  if (byte(0) < 0xea || byte(0) > 0xed || (byte(1) & 0xc0U) != 0x80 || (byte(2) & 0xc0U) != 0x80) return -1;
  const unsigned code_point = (byte(0) & 0xfU) << 12 | (byte(1) & 0x3fU) << 6 | (byte(2) & 0x3fU);
  return code_point >= 0xac00 && code_point <= 0xd7a3 ? static_cast<int>(code_point - 0xac00) : -1;
}

/// `word` is a run of letters, digits and bytes beyond ASCII.
void put_word(std::string& out, std::string_view word, bool ascii) {
  if (ascii) {
    out += word.size() > kLongestWord ? kUnknownWord : word;
    return;
  }
  for (std::size_t i = 0; i < word.size();) {
    const int syllable = syllable_at(word, i);
    if (syllable < 0) {
      out += word[i++];
      continue;
    }
    const auto place = static_cast<unsigned>(syllable);
    put_three_bytes(out, 0x1100 + place / 588);
    put_three_bytes(out, 0x1161 + place % 588 / 28);
    if (place % 28 != 0) put_three_bytes(out, 0x11a7 + place % 28);
    i += 3;
  }
}

}  // namespace

std::string word_piece_text(const std::string& text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t start = 0; start < text.size();) {
    std::size_t end = start;
    bool ascii = true;
    for (; end < text.size(); ++end) {
      const auto byte = static_cast<unsigned char>(text[end]);
      if (byte < 0x80 && std::isalnum(byte) == 0) break;
      ascii = ascii && byte < 0x80;
    }
    put_word(result, std::string_view(text).substr(start, end - start), ascii);
    if (end < text.size()) result += text[end++];
    start = end;
  }
  return result;
}

}  // namespace gpiot::llm
