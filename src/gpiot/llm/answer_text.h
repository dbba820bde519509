#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gpiot::llm {

/// The text of one answer as it grows.
class AnswerText {
 public:
  /// `stops`: the answer ends before the first of these; they are looked for in what is added, not in `start`.
  AnswerText(std::string start, std::vector<std::string> stops);

  /// False when a stop text is complete: the answer has been cut before it, and is done.
  [[nodiscard]] bool add(std::string_view piece);
  /// The answer; bytes of a character that was not completed are dropped.
  [[nodiscard]] std::string take();

 private:
  std::string text_;
  std::size_t start_bytes_;
  std::vector<std::string> stops_;
  std::size_t longest_stop_ = 0;
};

}  // namespace gpiot::llm
