#include "gpiot/retrieve/query_text.h"

#include <algorithm>
#include <array>

#include "gpiot/store/identifier_tokenizer.h"

namespace gpiot::retrieve {
namespace {

constexpr std::size_t kShortestMessage = 16;  // characters

/// Of Python 3.11's builtins.
constexpr auto kOwnExceptions = std::to_array<std::string_view>({"ArithmeticError",
                                                                 "AssertionError",
                                                                 "AttributeError",
                                                                 "BlockingIOError",
                                                                 "BrokenPipeError",
                                                                 "BufferError",
                                                                 "BytesWarning",
                                                                 "ChildProcessError",
                                                                 "ConnectionAbortedError",
                                                                 "ConnectionError",
                                                                 "ConnectionRefusedError",
                                                                 "ConnectionResetError",
                                                                 "DeprecationWarning",
                                                                 "EOFError",
                                                                 "EncodingWarning",
                                                                 "EnvironmentError",
                                                                 "Exception",
                                                                 "FileExistsError",
                                                                 "FileNotFoundError",
                                                                 "FloatingPointError",
                                                                 "FutureWarning",
                                                                 "IOError",
                                                                 "ImportError",
                                                                 "ImportWarning",
                                                                 "IndentationError",
                                                                 "IndexError",
                                                                 "InterruptedError",
                                                                 "IsADirectoryError",
                                                                 "KeyError",
                                                                 "LookupError",
                                                                 "MemoryError",
                                                                 "ModuleNotFoundError",
                                                                 "NameError",
                                                                 "NotADirectoryError",
                                                                 "NotImplementedError",
                                                                 "OSError",
                                                                 "OverflowError",
                                                                 "PendingDeprecationWarning",
                                                                 "PermissionError",
                                                                 "ProcessLookupError",
                                                                 "RecursionError",
                                                                 "ReferenceError",
                                                                 "ResourceWarning",
                                                                 "RuntimeError",
                                                                 "RuntimeWarning",
                                                                 "SyntaxError",
                                                                 "SyntaxWarning",
                                                                 "SystemError",
                                                                 "TabError",
                                                                 "TimeoutError",
                                                                 "TypeError",
                                                                 "UnboundLocalError",
                                                                 "UnicodeDecodeError",
                                                                 "UnicodeEncodeError",
                                                                 "UnicodeError",
                                                                 "UnicodeTranslateError",
                                                                 "UnicodeWarning",
                                                                 "UserWarning",
                                                                 "ValueError",
                                                                 "Warning",
                                                                 "ZeroDivisionError"});

std::string_view word_at(std::string_view text, const store::Identifier& identifier) {
  return text.substr(identifier.begin, identifier.end - identifier.begin);
}

}  // namespace

std::string_view message_in(std::string_view text) {
  std::string_view message = text;
  for (const auto& identifier : store::identifiers_of(text)) {
    const auto name = word_at(text, identifier);
    if (!name.ends_with("Error") && !name.ends_with("Warning") && !name.ends_with("Exception")) continue;
    const auto rest = text.substr(identifier.end);
    const auto start = rest.find_first_not_of(": \n\t");
    if (start != std::string_view::npos && rest.size() - start >= kShortestMessage) message = rest.substr(start);
  }
  return message;
}

std::string without_exceptions(std::string_view text) {
  std::string out(text);
  for (const auto& identifier : store::identifiers_of(text)) {
    if (std::ranges::find(kOwnExceptions, word_at(text, identifier)) == kOwnExceptions.end()) continue;
    out.replace(identifier.begin, identifier.end - identifier.begin, identifier.end - identifier.begin, ' ');
  }
  return out;
}

}  // namespace gpiot::retrieve
