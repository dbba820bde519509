#include "gpiot/base/json.h"

#include <algorithm>
#include <vector>

#include "gpiot/base/error.h"

namespace gpiot::base {
namespace {

constexpr int kMaxDepth = 64;
/// Objects look their keys up one by one: a million of them in one object would keep the parser busy for hours.
constexpr std::size_t kMaxKeys = 20'000;

int nesting_depth(std::string_view text) {
  int depth = 0;
  int deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return deepest;
}

}  // namespace

Json parse_json(std::string_view text, std::string_view where, std::string_view name) {
  if (const int depth = nesting_depth(text); depth > kMaxDepth) {
    throw Error(ErrorCode::Format, where,
                std::string(name) + " is nested too deeply: got " + std::to_string(depth) +
                    " levels, expected at most " + std::to_string(kMaxDepth));
  }
  std::vector<std::size_t> keys(kMaxDepth + 2);
  const auto count = [&](int level, Json::parse_event_t event, Json&) {
    const auto at = static_cast<std::size_t>(level);
    if (event == Json::parse_event_t::object_start && at + 1 < keys.size()) keys[at + 1] = 0;
    if (event != Json::parse_event_t::key || at >= keys.size() || ++keys[at] <= kMaxKeys) return true;
    throw Error(ErrorCode::Format, where,
                std::string(name) + " has too many keys in one object: expected at most " + std::to_string(kMaxKeys));
  };
  try {
    return Json::parse(text, count);
  } catch (const Json::exception& error) {
    throw Error(ErrorCode::Format, where, std::string(name) + " is not JSON: " + error.what());
  }
}

std::string dump_json(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace gpiot::base
