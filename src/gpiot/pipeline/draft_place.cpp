#include "gpiot/pipeline/draft_place.h"

#include <fmt/format.h>

#include <algorithm>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"

namespace gpiot::pipeline {

using base::Error;
using base::ErrorCode;
using base::Json;

namespace {

constexpr std::string_view kWhere = "pipeline.init";

}  // namespace

const Json& child(const Json& object, const char* key) {
  static const Json kNone;
  if (!object.is_object()) return kNone;
  const auto found = object.find(key);
  return found == object.end() ? kNone : *found;
}

std::string one_line_of(const std::string& text) {
  auto line = base::printable(text);
  for (const auto* space : {"\n", "\r", "\t"}) line = base::replace_all(line, space, " ");
  return line;
}

std::string text(const Json& object, const char* key) {
  const auto& value = child(object, key);
  return value.is_string() ? one_line_of(value.get<std::string>()).substr(0, 200) : "";
}

std::vector<Place> places(const Json& list) {
  std::vector<Place> found;
  for (const auto& one : list.is_array() ? list : Json::array()) {
    Place place{text(one, "place"), text(one, "name"), text(one, "why"), child(one, "sure") == true};
    const auto& values = child(one, "values");
    if (values.is_array()) {
      place.values = values.size();
      place.numbers = std::ranges::all_of(values, [](const Json& v) { return v.is_number(); });
    }
    place.names_key = text(child(one, "names"), "key");
    const auto& names = child(child(one, "names"), "values");
    for (const auto& name : names.is_array() ? names : Json::array()) {
      if (name.is_string()) place.names.push_back(one_line_of(name.get<std::string>()));
    }
    found.push_back(std::move(place));
  }
  return found;
}

std::optional<Place> chosen(const std::vector<Place>& all, const std::string& wish, std::string_view what,
                            const Json& group) {
  if (wish == "none") return std::nullopt;
  if (wish.empty()) return all.empty() ? std::nullopt : std::optional(all.front());
  for (const auto& place : all) {
    if (place.name == wish || place.place == wish) return place;
  }
  std::vector<std::string> names;
  for (const auto& field : child(group, "fields")) {
    names.push_back(text(field, "name"));
    if (names.back() != wish) continue;
    const bool table = text(group, "format") == "csv" || text(group, "format") == "arff";
    return Place{table ? "column" : "key", wish, "you named it", true};
  }
  throw Error(ErrorCode::InvalidArgument, kWhere,
              fmt::format("no such {}: got \"{}\", expected one of {}, or none", what, base::printable(wish),
                          base::join(names, ", ").substr(0, 600)));
}

}  // namespace gpiot::pipeline
