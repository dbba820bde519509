#include "gpiot/core/requirement.h"

#include <algorithm>

namespace gpiot::core {
namespace {

/// "(n_samples, 3)", not "(n_samples,)".
bool has_several_axes(const Variable& variable) {
  const auto comma = variable.shape.find(',');
  return comma != std::string::npos && variable.shape.find_first_not_of(" )", comma + 1) != std::string::npos;
}

}  // namespace

bool is_table(const Requirement& requirement) {
  const auto& data = requirement.data;
  if (data.items != "file" || requirement.result.kind != "events") return true;
  const bool several = std::ranges::any_of(data.sources, [](const auto& s) { return !s.columns.empty(); }) ||
                       std::ranges::any_of(data.inputs, has_several_axes);
  if (several) return true;
  return data.format != "wfdb" && data.format != "csv" && data.format != "npy";
}

}  // namespace gpiot::core
