#pragma once

#include <filesystem>
#include <string>

#include "gpiot/core/requirement.h"

namespace gpiot::pipeline {

/// A requirement from words and a data folder. What the data itself says is filled in (WFDB headers: signal names,
/// rate, length; annotation files: labels; CSV and NPY: no labels); the rest takes defaults that the written
/// requirement.md shows for editing. Errors: NotFound, Data (nothing readable in the folder), Io, InvalidArgument
/// (empty statement), Format (not text), Capacity (a statement that is too long).
[[nodiscard]] core::Requirement requirement_from_text(const std::string& statement, const std::filesystem::path& data);

/// True where requirement_from_text serves: the folder holds WFDB headers, or nothing that runtime/look.py could tell
/// more of. Never fails.
[[nodiscard]] bool is_for_host(const std::filesystem::path& data);

/// "Detect the R peaks in ..." -> "detect_the_r_peaks": the default name of the project folder.
[[nodiscard]] std::string project_name(const std::string& statement);

/// The first 60 bytes of a statement at most: whole clauses where there are some, else whole words.
[[nodiscard]] std::string title_of(const std::string& statement);

/// The one rate that the words name, "at 75 Hz" or "8 kHz", in Hz; 0 where they name none, or several.
[[nodiscard]] double rate_in_words(const std::string& statement);

}  // namespace gpiot::pipeline
