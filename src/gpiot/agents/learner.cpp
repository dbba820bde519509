#include "gpiot/agents/learner.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

constexpr std::string_view kTrainLabels = "train_labels";

/// A model by the word that names it, and the step that fits it.
struct Model {
  const char* word;
  const char* step;
};
constexpr std::array kClassModels = {
    Model{"forest", "Fit a random forest of 200 trees to the features and labels of the learning items."},
    Model{"logistic", "Fit a logistic regression to the standardised features and labels of the learning items."},
    Model{"support vector",
          "Fit a support vector machine to the standardised features and labels of the learning items."}};
constexpr std::array kValueModels = {
    Model{"forest",
          "Fit a random forest of 300 trees for regression to the features and values of the learning items."},
    Model{"ridge", "Fit a ridge regression to the standardised features and values of the learning items."},
    Model{"neighbo",
          "Fit a regression by the 5 nearest neighbours to the standardised features and values of the "
          "learning items."}};

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

std::vector<std::vector<std::string>> learner_variants(const core::Specification& spec) {
  constexpr std::size_t kMost = 3;
  const auto& planned = spec.subtask.steps;
  std::vector<std::vector<std::string>> variants = {planned};
  const auto fit = std::ranges::find_if(planned, [](const auto& step) {
    const auto lower = base::to_lower(step);
    return base::has_word(lower, "fit ") || base::has_word(lower, "train");
  });
  if (fit == planned.end() || spec.outputs.empty()) return variants;
  for (const auto& model : spec.outputs.front().dtype == "str" ? kClassModels : kValueModels) {
    if (variants.size() == kMost || base::to_lower(*fit).find(model.word) != std::string::npos) continue;
    auto steps = planned;
    steps[static_cast<std::size_t>(fit - planned.begin())] = model.step;
    variants.push_back(std::move(steps));
  }
  return variants;
}

bool gives_features(const core::Specification& spec) {
  return spec.outputs.size() == 1 && spec.outputs.front().name == feature_variable().name;
}

std::vector<std::vector<std::string>> feature_variants(const core::Specification& spec) {
  auto relative = spec.subtask.steps;
  relative.insert(relative.begin(), "Divide each channel by the mean of its first tenth, for all that follows.");
  return {spec.subtask.steps, std::move(relative)};
}

core::Requirement before_learner(const core::Requirement& requirement) {
  core::Requirement plain = requirement;
  plain.result = {.kind = "value", .variable = feature_variable(), .learned = false};
  return plain;
}

}  // namespace gpiot::agents
