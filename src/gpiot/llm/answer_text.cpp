#include "gpiot/llm/answer_text.h"

#include <algorithm>

namespace gpiot::llm {
namespace {

/// Bytes at the end that begin a UTF-8 character but do not complete it.
std::size_t unfinished_bytes(std::string_view text) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0) == 0x80) continue;
    const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

}  // namespace

AnswerText::AnswerText(std::string start, std::vector<std::string> stops)
    : text_(std::move(start)), start_bytes_(text_.size()), stops_(std::move(stops)) {
  std::erase(stops_, "");
  for (const auto& stop : stops_) longest_stop_ = std::max(longest_stop_, stop.size());
}

bool AnswerText::add(std::string_view piece) {
  const std::size_t before = text_.size();
  text_ += piece;
  if (stops_.empty()) return true;
  const std::size_t overlap = longest_stop_ - 1;
  const std::size_t from = before - start_bytes_ > overlap ? before - overlap : start_bytes_;
  std::size_t first = std::string::npos;
  for (const auto& stop : stops_) first = std::min(first, text_.find(stop, from));
  if (first == std::string::npos) return true;
  text_.resize(first);
  return false;
}

std::string AnswerText::take() {
  text_.resize(text_.size() - unfinished_bytes(text_));
  return std::move(text_);
}

}  // namespace gpiot::llm
