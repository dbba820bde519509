#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace gpiot::base {

/// JSON with keys in insertion order, so that files written twice from the same facts are byte-equal.
using Json = nlohmann::ordered_json;

/// Parses `text`; `where` and `name` go into the message. Refuses nesting deeper than 64 before parsing,
/// since the parser recurses, and objects of more than 20,000 keys. Errors: Format.
[[nodiscard]] Json parse_json(std::string_view text, std::string_view where, std::string_view name);

/// `value` as text; bytes that are not UTF-8 are replaced, never thrown on (model output may hold any bytes).
[[nodiscard]] std::string dump_json(const Json& value, int indent = -1);

}  // namespace gpiot::base
