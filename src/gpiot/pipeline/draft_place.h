#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gpiot/base/json.h"

namespace gpiot::pipeline {

/// The member of an object, null where there is none or `object` is no object.
[[nodiscard]] const base::Json& child(const base::Json& object, const char* key);

/// Untrusted text as it may stand in a comment of TOML: printable, on one line.
[[nodiscard]] std::string one_line_of(const std::string& text);

/// A text member, made one line of at most 200 bytes; empty where there is none.
[[nodiscard]] std::string text(const base::Json& object, const char* key);

/// What is said of a guess, and its reason.
using Guess = std::function<void(const std::string& what, const std::string& why)>;

/// One candidate of `labels` or `subjects` in look.json.
struct Place {
  std::string place;  ///< key, column, ts, folder, name, atr, file, json
  std::string name;
  std::string why;
  bool sure = false;
  std::size_t values = 0;  ///< different ones, 0 where there are many
  bool numbers = false;    ///< whole numbers
  std::string names_key = {};
  std::vector<std::string> names = {};
};

[[nodiscard]] std::vector<Place> places(const base::Json& list);

/// The candidate that the user names, or the likeliest; nothing for "none". `what` is "label" or "subject".
/// Errors: InvalidArgument, listing the fields of the group, for a name that the data does not hold.
[[nodiscard]] std::optional<Place> chosen(const std::vector<Place>& all, const std::string& wish, std::string_view what,
                                          const base::Json& group);

/// Labels that stand in rows cannot be events. Errors: Unsupported, always.
[[noreturn]] void refuse_for_events(const Place& label);

/// What was seen of a field; null where the group has none of that name.
[[nodiscard]] const base::Json& field_of(const base::Json& group, const std::string& name);

/// Whether each class of this field stands in one stretch of its file.
[[nodiscard]] bool is_sorted_by(const base::Json& group, const std::string& name);

/// Where a group of files says plainly that its items have a position.
struct PositionPlace {
  std::string key = {};                   ///< an array with two or three coordinates for each item, or
  std::vector<std::string> columns = {};  ///< two or three columns or arrays with one each
  std::size_t axes = 0;
};

/// "position" (n, 2), or pos_x and pos_y (and pos_z); x and y alone only where `words` ask for a place, since axes of
/// an accelerometer have the same names.
[[nodiscard]] std::optional<PositionPlace> position_in(const base::Json& group, const std::string& words);

/// Columns of a group of label files beside the records: first and last sample of intervals, or a sample alone.
struct EventColumns {
  std::string kind;  ///< evaluator: "anomaly", "change_points", "events"
  std::string column;
  std::string end_column = {};
};
[[nodiscard]] std::optional<EventColumns> event_columns_in(const base::Json& group);

/// The group to work on: that of the pattern `files`, else the largest, or, where that one has no labels and another
/// one has, that one. Errors: Data where there is none, or its files have no pattern in common; InvalidArgument where
/// no group has the pattern, naming those that there are; `data` is the folder, for the message.
[[nodiscard]] const base::Json& main_group(const base::Json& groups, const std::filesystem::path& data,
                                           const std::string& files = {});

/// The pattern of a group's files; where they have none of their own, the one that label files beside them share.
[[nodiscard]] std::string pattern_of(const base::Json& group);

/// Errors: Data, always.
[[noreturn]] void refuse_without_pattern(const base::Json& group);

/// Names the groups that are neither `used` nor `beside` it (may be null); empty where there are none.
[[nodiscard]] std::string unused_note(const base::Json& groups, const base::Json& used, const base::Json* beside);

/// The group of CSV files that are as many as the records of `group`, with such columns; null where there is none.
[[nodiscard]] const base::Json* event_group(const base::Json& groups, const base::Json& group);

/// The array of numbers with the most axes that is no label, what an item is cut from; null where there is none.
[[nodiscard]] const base::Json* item_field(const base::Json& group,
                                           const std::function<bool(const std::string&)>& is_label);

/// What a device sent: the first field of hexadecimal texts that is no label, or, where nothing else is a number, of
/// lines of text with digits. Empty where there is none.
[[nodiscard]] std::string frame_field(const base::Json& group, const std::function<bool(const std::string&)>& is_label);

/// Columns of a table that may be inputs, and those of numbers that may not, each with the reason: the name of a second
/// label would give the answer away, a number that counts the rows says nothing. Times are left out silently.
struct InputColumns {
  std::vector<std::string> used;
  std::vector<std::pair<std::string, std::string>> left_out;
};
[[nodiscard]] InputColumns input_columns(const base::Json& group,
                                         const std::function<bool(const std::string&)>& is_label);

/// How alike neighbouring rows are: the median over `columns` of the correlation of a value with the next; 0 where it
/// is not known.
[[nodiscard]] double likeness_of_rows(const base::Json& group, const std::vector<std::string>& columns);

/// The kind of result that the words ask for: "class", "value", "events"; empty where they do not say.
[[nodiscard]] std::string kind_in_words(const std::string& statement);

/// The field of a pattern that names the subject: "{label}_{subject}_{take}" -> "subject".
[[nodiscard]] std::string subject_field(const std::string& pattern);

/// The pattern of the labels with the field of the subject named in it, too.
[[nodiscard]] std::string joined_pattern(const std::string& labels, const std::string& subjects);

}  // namespace gpiot::pipeline
