#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpiot/base/json.h"

namespace gpiot::pipeline {

/// The member of an object, null where there is none or `object` is no object.
[[nodiscard]] const base::Json& child(const base::Json& object, const char* key);

/// Untrusted text as it may stand in a comment of TOML: printable, on one line.
[[nodiscard]] std::string one_line_of(const std::string& text);

/// A text member, made one line of at most 200 bytes; empty where there is none.
[[nodiscard]] std::string text(const base::Json& object, const char* key);

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

}  // namespace gpiot::pipeline
