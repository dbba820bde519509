"""Sampling rates: what a column of times says, and how sure it is."""
import datetime
import re

import numpy as np

_NAME = re.compile(r"(time|date|datum|tijd|zeit|timer|clock|(^|_)t$|(^|_)ts$)", re.I)
_RATE = re.compile(r"(fs|sfreq|rate|rate_?hz|sampling_?(rate|frequency|freq)|sample_?rate|srate|freq_?hz)$",
                   re.I)
_FORMATS = ("%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%d-%m-%Y %H:%M:%S.%f",
            "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M",
            "%m-%d-%Y %H:%M:%S", "%m-%d-%Y %H:%M", "%d-%m-%Y", "%m-%d-%Y", "%H:%M:%S.%f", "%H:%M:%S", "%H:%M")
_SECONDS = {"s": 1.0, "sec": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9, "min": 60.0, "h": 3600.0}
MAX_ROWS = 200_000  # of a column of times


def is_time_name(name):
    return bool(_NAME.search(name)) and "runtime" not in name.lower()


def is_rate_name(name):
    return bool(_RATE.fullmatch(name))


def parse_times(texts):
    """(seconds, finest digit in seconds), or None where the texts are no times; one format for all."""
    texts = [t.strip() for t in texts[:MAX_ROWS]]
    decimals = max((len(t.rpartition(".")[2]) for t in texts if re.search(r":\d+\.\d+$", t)), default=0)
    times = _iso_times(texts) or _formatted(texts, decimals)
    if not times:
        return None
    colons = texts[0].count(":")
    unit = 10.0 ** -decimals if decimals else {0: 86400.0, 1: 60.0}.get(colons, 1.0)
    try:
        return np.array([(t - times[0]).total_seconds() for t in times]), unit
    except TypeError:  # some with a time zone, some without
        return None


def _iso_times(texts):
    try:
        return [datetime.datetime.fromisoformat(t) for t in texts]
    except ValueError:
        return None


def _formatted(texts, decimals):
    texts = [re.sub(r"^(\d{1,4})[/.](\d{1,2})[/.](\d{1,4})", r"\1-\2-\3", t) for t in texts]
    if decimals:
        texts = [t if re.search(r"\.\d+$", t) else t + ".0" for t in texts]
    for form in _FORMATS:
        try:
            return [datetime.datetime.strptime(t, form) for t in texts]
        except ValueError:
            continue
    return None


def rate_of_steps(seconds, unit):
    """{"value", "sure", "why"} of times in seconds read at `unit` resolution; None where they give no rate."""
    if len(seconds) < 5:
        return None
    steps = np.diff(seconds)
    if (steps < 0).any() or seconds[-1] <= seconds[0]:
        return None
    mean = float((seconds[-1] - seconds[0]) / len(steps))
    step = float(np.median(steps))
    even = np.abs(steps - mean) <= max(0.01 * mean, unit * 1.001 if mean >= 10 * unit else 0)
    if even.all() and len(seconds) < MAX_ROWS:
        return {"value": 1 / mean, "sure": True, "why": f"the times rise by {mean:.6g} s throughout"}
    share = float(np.mean(np.abs(steps - step) <= max(0.01 * step, 1e-9)))
    if step > 0 and share >= 0.5:
        why = f"{share:.1%} of the times rise by {step:.6g} s, the others do not"
        return {"value": 1 / step, "sure": False, "why": why}
    return {"value": 1 / mean, "sure": False, "why": f"the mean step is {mean:.6g} s; the steps are uneven"}


def rate_of_numbers(name, values, unit):
    """The rate a column of rising numbers would give; sure only where its unit is stated."""
    values = np.asarray(values[:MAX_ROWS], dtype=float)
    if values.ndim != 1 or len(values) < 5 or not np.isfinite(values).all():
        return None
    steps = np.diff(values)
    mean = float(steps.mean())
    if mean <= 0 or not np.allclose(steps, mean, rtol=0.01, atol=0) or (mean == round(mean) and not unit):
        return None  # uneven, or a counter of rows
    scale = _SECONDS.get((unit or "").lower())
    if scale:
        why = f"column {name!r} rises by {mean:.6g} {unit} throughout"
        return {"value": 1 / (mean * scale), "sure": True, "why": why}
    if mean < 1:
        return {"value": 1 / mean, "sure": False, "why": f"column {name!r} rises by {mean:.6g}: taken for seconds"}
    return {"value": 1000 / mean, "sure": False, "why": f"column {name!r} rises by {mean:.6g}: taken for milliseconds"}


def times_of_columns(content):
    """[(column names, rate or None)]: columns of dates and times; a date beside a time of day counts as one."""
    found, dates, clocks = [], [], []
    for name in content.names():
        values = content.fields[name]
        if isinstance(values, list) and values and isinstance(values[0], str):
            if re.fullmatch(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}", values[0]):
                dates.append(name)
            elif re.fullmatch(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?", values[0]):
                clocks.append(name)
            elif (parsed := parse_times(values)) is not None:
                found.append(([name], rate_of_steps(*parsed)))
        elif not isinstance(values, list) and values.ndim == 1 and (is_time_name(name) or name == "index"):
            rate = rate_of_numbers(name, values, content.units.get(name))
            if rate or name != "index":
                found.append(([name], rate))
    if len(dates) == len(clocks) == 1:
        rows = zip(content.fields[dates[0]], content.fields[clocks[0]])
        parsed = parse_times([f"{d} {c}" for d, c in rows])
        found.append((dates + clocks, parsed and rate_of_steps(*parsed)))
    else:
        for name in dates + clocks:
            parsed = parse_times(content.fields[name])
            found.append(([name], parsed and rate_of_steps(*parsed)))
    return found
