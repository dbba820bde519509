"""Synthetic series of machines and buildings: vibration, power, climate. See docs/fixtures.md."""
import re

import numpy as np
from scipy.signal import lfilter

from fixtures_common import blocks, event_samples, place, wander

# quantity: (words, usual level, daily swing, noise, lowest, what a person in the room adds in the end)
QUANTITIES = {
    "temperature_c": (r"temp", 21.0, 2.0, 0.05, None, 1.5),
    "humidity_percent": (r"humidity(?! ratio)|moist", 40.0, 5.0, 0.2, 0.0, 5.0),
    "co2_ppm": (r"co2|carbon dioxide", 430.0, 0.0, 4.0, 350.0, 500.0),
    "pressure_hpa": (r"pressure|barom", 1013.0, 3.0, 0.05, 800.0, 0.0),
    "light_lux": (r"light|lux|illum", 120.0, 110.0, 2.0, 0.0, 300.0),
    "humidity_ratio": (r"humidity ratio", 0.006, 0.0005, 2e-5, 0.0, 0.0008),
    "gas_raw": (r"gas|metal.oxide|voc|ozone|no2|nox", 1000.0, 150.0, 10.0, 0.0, 200.0),
}
USUAL = ("temperature_c", "humidity_percent", "co2_ppm", "pressure_hpa", "light_lux")


def make_vibration(rng, rate_hz, n):
    """(n,) g: a turning shaft, and a fault that knocks and rings. Truth: impacts (samples), shaft_hz, resonance_hz."""
    resonance_hz = min(3000.0, 0.2 * rate_hz)
    shaft_hz = min(rng.uniform(24, 31), 0.02 * rate_hz)
    period_s = max(1 / (3.6 * shaft_hz), 40 / rate_hz)
    impacts = event_samples(rng, period_s, 0.01, rate_hz, n)
    t = np.arange(max(4, int(12 / resonance_hz * rate_hz))) / rate_hz
    ring = np.exp(-t * resonance_hz / 2.5) * np.cos(2 * np.pi * resonance_hz * t)
    turn = 2 * np.pi * shaft_hz * np.arange(n) / rate_hz
    signal = place(ring, 0, impacts, rng.uniform(0.8, 1.2, impacts.size), n)
    signal += 0.1 * np.sin(turn) + 0.04 * np.sin(2 * turn + 1) + 0.03 * rng.standard_normal(n)
    return {"signal": signal, "unit": "g", "rate_hz": rate_hz,
            "truth": {"impacts": impacts, "shaft_hz": float(shaft_hz), "resonance_hz": float(resonance_hz)}}


def make_energy(rng, rate_hz, n):
    """(n,) W, not negative: a base load, and an appliance that starts with an inrush. Truth: starts (samples), on (bool
    per sample), appliance_w."""
    appliance_w = rng.uniform(90, 1500)
    on, starts = blocks(rng, n, int(np.clip(n // 300, 1, 12)), 0.45)
    u = np.arange(8)
    inrush = place(np.exp(-u / 1.5), 0, starts, np.full(starts.size, 0.8 * appliance_w), n)
    base = 80 + 8 * wander(rng, n, rate_hz, 4 * rate_hz / n)
    signal = base + appliance_w * on + inrush * on + 2 * rng.standard_normal(n)
    return {"signal": np.clip(signal, 0, None), "unit": "W", "rate_hz": rate_hz,
            "truth": {"starts": starts, "on": on, "appliance_w": float(appliance_w)}}


def quantities_of(text, count):
    """The quantities that `text` names, in its order, where they are `count`; else the usual ones, again and again."""
    found = sorted((m.start(), name) for name, facts in QUANTITIES.items() for m in re.finditer(facts[0], text.lower()))
    first = list(dict.fromkeys(name for _, name in found))
    if len(first) == count:
        return tuple(first)
    return tuple((first or USUAL)[i % len(first or USUAL)] for i in range(count))


def make_environment(rng, rate_hz, n, quantities=USUAL):
    """(n, quantities): climate of a room where people come and go. A day is 24 h where the rate is at most 0.1 Hz, else
    two thirds of the record. Truth: occupied (bool per sample), arrivals (samples), quantities (names of columns)."""
    day = 86400 * rate_hz if rate_hz <= 0.1 else n / 1.5
    occupied, arrivals = blocks(rng, n, max(1, round(n / day)), 0.35)
    hour = 2 * np.pi * np.arange(n) / max(day, 8)
    lag = np.exp(-1 / max(2.0, day / 60))
    people = lfilter([1 - lag], [1, -lag], occupied.astype(float))
    columns = []
    for name in quantities:
        _, level, swing, noise, lowest, added = QUANTITIES[name]
        there = occupied if name == "light_lux" else people
        x = level + swing * np.sin(hour - 2) + added * there + noise * rng.standard_normal(n)
        columns.append(x if lowest is None else np.clip(x, lowest, None))
    return {"signal": np.stack(columns, axis=1), "unit": "", "rate_hz": rate_hz,
            "truth": {"occupied": occupied, "arrivals": arrivals, "quantities": tuple(quantities)}}
