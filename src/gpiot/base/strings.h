#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gpiot::base {

[[nodiscard]] std::string trim(std::string_view text);
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);
[[nodiscard]] std::vector<std::string> split_lines(std::string_view text);
[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);
[[nodiscard]] std::string to_lower(std::string_view text);
/// Whether `word` stands in `text` where a word begins: "train" in "then train", not in "strain". Both in one case.
[[nodiscard]] bool has_word(std::string_view text, std::string_view word);
[[nodiscard]] std::string replace_all(std::string text, std::string_view from, std::string_view to);
[[nodiscard]] bool is_valid_utf8(std::string_view text);

/// "R-Peak detection (QRS)" -> "r_peak_detection_qrs": a Python identifier, never empty, never a keyword,
/// at most `max_length` bytes, cut at a word border.
[[nodiscard]] std::string to_identifier(std::string_view text, std::size_t max_length = 40);

/// Text that is safe to print on a terminal: control bytes and escape sequences are made visible (\x1b),
/// line feeds and tabs stay, bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string printable(std::string_view text);

/// 1500 -> "1.5 kB"; 1117320768 -> "1.12 GB".
[[nodiscard]] std::string human_bytes(double bytes);
/// 75.2 s -> "1 min 15 s"; 3.2 -> "3.2 s".
[[nodiscard]] std::string human_seconds(double seconds);

}  // namespace gpiot::base
