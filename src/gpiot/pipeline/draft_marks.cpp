#include "gpiot/pipeline/draft_marks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "gpiot/base/strings.h"

namespace gpiot::pipeline {
namespace {

constexpr std::array<std::string_view, 8> kEventWords = {"change", "anomal", "event", "onset",
                                                         "fault",  "peak",   "beat",  "start"};

std::string letters_of(const std::string& text) {
  auto lower = base::to_lower(text);
  for (const auto* gap : {" ", "_", "-", "."}) lower = base::replace_all(lower, gap, "");
  return lower;
}

bool is_about(const std::string& words, const std::string& column) {
  constexpr std::size_t kStem = 6;  // "anomal" of anomaly and anomalies
  return letters_of(words).find(letters_of(column).substr(0, kStem)) != std::string::npos;
}

std::string kind_of(const std::string& column) {
  const auto name = letters_of(column);
  if (name.find("change") != std::string::npos) return "change_points";
  if (name.find("anomal") != std::string::npos || name.find("fault") != std::string::npos) return "anomaly";
  return "events";
}

bool names_events(const std::string& column) {
  const auto name = letters_of(column);
  return std::ranges::any_of(kEventWords, [&](const auto word) { return name.find(word) != std::string::npos; });
}

}  // namespace

std::optional<Marks> marks_in(const base::Json& group, const std::vector<Place>& labels, const DraftWishes& wishes) {
  const bool stated = wishes.result == "events";
  const bool asked = stated || (wishes.result.empty() && kind_in_words(wishes.statement) == "events");
  if (text(group, "format") != "csv" || !asked || wishes.label == "none") return std::nullopt;
  std::optional<Marks> found;
  for (const auto& place : labels) {
    const bool named = !wishes.label.empty() && place.name == wishes.label;
    if (place.place != "column" || place.values != 2 || (!wishes.label.empty() && !named)) continue;
    const bool fits = named || names_events(place.name);
    if (!(stated ? fits : names_events(place.name) && is_about(wishes.statement, place.name))) continue;
    if (!found || is_about(wishes.statement, place.name)) found = Marks{place.name, kind_of(place.name)};
  }
  return found;
}

void draft_marks(core::Requirement& requirement, const Marks& marks, const Guess& guess) {
  requirement.labels = {.format = "marks", .column = marks.column};
  requirement.evaluator.kind = marks.kind;
  guess("events are where " + marks.column + " is 1",
        "rows side by side are one; --label names another column, --result class makes a class of each row");
  draft_tolerance(requirement, guess);
}

void draft_tolerance(core::Requirement& requirement, const Guess& guess) {
  constexpr double kSamples = 5;
  auto& evaluator = requirement.evaluator;
  if (requirement.data.rate_hz <= 0) {
    evaluator.kind = "events";
    evaluator.tolerance_ms = 0;
    guess("events count at their exact sample only", "no rate is known, so that no tolerance in ms is");
    return;
  }
  const double some_ms = kSamples * 1000 / requirement.data.rate_hz;
  if (evaluator.kind == "anomaly" || evaluator.tolerance_ms >= some_ms) return;
  evaluator.tolerance_ms = some_ms;
  guess(fmt::format("events count within {:g} ms", some_ms), "five samples; evaluator.tolerance_ms says otherwise");
}

}  // namespace gpiot::pipeline
