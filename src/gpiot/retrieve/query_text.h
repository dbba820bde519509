#pragma once

#include <string>
#include <string_view>

namespace gpiot::retrieve {

/// The message in a query: what stands after the last name of an exception, where that is more than a word or two; else
/// all of it.
[[nodiscard]] std::string_view message_in(std::string_view text);

/// The text with blanks in place of the names of Python's own exceptions: whatever raises a ValueError may be meant,
/// and documentation that has the word tells of something else.
[[nodiscard]] std::string without_exceptions(std::string_view text);

}  // namespace gpiot::retrieve
