#include "gpiot/pipeline/draft_split.h"

#include <fmt/format.h>

namespace gpiot::pipeline {
namespace {

constexpr double kAlike = 0.8;

}  // namespace

void draft_split(core::Requirement& requirement, const base::Json& group, const std::optional<Place>& label,
                 const std::optional<Place>& subject, const Guess& guess) {
  auto& split = requirement.split;
  const auto files = child(group, "files").is_number() ? child(group, "files").get<int>() : 1;
  const bool learned = requirement.result.learned;
  split.final_share = 0.3;
  if (subject && core::is_table(requirement)) {
    split.by = "subject";
    split.subject = subject->place == "name" ? subject_field(subject->name) : subject->name;
    if (requirement.labels.format == "name")
      requirement.labels.pattern = joined_pattern(requirement.labels.pattern, subject->name);
    if (!subject->sure) guess("parted by subject: " + split.subject, subject->why);
  } else if (requirement.data.items == "file") {
    split.by = "file";
    if (files == 1 && requirement.labels.format.empty()) guess("one file is both parts", "there are no labels");
    if (files == 1 && !requirement.labels.format.empty())
      guess("one recording cannot be parted", "cut it into two files or more, one of them for the end");
  } else if (learned && requirement.result.kind == "class" && files <= 3 && label && is_sorted_by(group, label->name)) {
    split.by = "index";
    guess("items are parted at random",
          "the rows are sorted by class: the last ones hold other classes; where neighbours are alike, name a subject");
  } else if (const auto likeness = likeness_of_rows(group, requirement.data.sources.front().columns);
             likeness > kAlike) {
    split.by = files > 3 ? "file" : "time";
    guess("parted by " + split.by,
          fmt::format("neighbouring rows are alike: a value and the next correlate by {:.2f}", likeness));
  } else if (learned && requirement.result.kind == "class" && child(group, "times").empty()) {
    split.by = "index";
    guess("items are parted at random",
          "no subject was found; where neighbours overlap or come from the same person, "
          "name a subject instead");
  } else {
    split.by = files > 3 ? "file" : "time";
    guess("parted by " + split.by, "no subject was found");
  }
}

}  // namespace gpiot::pipeline
