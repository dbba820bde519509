#pragma once

#include <string>
#include <string_view>

namespace gpiot::bench {

/// What check_form found.
struct FormCheck {
  std::string problem;  ///< the first departure from the form; empty where there is none
  int line = 0;         ///< 1-based line of the problem, 0 where it concerns the whole text
  int subtasks = 0;     ///< headings read until then
  [[nodiscard]] bool ok() const { return problem.empty(); }
};

/// Whether `text` is a decomposition in the paper's form, to the letter: 3 to 8 blocks, exactly one blank line between
/// two of them; a block is `- Sub-Task k [Name]` (k counts from 1), then one line or more
/// `- Implementation step j: ...` (j counts from 1 in each block). A name holds a letter, so that an identifier can be
/// made from it. Line ends at the end of the text are free. Shares no code with the lenient parser that the roles use.
[[nodiscard]] FormCheck check_form(std::string_view text);

}  // namespace gpiot::bench
