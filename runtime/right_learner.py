"""Models for labels and models for numbers: which kind a learner needs is settled by what it learns from."""
import re

_FAMILIES = ("RandomForest", "ExtraTrees", "GradientBoosting", "HistGradientBoosting", "KNeighbors", "DecisionTree", "MLP",
             "AdaBoost", "Bagging")
_PAIRS = [(f"{family}Classifier", f"{family}Regressor") for family in _FAMILIES] + [("LinearSVC", "LinearSVR"), ("SVC", "SVR")]
# Arguments that models for numbers lack: SVR all of them, the others the weights of classes.
_OF_SVC = re.compile(r",?\s*\b(?:random_state|class_weight|probability)=[\w\"']+")
_WEIGHTS = re.compile(r",?\s*\bclass_weight=[\w\"']+")


def _without(code, model, arguments):
    """`code` with calls of `model` that hold none of `arguments`; calls with brackets inside stay."""
    return re.sub(rf"\b{model}\(([^()]*)\)", lambda call: f"{model}({arguments.sub('', call[1]).lstrip(', ')})", code)


def right_learner(code, inputs):
    """`code` of a learner with models that fit its labels: text is never learned by a regressor, nor are numbers by a
    classifier. The same text where there is nothing to do."""
    labels = next((v for v in inputs if v["name"] == "train_labels"), None)
    if labels is None:
        return code
    text = labels.get("dtype") == "str"
    for pair in _PAIRS:
        right, wrong = pair if text else pair[::-1]
        changed = re.sub(rf"\b{wrong}\b", right, code)
        if changed != code and not text:
            changed = _without(changed, right, _OF_SVC if right == "SVR" else _WEIGHTS)
        code = changed
    return code
