#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "gpiot/core/requirement.h"
#include "gpiot/eval/record_facts.h"

namespace gpiot::eval {

/// Sample indices of the true events by record id, in increasing order, each once.
using Events = std::map<std::string, std::vector<std::int64_t>>;

/// What is withheld from the program: one of the three maps by record id, all empty where there are no labels.
struct Truth {
  Events events = {};
  std::map<std::string, std::string> classes = {};
  std::map<std::string, double> values = {};
  std::vector<std::string> learning_classes = {};  ///< of the items that the program is given to learn from
  std::vector<double> learning_values = {};
  [[nodiscard]] bool empty() const { return events.empty() && classes.empty() && values.empty(); }
};

/// The truth of the records, empty where the requirement names no labels.
/// Errors: NotFound or Data for a record without a label file, for labels that cannot be read, that lie outside the
/// record, or of which none is an event; Unsupported for an unknown format.
[[nodiscard]] Events load_labels(const core::Requirement& requirement, const std::filesystem::path& project_dir,
                                 std::span<const RecordFacts> records);

/// The same, reading the facts of the records first.
[[nodiscard]] Events load_labels(const core::Requirement& requirement, const std::filesystem::path& project_dir,
                                 std::span<const std::string> ids);

}  // namespace gpiot::eval
