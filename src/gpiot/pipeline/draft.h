#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "gpiot/base/cancel.h"
#include "gpiot/base/json.h"
#include "gpiot/core/program_runner.h"
#include "gpiot/core/requirement.h"

namespace gpiot::pipeline {

/// What the user says of his data; what he leaves open is read or guessed.
struct DraftWishes {
  std::string statement;  ///< the requirement in words
  std::filesystem::path data;
  std::string result = {};   ///< "events", "class", "value"; empty = guess
  std::string label = {};    ///< name of the key, column or pattern with the labels; "none"; empty = guess
  std::string subject = {};  ///< the same for subjects
  double rate_hz = 0;        ///< 0 = as the files say
  std::string files = {};    ///< pattern of the files to use, of those that a draft names; empty = guess
};

/// A requirement made from looking at the data, and what of it is sure.
struct Draft {
  core::Requirement requirement;
  std::vector<std::string> facts;    ///< read from the files
  std::vector<std::string> guesses;  ///< each with its reason; to be looked at by the user
};

/// Looks at a data folder in the sandbox (runtime/look.py). Errors: NotFound, Data with the script's words, Sandbox.
[[nodiscard]] base::Json look_at_data(core::ProgramRunner& runner, const std::filesystem::path& runtime,
                                      const std::filesystem::path& data, const base::CancelToken& cancel);

/// The requirement that fits what `look` saw. `look` is untrusted; its texts are made printable.
/// Errors: InvalidArgument for a wish that the data does not hold (lists what it holds); Data where nothing can be
/// used.
[[nodiscard]] Draft draft_requirement(const base::Json& look, const DraftWishes& wishes);

/// requirement.md with the facts and guesses as comments above the front matter's keys.
[[nodiscard]] std::string to_markdown(const Draft& draft);

}  // namespace gpiot::pipeline
