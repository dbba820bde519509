#include "gpiot/agents/learner.h"

#include <fmt/format.h>

#include <algorithm>

namespace gpiot::agents {
namespace {

constexpr std::string_view kTrainLabels = "train_labels";

}  // namespace

core::Variable feature_variable() {
  return {"features", "numpy.ndarray", "float64", "(n_features,)", "", "features of one item"};
}

core::Specification learner_spec(const core::Requirement& requirement, core::Specification spec) {
  const auto& wanted = requirement.result.variable;
  const auto axes = core::position_axes(requirement.result);
  const std::string coordinates = axes > 0 ? fmt::format(" {}", axes) : "";
  const std::string dtype = requirement.result.kind == "class" ? "str" : "float64";
  spec.inputs = {
      {"train_features", "numpy.ndarray", "float64", "(n_train, n_features)", "", "features of the learning items"},
      {std::string(kTrainLabels), "numpy.ndarray", dtype, "(n_train," + coordinates + ")", wanted.unit,
       wanted.name + " of the learning items"},
      {"features", "numpy.ndarray", "float64", "(n_items, n_features)", "", "features of the items to answer"}};
  spec.outputs = {{wanted.name, "numpy.ndarray", dtype, "(n_items," + coordinates + ")", wanted.unit,
                   wanted.name + " of each item"}};
  return spec;
}

bool is_learner(const core::Specification& spec) {
  return std::ranges::any_of(spec.inputs, [](const auto& input) { return input.name == kTrainLabels; });
}

bool gives_features(const core::Specification& spec) {
  return spec.outputs.size() == 1 && spec.outputs.front().name == feature_variable().name;
}

core::Requirement before_learner(const core::Requirement& requirement) {
  core::Requirement plain = requirement;
  plain.result = {.kind = "value", .variable = feature_variable(), .learned = false};
  return plain;
}

}  // namespace gpiot::agents
