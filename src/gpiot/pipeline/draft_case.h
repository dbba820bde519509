#pragma once

#include <string>

#include "gpiot/base/json.h"
#include "gpiot/pipeline/draft.h"
#include "gpiot/project/requirement_file.h"

namespace gpiot::pipeline {

using base::Json;

inline Json field(const char* name, const char* dtype, const Json& shape) {
  return {{"name", name}, {"dtype", dtype}, {"shape", shape}, {"unit", nullptr}};
}

inline Json look(Json group) {
  group["files"] = group.value("files", 1);
  for (const auto* list : {"labels", "subjects", "times", "facts"}) {
    if (!group.contains(list)) group[list] = Json::array();
  }
  return {{"groups", {group}}};
}

inline Json windows() {
  return look(
      {{"format", "npz"},
       {"glob", "all.npz"},
       {"fields", {field("X", "float32", {200, 128, 6}), field("y", "int64", {200}), field("who", "int64", {200})}},
       {"rate_hz", {{"value", 50}, {"sure", true}, {"why", "a header"}}},
       {"labels",
        {{{"place", "key"},
          {"name", "y"},
          {"values", {0, 1}},
          {"sure", false},
          {"why", "its name"},
          {"names", {{"key", "labels"}}}}}},
       {"subjects", {{{"place", "key"}, {"name", "who"}, {"values", {1, 2, 3}}, {"sure", false}}}},
       {"facts", {"1 files of format npz"}}});
}

inline DraftWishes wishes(const std::string& words) { return {.statement = words, .data = "/data"}; }

/// What is drafted can be read again, and is not refused.
inline core::Requirement read_back(const Draft& draft) { return project::parse_requirement(to_markdown(draft)); }

}  // namespace gpiot::pipeline
