#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "gpiot/core/requirement.h"
#include "gpiot/eval/intervals.h"
#include "gpiot/eval/position_score.h"
#include "gpiot/eval/record_facts.h"

namespace gpiot::eval {

/// Sample indices of the true events by record id, in increasing order, each once; of marks that stand side by side,
/// the first.
using Events = std::map<std::string, std::vector<std::int64_t>>;

/// What is withheld from the program: one of the maps by record id, all empty where there are no labels.
struct Truth {
  Events events = {};
  std::map<std::string, std::string> classes = {};
  std::map<std::string, double> values = {};
  std::vector<std::string> learning_classes = {};  ///< of the items that the program is given to learn from
  std::vector<double> learning_values = {};
  Intervals intervals = {};
  std::map<std::string, Position> positions = {};
  std::vector<Position> learning_positions = {};
  std::map<std::string, double> last_seen = {};  ///< the label known before that of the record; of a history only
  [[nodiscard]] bool empty() const {
    return events.empty() && classes.empty() && values.empty() && intervals.empty() && positions.empty();
  }
};

/// The truth of the records, empty where the requirement names no labels.
/// Errors: NotFound or Data for a record without a label file, for labels that cannot be read, that lie outside the
/// record, or of which none is an event; Unsupported for an unknown format.
[[nodiscard]] Events load_labels(const core::Requirement& requirement, const std::filesystem::path& project_dir,
                                 std::span<const RecordFacts> records);

/// The same where the labels are intervals (core::has_intervals); a record may have none. Those that overlap are
/// joined. Errors: those of load_labels; Data for an end before its start, or columns of unequal length.
[[nodiscard]] Intervals load_intervals(const core::Requirement& requirement, const std::filesystem::path& project_dir,
                                       std::span<const RecordFacts> records);

/// Whichever of the two the requirement says.
[[nodiscard]] Truth load_truth(const core::Requirement& requirement, const std::filesystem::path& project_dir,
                               std::span<const RecordFacts> records);

/// Events, reading the facts of the records first.
[[nodiscard]] Events load_labels(const core::Requirement& requirement, const std::filesystem::path& project_dir,
                                 std::span<const std::string> ids);

}  // namespace gpiot::eval
