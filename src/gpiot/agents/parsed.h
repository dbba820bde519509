#pragma once

#include <optional>
#include <string>
#include <utility>

namespace gpiot::agents {

/// Outcome of reading text that a model or a user wrote: a value, or what is wrong and where.
template <class T>
struct [[nodiscard]] Parsed {
  std::optional<T> value;
  std::string problem;  ///< empty where there is a value
  int line = 0;         ///< 1-based line of the problem, 0 where it concerns the whole text
  [[nodiscard]] bool ok() const { return value.has_value(); }

  static Parsed good(T value_) { return {std::move(value_), {}, 0}; }
  static Parsed bad(std::string problem_, int line_ = 0) { return {std::nullopt, std::move(problem_), line_}; }
};

}  // namespace gpiot::agents
