#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gpiot/core/requirement.h"
#include "gpiot/pipeline/part_data.h"

namespace gpiot::pipeline {

/// Of a parser, what it was given, answered and should have answered, for a few items of the development part: the
/// first of each pair of answers. "frame 7E0104: got "ok", expected "bad_length"". Texts are cut at 200 bytes and made
/// printable. Empty for other requirements, and where `result` (JSON Lines of the program, untrusted) cannot be read.
[[nodiscard]] std::vector<std::string> wrong_answers(const core::Requirement& requirement, const PartData& data,
                                                     const std::string& result);

/// The entries of a one-dimensional NumPy file of texts; empty for any other file.
[[nodiscard]] std::vector<std::string> read_npy_texts(const std::filesystem::path& path);

}  // namespace gpiot::pipeline
