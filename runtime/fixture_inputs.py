"""Synthetic inputs for the functions of one requirement: signals of its kind where fixtures.py has one, in the declared
shapes and dtypes, else what fixture.py makes of shapes and units alone."""
import re

import numpy as np

from fixture import N_SAMPLES, RATE_HZ, make_dimensions, make_signal, make_value, parse_shape
from fixtures import MODALITIES, choose, in_unit, make, with_columns

ALONG_TIME = ("n_sample", "n_point", "n_packet", "n_time", "length", "n_frame", "n_byte")
MISSING = re.compile(r"\bnans?\b", re.IGNORECASE)
MISSING_SHARE = 0.02
MOST_OF_A_ROW = 8  # a vector of so many numbers is one reading of as many sensors, not a stretch of time
NOT_NEGATIVE = re.compile(r"\b(energy|power|magnitude|envelope|amplitudes?|squared?|absolute|variance|distances?|durations?"
                          r"|counts?|density|norm|rms|probabilit\w+)\b")


def time_axis(text):
    """(axis along time, named) of "(n_samples, 3)"; None where there is none."""
    parts = [p.strip() for p in text.strip().strip("()[]").split(",") if p.strip()]
    for axis, part in enumerate(parts):
        if part == "n" or part.startswith(ALONG_TIME):
            return axis, True
    if not parts:
        return 0, True
    sizes = [int(p) if p.isdigit() else 0 for p in parts]
    if len(parts) == 1:
        return (0, False) if sizes[0] > MOST_OF_A_ROW else None
    if len(parts) == 2 and all(sizes):
        return int(sizes[1] > sizes[0]), False
    return (0, False) if sizes[0] else None


def cast(signal, dtype):
    """The signal in `dtype`; small numbers are scaled up for whole ones, and shifted for those without a sign."""
    kind = np.dtype(dtype).kind
    if kind in "iu" and signal.dtype.kind == "f":
        limits = np.iinfo(dtype)
        peak = np.abs(signal).max(initial=0) + 1e-12
        scaled = signal * (min(1000, limits.max / 2) / peak) if peak < 20 else signal
        scaled = scaled - min(0, scaled.min(initial=0)) if kind == "u" else scaled
        return np.clip(np.round(scaled), limits.min, limits.max).astype(dtype)
    return signal.astype(dtype)


def like(variable, other):
    """A second channel of the same: shape and unit are equal."""
    return all(variable.get(key, "") == other.get(key, "") for key in ("dtype", "shape", "unit"))


class Inputs:
    """The values of one call: all of them are of the same signal, at one rate."""

    def __init__(self, about, rng, n=N_SAMPLES):
        self.rng, self.n = rng, n
        given = [v for v in about.get("inputs", []) if v.get("type") in ("numpy.ndarray", "ndarray", "str", "list")]
        self.modality_of = {v["name"]: choose(v, about, first=i == 0 or like(v, given[0])) for i, v in enumerate(given)}
        self.given = set(self.modality_of)
        self.shapes = {v.get("shape", "").replace(" ", "") for v in given}
        self.modality = next(iter(self.modality_of.values()), None)
        usual = MODALITIES[self.modality].usual_hz if self.modality else RATE_HZ
        self.rate_hz = float(about.get("rate_hz") or usual)
        self.gaps = bool(MISSING.search(about.get("statement", "")))
        self.made = {}

    def signal(self, modality, n, columns, variable=None):
        """One signal for each modality and length: its truth fits it in all inputs."""
        variable = variable or {}
        if modality is None:
            channels = np.stack([make_signal(self.rng, n, self.rate_hz) for _ in range(columns)], axis=-1)
            return {"signal": channels[:, 0] if columns == 1 else channels, "truth": {}}
        key = (modality, n, columns if modality == "environment" else 0)
        if key not in self.made:
            wide = columns if modality == "environment" else None
            self.made[key] = make(modality, self.rng, self.rate_hz, n, wide, variable.get("description", ""))
        made = self.made[key]
        return {**made, "signal": with_columns(in_unit(made, variable.get("unit", "")), columns, self.rng)}

    def value(self, variable):
        name, kind = variable["name"], variable["type"]
        modality = self.modality_of.get(name, self.modality)
        value = None
        if kind in ("numpy.ndarray", "ndarray"):
            value = self.array(variable, modality, name in self.given)
            if self.gaps and name in self.given:
                value = make_value(variable, self.rng, self.rate_hz, self.n) if value is None else value
                value = self.with_gaps(value)
        elif modality == "frames" and kind == "str" and name in self.given:
            value = self.signal("frames", 400, 1)["truth"]["sound"]
            value = bytes(value[0]).hex() if value else None
        return make_value(variable, self.rng, self.rate_hz, self.n) if value is None else value

    def array(self, variable, modality, given):
        """The value of an array, or None where the generic one serves."""
        text = variable.get("shape", "")
        shape = parse_shape(text, make_dimensions(self.n), self.n)
        dtype = variable.get("dtype") or "float64"
        if modality is None and (not given or np.dtype(dtype).kind not in "fc"):
            return None
        if not given and np.dtype(dtype).kind in "iu" and variable.get("unit", "").startswith(("sample", "index")):
            return self.events(modality, text, shape, dtype)
        along = time_axis(text)
        if along is None:
            return self.reading(variable, modality, shape, dtype) if given and modality and len(shape) == 1 else None
        axis, named = along
        if not given and not named and text.replace(" ", "") not in self.shapes:
            return None
        columns = int(np.prod(shape)) // shape[axis]
        made = self.signal(modality, shape[axis], columns, variable)
        if np.dtype(dtype).kind == "b":
            mask = next((v for v in made["truth"].values() if getattr(v, "dtype", None) == bool), None)
            return mask.copy() if mask is not None and mask.shape == shape else None
        signal = made["signal"] if given else self.derived(made["signal"], variable)
        others = [size for i, size in enumerate(shape) if i != axis]
        return cast(np.ascontiguousarray(np.moveaxis(signal.reshape(shape[axis], *others), 0, axis)), dtype)

    def with_gaps(self, value):
        """`value` with NaN here and there, as the requirement says; a single reading stays whole."""
        if value.dtype.kind != "f" or len(value) <= MOST_OF_A_ROW:
            return value
        value[self.rng.random(len(value)) < MISSING_SHARE] = np.nan
        return value

    def derived(self, signal, variable):
        """What a sub-task may have made of the signal: mean 0 and deviation 1, or not negative."""
        signal = signal.astype(float)
        standard = (signal - signal.mean(axis=0)) / (signal.std(axis=0) + 1e-12)
        words = (variable["name"] + " " + variable.get("description", "")).lower().replace("_", " ")
        return np.abs(standard) if NOT_NEGATIVE.search(words) else standard

    def events(self, modality, text, shape, dtype):
        """The true events, where an array of positions is asked for; None where its size is fixed or there are few."""
        events = self.signal(modality, self.n, 1)["truth"].get(MODALITIES[modality].events)
        free = len(shape) == 1 and not text.strip("(), ").isdigit()
        return events.astype(dtype) if free and events is not None and events.size >= 3 else None

    def reading(self, variable, modality, shape, dtype):
        """One reading of several sensors."""
        series = self.signal(modality, 64, shape[0], variable)["signal"].reshape(64, -1)
        return cast(series[int(self.rng.integers(64))], dtype)


def make_inputs(variables, about, rng, n=N_SAMPLES):
    """Values for `variables`, in their order. `about`: {"title", "statement", "rate_hz", "inputs": the requirement's}."""
    inputs = Inputs(about, rng, n)
    return [inputs.value(variable) for variable in variables]
