#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gpiot/core/program.h"
#include "gpiot/core/requirement.h"

namespace gpiot::agents {

/// Stable kinds; `name()` gives "unknown_input" and so on.
enum class ChainProblemKind {
  UnknownInput,  ///< an input that neither the data nor an earlier sub-task gives
  TypeMismatch,  ///< type or dtype differ from the producer's
  ShapeMismatch,
  UnitMismatch,
  DuplicateOutput,  ///< the name exists already
  UnusedOutput,     ///< nobody takes it: a warning
  UnusedInput,      ///< data of the requirement that nobody takes: a warning
  MissingResult,    ///< the last sub-task does not give the contract's variable as the contract says
  BadIdentifier,
  RateMissing,  ///< speaks of times or frequencies, but does not get the sampling rate: a warning
};
[[nodiscard]] std::string_view name(ChainProblemKind kind);

struct ChainProblem {
  ChainProblemKind kind;
  std::size_t subtask = 0;  ///< index
  std::string message;
};
/// True for what does not keep the chain from running.
[[nodiscard]] bool is_warning(const ChainProblem& problem);

/// What does not fit between the specifications, in their order. Empty = the chain can be assembled as it is.
/// Ours: the paper checks nothing between its stages.
[[nodiscard]] std::vector<ChainProblem> check_chain(const core::Requirement& requirement,
                                                    std::span<const core::Specification> specs);

/// Mends what a program can: facts of an input are taken from its producer, a misspelt or renamed input is matched,
/// names are made identifiers, doubles are renamed, the last output becomes the contract's variable, the rate is
/// passed. Gives one line for each thing mended; check_chain afterwards says what is left.
std::vector<std::string> mend_chain(const core::Requirement& requirement, std::vector<core::Specification>& specs);

/// True for a Python identifier that is not a keyword.
[[nodiscard]] bool is_identifier(const std::string& name);

}  // namespace gpiot::agents
