"""Calls the learner of a learned program: the sub-task that is given the features and labels of many items, and answers
for others. Shipped with every generated application that learns."""
import numpy as np


def is_learner(inputs):
    return any(variable["name"] == "train_labels" for variable in inputs)


def features_of(value, readings=()):
    """The features of one item as a vector of floats, after its readings. Raises ValueError where they are none."""
    vector = np.asarray(value, dtype=float)
    if vector.size == 0 or vector.size != max(vector.shape, default=1):
        raise ValueError(f"features: got shape {vector.shape}, expected one vector")
    return np.concatenate([*readings, vector.ravel()])


def readings_of(facts, values):
    """The inputs of an item as vectors, where it is one set of readings or so short that it can be taken for one: a learner
    is given them beside the features."""
    if not facts.get("readings"):
        return []
    kinds = {variable["name"]: variable["type"] for variable in facts["inputs"]}
    return [np.ravel(np.asarray(value, dtype=float)) for name, value in values.items()
            if kinds[name] in ("numpy.ndarray", "float", "int", "bool")]


def finite(features, typical):
    """Features with `typical` values (of the learning items) in the place of those that are not finite."""
    return np.where(np.isfinite(features), features, typical)


def as_answers(value, count, texts, axes=0):
    """One plain answer for each item: a text, a number, or a tuple of `axes` numbers. Raises ValueError where they are
    not that."""
    array = np.asarray(value)
    if axes:
        return _as_positions(array, count, axes)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.shape != (count,):
        raise ValueError(f"got answers of shape {array.shape}, expected ({count},): one for each row of features")
    if texts:
        return [str(one) for one in array]
    numbers = array.astype(float)
    if not np.isfinite(numbers).all():
        raise ValueError("got answers that are NaN or infinite")
    return [float(one) for one in numbers]


def _as_positions(array, count, axes):
    if array.shape != (count, axes):
        raise ValueError(f"got answers of shape {array.shape}, expected ({count}, {axes}): one position for each row")
    numbers = array.astype(float)
    if not np.isfinite(numbers).all():
        raise ValueError("got answers that are NaN or infinite")
    return [tuple(map(float, row)) for row in numbers]


def call_learner(function, train_features, train_labels, features):
    """The answers of `function` for the rows of `features`, as a list."""
    good = np.where(np.isfinite(train_features), train_features, np.nan)
    typical = np.nan_to_num(np.nanmedian(np.vstack([good, np.zeros(good.shape[1])]), axis=0))
    texts = train_labels.dtype.kind in "US"
    axes = train_labels.shape[1] if train_labels.ndim == 2 else 0
    value = function(finite(train_features, typical), train_labels.copy(), finite(features, typical))
    return as_answers(value, len(features), texts, axes)
