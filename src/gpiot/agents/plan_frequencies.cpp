#include "gpiot/agents/plan_frequencies.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <regex>

#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

/// Calls `on_frequency` with the match and its value for each "200 Hz", "1.5kHz", and for the 5 of "5 to 200 Hz",
/// "5-200 Hz" and "5 and 200 Hz".
void each_frequency(const std::string& text, const std::function<void(const std::smatch&, double)>& on_frequency) {
  static const std::regex form(R"((\d{1,6}(?:\.\d{1,6})?)(?: ?(k?)hz|(?= ?(?:to|and|-) ?\d[\d.]{0,6} ?(k?)hz)))",
                               std::regex::icase);
  for (auto at = std::sregex_iterator(text.begin(), text.end(), form); at != std::sregex_iterator(); ++at) {
    const bool thousands = (*at)[2].length() + (*at)[3].length() > 0;
    on_frequency(*at, std::stod((*at)[1]) * (thousands ? 1000 : 1));
  }
}

bool speaks_of_the_rate(const std::string& step) {
  const auto lower = base::to_lower(step);
  return lower.find("sampling") != std::string::npos || lower.find("sample rate") != std::string::npos ||
         lower.find("resampl") != std::string::npos;
}

/// Of a band that lies wholly above what data of `rate_hz` can hold both ends come down by one factor, so that it
/// stays a band: "10 to 20 Hz" at 20 Hz is "4.5 to 9 Hz".
std::string lower_band(const std::string& step, double rate_hz) {
  static const std::regex form(R"((\d{1,6}(?:\.\d{1,6})?)( ?(?:to|and|-) ?)(\d{1,6}(?:\.\d{1,6})?) ?(k?)hz)",
                               std::regex::icase);
  std::smatch match;
  if (!std::regex_search(step, match, form)) return step;
  const double unit = match[4].length() > 0 ? 1000 : 1;
  const double low = std::stod(match[1]) * unit;
  const double high = std::stod(match[3]) * unit;
  if (low < kShareOfRate * rate_hz || high <= low) return step;
  const double factor = kShareOfRate * rate_hz / high;
  return match.prefix().str() + fmt::format("{:.3g}{}{:.3g} Hz", low * factor, match[2].str(), high * factor) +
         match.suffix().str();
}

/// "band-pass filter from 0 to 8 Hz" with the words of a low-pass: no design of a band begins at 0 Hz.
std::string open_band(const std::string& step) {
  static const std::regex form(
      R"(band-?pass filter([^.;]*?) from 0(?:\.0{1,3})?(?: ?hz)? to (\d{1,6}(?:\.\d{1,6})?) ?(k?hz))",
      std::regex::icase);
  return std::regex_replace(step, form, "low-pass filter$1 with a cutoff of $2 $3");
}

}  // namespace

double highest_frequency_hz(const std::string& text) {
  double highest = 0;
  each_frequency(text, [&](const auto&, double hz) { highest = std::max(highest, hz); });
  return highest;
}

std::vector<std::string> lower_frequencies(std::vector<core::SubTask>& subtasks, double rate_hz) {
  std::vector<std::string> changes;
  for (auto& subtask : subtasks) {
    for (auto& step : subtask.steps) {
      if (auto opened = open_band(step); opened != step) {
        changes.push_back(fmt::format("a band from 0 Hz in '{}' became a low-pass: {}", subtask.name, opened));
        step = std::move(opened);
      }
      if (rate_hz <= 0 || speaks_of_the_rate(step)) continue;
      if (auto band = lower_band(step, rate_hz); band != step) {
        changes.push_back(
            fmt::format("a band in '{}' came down below half the rate of {:g} Hz: {}", subtask.name, rate_hz, band));
        step = std::move(band);
      }
      std::string lowered;
      std::size_t done = 0;
      each_frequency(step, [&](const std::smatch& match, double hz) {
        if (hz < rate_hz / 2) return;
        const auto start = static_cast<std::size_t>(match.position(0));
        const bool has_unit = match[0].length() > match[1].length();
        lowered +=
            step.substr(done, start - done) + fmt::format("{:.3g}{}", kShareOfRate * rate_hz, has_unit ? " Hz" : "");
        changes.push_back(fmt::format("{:g} Hz in '{}' became {:.3g} Hz: the data has a rate of {:g} Hz", hz,
                                      subtask.name, kShareOfRate * rate_hz, rate_hz));
        done = start + static_cast<std::size_t>(match.length(0));
      });
      step = lowered + step.substr(done);
    }
  }
  return changes;
}

}  // namespace gpiot::agents
