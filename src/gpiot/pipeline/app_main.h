#pragma once

#include <string>

#include "gpiot/pipeline/app_files.h"

namespace gpiot::pipeline {

/// `main.py` of an application: reads the view, runs the chain for each item, writes the result. A learned one makes
/// features of all items first and calls its learner once.
[[nodiscard]] std::string main_py(const AppParts& parts);

/// `tests/test_app.py`: the chain on seeded synthetic items.
[[nodiscard]] std::string test_py(const AppParts& parts);

/// `text` on one line, fit for a Python docstring or comment.
[[nodiscard]] std::string one_line(std::string_view text);

/// Whether the program works on a folder of recordings as they are: no table, and nothing to learn from.
[[nodiscard]] bool takes_recordings(const core::Requirement& requirement);

}  // namespace gpiot::pipeline
