#include "gpiot/pipeline/constant_values.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "gpiot/base/strings.h"

namespace gpiot::pipeline {
namespace {

std::string literal(double value, bool integer) {
  std::array<char, 40> text{};
  if (integer) {
    std::snprintf(text.data(), text.size(), "%lld", std::llround(value));
    return text.data();
  }
  std::snprintf(text.data(), text.size(), "%.4g", value);
  std::string shown(text.data());
  if (shown.find_first_of(".en") == std::string::npos) shown += ".0";
  return shown;
}

}  // namespace

double scaled(const Constant& constant, double value, double factor) {
  const double moved = value * factor;
  if (!constant.integer) return std::strtod(literal(moved, false).c_str(), nullptr);
  const double rounded = std::round(moved);
  // An integer that a factor does not move goes one step.
  const double stepped = rounded != value ? rounded : value + (factor > 1 ? 1 : -1);
  return constant.value >= 1 ? std::max(1.0, stepped) : stepped;
}

std::string with_constants(const std::string& code, const std::vector<Constant>& constants,
                           const std::vector<double>& values) {
  auto lines = base::split(code, '\n');
  for (std::size_t i = constants.size(); i-- > 0;) {
    const auto& constant = constants[i];
    if (constant.value == values[i] || constant.line < 1 || constant.line > static_cast<int>(lines.size())) continue;
    auto& line = lines[static_cast<std::size_t>(constant.line - 1)];
    if (constant.column < 0 || constant.end_column < constant.column ||
        constant.end_column > static_cast<int>(line.size())) {
      continue;
    }
    line.replace(static_cast<std::size_t>(constant.column),
                 static_cast<std::size_t>(constant.end_column - constant.column), literal(values[i], constant.integer));
  }
  return base::join(lines, "\n");
}

}  // namespace gpiot::pipeline
