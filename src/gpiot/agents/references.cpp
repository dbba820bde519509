#include "gpiot/agents/references.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

bool is_dotted_name(const std::string& name) {
  return !name.empty() && name.find("..") == std::string::npos && name.front() != '.' && name.back() != '.' &&
         std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '.'; });
}

/// One line without what could end the quotation.
std::string quoted(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == '`' || c == 0x7f) c = ' ';
  }
  return base::trim(text);
}

/// Cut where a parameter ends, so that what is left is true.
std::string shortened(const std::string& signature, std::size_t bytes) {
  constexpr std::string_view kRest = ", ...)";
  if (signature.size() <= bytes) return signature;
  const auto comma = bytes > kRest.size() ? signature.rfind(", ", bytes - kRest.size()) : std::string::npos;
  return comma == std::string::npos ? "(...)" : signature.substr(0, comma) + std::string(kRest);
}

}  // namespace

std::string reference_lines(std::span<const core::Reference> references, const std::string& known,
                            std::size_t line_bytes) {
  std::string text;
  for (const auto& reference : references) {
    const auto dot = reference.name.rfind('.');
    if (!is_dotted_name(reference.name) || dot == std::string::npos) continue;
    const auto own = reference.name.substr(dot + 1);
    if (base::has_word(known, own + "(") || base::has_word(text, own + "(")) continue;
    const auto module = reference.name.substr(0, dot);
    auto summary = quoted(reference.summary).substr(0, line_bytes / 2);
    while (!summary.empty() && !base::is_valid_utf8(summary)) summary.pop_back();
    if (summary.ends_with('.')) summary.pop_back();
    const auto used = summary.size() + own.size() + module.size() + 8;
    text += fmt::format("- {}: {}{} of {}\n", summary, own,
                        shortened(quoted(reference.signature), line_bytes > used ? line_bytes - used : 0), module);
  }
  return text;
}

}  // namespace gpiot::agents
