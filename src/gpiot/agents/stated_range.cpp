#include "gpiot/agents/stated_range.h"

#include <algorithm>
#include <array>
#include <regex>
#include <string>
#include <vector>

#include "gpiot/agents/plan_frequencies.h"
#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

constexpr std::array kPerMinute = {"1/min", "/min", "min^-1", "rpm", "bpm"};
constexpr std::array kPerSecond = {"hz", "1/s", "s^-1"};
constexpr std::array kWordsOfRates = {"rate", "per minute", "per second", "/min", "rpm", "bpm", "hz", "frequenc"};

template <std::size_t N>
bool holds(const std::string& lower, const std::array<const char*, N>& words) {
  return std::ranges::any_of(words, [&](const char* word) { return lower.find(word) != std::string::npos; });
}

template <std::size_t N>
bool is_one_of(const std::string& lower, const std::array<const char*, N>& words) {
  return std::ranges::find(words, lower) != words.end();
}

/// Cut where a full stop ends a word; the one in "0.5" does not.
std::vector<std::string> sentences(const std::string& text) {
  std::vector<std::string> found(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    found.back() += text[i];
    const bool end = text[i] == '.' && (i + 1 == text.size() || text[i + 1] == ' ' || text[i + 1] == '\n');
    if (end) found.emplace_back();
  }
  return found;
}

}  // namespace

bool is_rate(const core::Variable& result) {
  const auto unit = base::to_lower(result.unit);
  return result.type != "str" && (is_one_of(unit, kPerMinute) || is_one_of(unit, kPerSecond));
}

double units_per_hz(const core::Variable& result) {
  return is_one_of(base::to_lower(result.unit), kPerMinute) ? 60 : 1;
}

std::optional<BandHz> stated_band(const core::Requirement& requirement) {
  const auto& result = requirement.result.variable;
  if (!is_rate(result)) return std::nullopt;
  static const std::regex form(R"((?:between|from) (\d{1,6}(?:\.\d{1,6})?) (?:and|to) (\d{1,6}(?:\.\d{1,6})?)( ?hz)?)",
                               std::regex::icase);
  const auto name = base::to_lower(base::replace_all(result.name, "_", " "));
  for (const auto& sentence : sentences(base::replace_all(requirement.statement, "\n", " "))) {
    const auto lower = base::to_lower(sentence);
    if (!holds(lower, kWordsOfRates) && lower.find(name) == std::string::npos) continue;
    for (auto at = std::sregex_iterator(lower.begin(), lower.end(), form); at != std::sregex_iterator(); ++at) {
      const double unit = (*at)[3].matched ? 1 : units_per_hz(result);
      const BandHz band{std::stod((*at)[1]) / unit, std::stod((*at)[2]) / unit};
      const bool held = requirement.data.rate_hz <= 0 || band.high <= kShareOfRate * requirement.data.rate_hz;
      if (band.low > 0 && band.low < band.high && held) return band;
    }
  }
  return std::nullopt;
}

}  // namespace gpiot::agents
