"""Seeded synthetic inputs built from a specification alone: shapes, types, units and rates, no knowledge of the task."""
import numpy as np

RATE_HZ = 100.0  # where the requirement states none
N_SAMPLES = 3000  # of every fixture, whatever its rate


def make_signal(rng, n, rate_hz):
    """A test signal with what sensor signals have: slow drift, a rhythm with sharp pulses, a tone and noise."""
    t = np.arange(n) / rate_hz
    pulses = np.exp(-0.5 * (((t * rng.uniform(0.8, 1.4)) % 1.0 - 0.5) / 0.02) ** 2)
    tone = np.sin(2 * np.pi * rng.uniform(0.2, 0.4) * t) + 0.2 * np.sin(2 * np.pi * 0.12 * rate_hz * t)
    return pulses + 0.15 * tone + 0.05 * rng.standard_normal(n)


def make_dimensions(n=N_SAMPLES):
    """Sizes of named dimensions; a name that is not here gets a small size of its own by its length."""
    return {"n_samples": n, "n": n, "n_windows": 24, "n_channels": 3, "n_features": 6, "n_events": 20, "n_axes": 3}


def _size(expression, dims, n):
    text = expression.strip()
    if text.isdigit():
        return max(1, int(text))
    if text in dims:
        return dims[text]
    if text.startswith(("n_sample", "n_point", "n_packet", "n_time", "length", "n_frame", "n_byte")):
        return n
    return dims.setdefault(text, 8 + len(text) % 7)


def parse_shape(shape, dims, n):
    """"(n_samples, 3)" -> (3000, 3); an empty shape is one-dimensional."""
    inner = shape.strip().strip("()[]")
    parts = [part for part in inner.split(",") if part.strip()]
    return tuple(_size(part, dims, n) for part in parts) or (n,)


LEARNING_ITEMS = 60
ANSWERED_ITEMS = 25


def axes_of(variable):
    """Coordinates of labels that are positions: 2 for the shape "(n_train, 2)"; else 0."""
    sizes = [part.strip() for part in variable.get("shape", "").strip("()").split(",") if part.strip()]
    return int(sizes[1]) if len(sizes) == 2 and sizes[1].isdigit() else 0


def make_learner_values(variables, rng):
    """Inputs of a learner, in their order: two separable groups of items and their labels."""
    n, d = LEARNING_ITEMS, 6
    group = np.arange(n) % 2
    numbers = group + 0.1 * rng.standard_normal(n)
    texts = np.array(["first", "second"])[group]
    values = {"train_features": rng.standard_normal((n, d)) + 3 * group[:, None],
              "features": rng.standard_normal((ANSWERED_ITEMS, d)) + 3 * (np.arange(ANSWERED_ITEMS) % 2)[:, None]}

    def labels(variable):
        axes = axes_of(variable)
        return np.stack([numbers] * axes, axis=1) if axes else texts if variable.get("dtype") == "str" else numbers

    return [values[v["name"]] if v["name"] in values else labels(v) for v in variables]


def make_value(variable, rng, rate_hz=RATE_HZ, n=N_SAMPLES):
    """A value that fits `variable` (name, type, dtype, shape, unit)."""
    kind = variable["type"]
    unit = variable.get("unit", "").lower()
    if kind in ("numpy.ndarray", "ndarray"):
        return _array(variable, rng, rate_hz, n)
    if kind == "float":
        return rate_hz if unit == "hz" else float(rng.uniform(0.3, 1.5))
    if kind == "int":
        return int(rate_hz) if unit == "hz" else int(rng.integers(2, 20))
    if kind == "bool":
        return True
    if kind == "str":
        return "sample"
    if kind == "list":
        return sorted(int(v) for v in rng.choice(n, 20, replace=False))
    if kind == "tuple":
        return (0.5, 2.0)
    if kind == "dict":
        return {"value": 1.0}
    return None


def _mask(rng, shape):
    """Along the first axis stretches with a gap in them, and specks between, as a threshold gives them."""
    n = shape[0]
    at = (np.arange(n) / max(n, 1) * 5 + rng.uniform(0, 0.3)) % 1.0  # five stretches
    mask = (at > 0.35) & (at < 0.75) & ~((at > 0.5) & (at < 0.505)) | (rng.random(n) < 0.002)
    return np.broadcast_to(mask.reshape(n, *[1] * (len(shape) - 1)), shape).copy()


def _array(variable, rng, rate_hz, n):
    dims = make_dimensions(n)
    shape = parse_shape(variable.get("shape", ""), dims, n)
    dtype = variable.get("dtype") or "float64"
    if dtype.startswith("bool"):
        return _mask(rng, shape)
    if dtype.startswith(("int", "uint")):
        if variable.get("unit", "").startswith(("sample", "index")) and len(shape) == 1:
            return np.sort(rng.choice(n, min(shape[0], n // 4), replace=False)).astype(dtype)
        return rng.integers(0, 100, shape).astype(dtype)
    if shape[0] == n:
        columns = int(np.prod(shape[1:])) if len(shape) > 1 else 1
        data = np.stack([make_signal(rng, n, rate_hz) for _ in range(columns)], axis=-1)
        return data.reshape(shape).astype(dtype)
    return np.abs(rng.standard_normal(shape)).astype(dtype)
