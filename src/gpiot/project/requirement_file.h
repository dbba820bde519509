#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "gpiot/core/requirement.h"

namespace gpiot::project {

/// Bounds of a requirement file.
inline constexpr std::size_t kMaxRequirementBytes = 1'000'000;
inline constexpr std::size_t kMaxStatementBytes = 8'000;

/// Reads a requirement: TOML front matter between two lines `+++`, then the statement in Markdown (docs in
/// examples/README.md). `name` is the file name shown in messages.
/// Errors: Format (not UTF-8, no front matter, broken TOML, unknown, missing, repeated or mistyped key, a value out of
/// range; names line and key); Capacity (file or statement too long); Unsupported (an evaluator, format, kind or type
/// that gpiot does not know; lists the known ones).
[[nodiscard]] core::Requirement parse_requirement(std::string_view text, std::string_view name = "requirement.md");

/// Errors: those of parse_requirement; NotFound; Io.
[[nodiscard]] core::Requirement load_requirement(const std::filesystem::path& path);

/// The file that parse_requirement reads back as the same requirement.
[[nodiscard]] std::string to_markdown(const core::Requirement& requirement);

/// Usable as a name in a Python program: ASCII letters, digits and underscores, no keyword, at most 64 bytes.
[[nodiscard]] bool is_python_name(std::string_view name);

}  // namespace gpiot::project
