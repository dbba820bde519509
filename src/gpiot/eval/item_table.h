#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gpiot/core/requirement.h"
#include "gpiot/eval/data_view.h"
#include "gpiot/eval/labels.h"

namespace gpiot::eval {

/// What a data folder holds, item by item, as runtime/table.py read it in the sandbox: all lists but the last have
/// the length of `ids`, or none where the requirement names no such thing.
struct ItemTable {
  std::vector<std::string> ids;
  std::vector<std::string> files;   ///< below the data folder
  std::vector<std::int64_t> times;  ///< place of the item in its file
  std::vector<std::string> subjects;
  std::vector<std::string> classes;   ///< labels where the result is a class
  std::vector<double> values;         ///< labels where it is a number
  std::vector<Position> positions;    ///< labels where it is a position
  std::vector<std::int64_t> lengths;  ///< of the first input along its first axis
  double rate_hz = 0;                 ///< 0 = not known
  std::vector<std::string> notes;     ///< rows left out, NaN, unequal lengths
};

/// Reads table.json, which is untrusted. Errors: Data for what is not such a table, has no items, or labels of which
/// none can be used; the notes are made printable.
[[nodiscard]] ItemTable parse_item_table(const core::Requirement& requirement, std::string_view text);

/// Parts the items as `[split]` says: whole files or subjects by the ids or patterns given, else by a seeded share;
/// single items by a seeded share; the last share of each file's items in the order of time.
/// Errors: Data when a part has no item, an id fits nothing, or there is only one file or subject to part.
[[nodiscard]] Split split_items(const core::Requirement& requirement, const ItemTable& table);

/// Parts the development items again, by the same rule without its ids: what a program learns from while programs are
/// chosen (`development`), and what it is then measured on (`final_part`). Where one group is left, its last share of
/// items in order is measured; where a class would be measured that is not learned, a seeded share of each class is.
[[nodiscard]] Split split_for_choosing(const core::Requirement& requirement, const ItemTable& table,
                                       const std::vector<std::string>& development);

/// Facts and truth of some of the items, in the order of `ids`.
[[nodiscard]] std::vector<RecordFacts> facts_of_items(const ItemTable& table, const std::vector<std::string>& ids);
[[nodiscard]] Truth truth_of_items(const ItemTable& table, const std::vector<std::string>& ids,
                                   const std::vector<std::string>& learning);

/// The label that is known when each of `ids` is to be answered: that of the item `evaluator.horizon_items` back in
/// time in the same file. Empty unless the items are numbers split by time; items at the start of a file have none.
[[nodiscard]] std::map<std::string, double> last_seen_of_items(const core::Requirement& requirement,
                                                               const ItemTable& table,
                                                               const std::vector<std::string>& ids);

}  // namespace gpiot::eval
