#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gpiot/core/program.h"
#include "gpiot/core/requirement.h"

namespace gpiot::agents {

/// `text` as a GBNF literal with quotes.
[[nodiscard]] std::string gbnf_literal(std::string_view text);
/// "a" | "b" | "c".
[[nodiscard]] std::string gbnf_choice(std::span<const std::string> texts);

/// Fewest and most sub-tasks of a plan, and how many a model may write: small models fill whatever they are offered
/// with repetitions, users may plan more.
inline constexpr int kFewestSubtasks = 3;
inline constexpr int kMostSubtasks = 8;
inline constexpr int kMostPlanned = 6;

/// The paper's form of a decomposition, numbered, blocks separated by one blank line. Names begin with a verb of
/// processing, so that loading, plotting and evaluation cannot be sub-tasks. `most` in [kFewestSubtasks,
/// kMostSubtasks].
[[nodiscard]] std::string subtasks_grammar(int most = kMostPlanned);

/// One or two sentences on one line.
[[nodiscard]] std::string target_grammar();

/// What a sub-task gives, where its steps say it in the words of the worked examples.
enum class OutputForm : std::uint8_t {
  Any,
  OneValueForEach,       ///< "one value for every sample": one axis of numbers
  OneTruthValueForEach,  ///< "one truth value for every sample": one axis of bool
  OneRowForEach,         ///< "one row for every sample": two axes of numbers
  VectorOrNumber,        ///< of one set of readings there is nothing larger
  PartOfText,            ///< of a frame or a line: text, a number, a truth value, or the numbers of its bytes
};
/// The form that the last step to name one names.
[[nodiscard]] OutputForm output_form(const core::SubTask& subtask);

/// What the second specification prompt may answer for one sub-task.
struct IoChoices {
  std::vector<std::string> forced_inputs;    ///< always inputs, in this order; never empty
  std::vector<std::string> optional_inputs;  ///< may be added after them, in this order
  std::vector<std::string> last_inputs;      ///< always inputs, after all others: the sampling rate
  std::vector<std::string> dims;             ///< dimensions that are known: "n_samples", "3"
  std::vector<std::string> units;            ///< units to choose from, without the empty one
  OutputForm form = OutputForm::Any;
  std::vector<core::Variable> forced_outputs;  ///< the contract's variable for the last sub-task, else empty
};
/// `Reasoning: ...`, `Inputs: ...`, then one or two `Output: ...` lines in the form of spec_text.h.
[[nodiscard]] std::string io_grammar(const IoChoices& choices);

/// The text that stands for "no unit" in an answer.
inline constexpr std::string_view kNoUnit = "no unit";

/// One Python module with the exact signature, a return at its end, then `### Documentation`.
/// Imports come from `packages` and the standard library's math only; nothing stands at module level but the function.
/// `members`: lines "module: name name ..." (prompts/members.md); of the packages that they know, these names alone,
/// imported or, of numpy, behind `np.` (code_grammar.h).
[[nodiscard]] std::string program_grammar(const core::Specification& spec, std::span<const std::string> packages,
                                          std::string_view members = {});

/// The same for a parser: no parameters of its own, and no package but numpy where it is given or returns arrays. What
/// stands where is stated, and a parameter could only be a decimal number.
[[nodiscard]] std::string parser_grammar(const core::Specification& spec, std::string_view members = {});

}  // namespace gpiot::agents
