"""Tells functions that never find anything from those whose limits only do not fit the synthetic input."""
import numpy as np

SCALES = (1 / 30, 1e-3, 1e-5, 30.0)  # of all limits together, where they find nothing as they are


def is_dead(value, variable):
    """True for a mask that is the same everywhere, and for no positions at all."""
    if variable["type"] not in ("numpy.ndarray", "ndarray"):
        return False
    value = np.asarray(value)
    if value.dtype.kind == "b" or variable.get("dtype", "").startswith("bool"):
        return value.size > 1 and bool((value == value.flat[0]).all())
    return variable.get("dtype", "").startswith("int") and variable.get("unit", "").startswith("sample") and value.size == 0


def scaled(code, constants, factor):
    """`code` with its limits times `factor`; whole numbers stay whole, and as they are where they have no name."""
    lines = [line.encode() for line in code.split("\n")]
    for c in sorted(constants, key=lambda c: (c["line"], c["column"]), reverse=True):
        unnamed = c["label"].startswith("line ")
        if c["integer"] and (unnamed or not 1 <= abs(c["value"] * factor) < 1e9):
            continue
        value = round(c["value"] * factor) if c["integer"] else c["value"] * factor
        line = lines[c["line"] - 1]
        lines[c["line"] - 1] = line[:c["column"]] + repr(value).encode() + line[c["end_column"]:]
    return b"\n".join(lines).decode()


def finds_nothing(values, variables, code, constants, run):
    """The variable that is dead whatever the limits are; None where there is none. `run(code)` gives the values of
    another version."""
    dead = [v for value, v in zip(values, variables) if is_dead(value, v)]
    for factor in SCALES if dead else ():
        try:
            others = run(scaled(code, constants, factor))
        except Exception:  # a limit out of its range says nothing
            continue
        alive = {v["name"] for value, v in zip(others, variables) if not is_dead(value, v)}
        dead = [v for v in dead if v["name"] not in alive]
    return dead[0] if dead else None
