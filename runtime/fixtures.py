"""Chooses and fits the synthetic signals with known truth: one registry, one table. See docs/fixtures.md.

A generator is a function (rng, rate_hz, n) -> {"signal": array (n,) or (n, channels), "truth": {...}, "unit": text,
"rate_hz": number}. None knows an application; which one serves is read from the requirement's own words and units.
"""
import re
from dataclasses import dataclass
from typing import Callable

import numpy as np

from fixtures_body import make_ecg, make_ppg, make_respiration
from fixtures_frames import make_frames
from fixtures_motion import make_gait, make_imu
from fixtures_places import make_energy, make_environment, make_vibration, quantities_of
from fixtures_waves import make_audio, make_csi, make_echoes, make_radar, make_rssi


@dataclass(frozen=True)
class Modality:
    """One row of the table: `words` and `units` that speak for it (regular expressions), rates that it can have (a
    stated rate outside rules it out), the rate where none is stated, the events of its truth, and those of the words
    that only say what is looked for (`sought`): another sensor can show a heartbeat, too."""
    make: Callable
    words: str
    units: str
    rates_hz: tuple
    usual_hz: float
    events: str
    sought: str = ""


MODALITIES = {
    "frames": Modality(make_frames, r"bytes?|checksums?|crc|protocol|telegrams?|modbus|uart|serial line", r"bytes?",
                       (0, 1e9), 1000, "frame_starts"),
    "csi": Modality(make_csi, r"csi|channel state|subcarriers?", r"", (1, 5000), 30, "motion_onsets"),
    "ecg": Modality(make_ecg, r"ecg|ekg|electrocardio\w+|r peaks?|qrs", r"[mµu]v", (50, 5000), 250, "r_peaks",
                    r"heart ?beats?"),
    "ppg": Modality(make_ppg, r"ppg|photopleth\w+|pulse (?:wave|oximet\w*)|oximet\w+|pulses? of (?:light|blood)", r"",
                    (10, 1000), 100, "pulse_feet"),
    "respiration": Modality(make_respiration, r"breath\w*|respirat\w+|inhal\w+|apn\w*ea\w*|(?:chest|belly) (?:belt|band)",
                            r"", (2, 1000), 25, "breath_onsets"),
    "gait": Modality(make_gait, r"gait|heel|strides?|shoes?|insoles?|foot|shanks?|ankles?", r"m/s\^?2|deg/s|rad/s",
                     (20, 500), 100, "heel_strikes"),
    "imu": Modality(make_imu, r"acceler\w+|gyro\w*|imu|inertial|angular (?:rate|velocity)|turning rate|steps|pedometer",
                    r"m?g|m/s\^?2|deg/s|rad/s", (5, 500), 50, "steps"),
    "vibration": Modality(make_vibration, r"vibrat\w+|acceler\w+|bearings?|shafts?|gearbox\w*|motors?|imbalance", r"g|m/s\^?2|mm/s",
                          (200, 1e6), 12000, "impacts"),
    "rssi": Modality(make_rssi, r"rssi|signal strengths?|beacons?", r"dbm", (0, 1000), 10, "crossings"),
    "audio": Modality(make_audio, r"audio|sounds?|spoken|speech|voices?|microphones?|acoustic\w*", r"", (2000, 2e5), 8000,
                      "onsets"),
    "ultrasound": Modality(make_echoes, r"ultraso\w+|sonar|echo(?:es)?", r"", (1000, 1e9), 100_000, "echoes"),
    "radar": Modality(make_radar, r"radar|fmcw|range profiles?|chirps?", r"", (1, 1e11), 1e9, "echoes"),
    "environment": Modality(make_environment, r"temperature|humidity|co2|carbon dioxide|air quality|weather|soil|gas",
                            r"deg_?c|°?c|%|ppm|hpa|lux", (0, 20), 1 / 60, "arrivals"),
    "energy": Modality(make_energy, r"power|energy|mains|electricity|appliances?|consumption", r"k?wh?|va|[ma]?a",
                       (0, 2000), 1, "starts"),
}
OWN, UNIT, TITLE, STATEMENT = 3, 2, 2, 1  # points for words of the variable, its unit, words of the title, of the text
LEAST = 2  # points; a unit alone is not enough


def _finds(words, text):
    return re.search(rf"\b(?:{words})\b", text.lower().replace("_", " ")) is not None


def _unit_fits(units, unit):
    return bool(units and unit) and any(re.fullmatch(units, part.strip().lower()) for part in unit.split(","))


def is_bytes(variable):
    """One row of bytes, or their text."""
    if variable.get("type") == "str":
        return True
    axes = [part for part in variable.get("shape", "").strip("()").split(",") if part.strip()]
    return variable.get("dtype") == "uint8" and len(axes) < 2


def choose(variable, about, first=True):
    """The name of the modality for an input, or None. `about` is {"title", "statement", "rate_hz"}; title and statement
    speak for the `first` input only. The most points win, at an equal number the row whose sensor is named, then the
    row further up."""
    rate_hz = float(about.get("rate_hz") or 0)
    places = [(OWN, variable.get("name", "") + " " + variable.get("description", ""))]
    if first:
        places += [(TITLE, about.get("title", "")), (STATEMENT, about.get("statement", ""))]
    best, most = None, (LEAST - 1, True)
    for name, row in MODALITIES.items():
        if rate_hz and not row.rates_hz[0] <= rate_hz <= row.rates_hz[1]:
            continue
        if (name == "frames") != is_bytes(variable):
            continue
        named = [_finds(row.words, text) for _, text in places]
        points = sum(worth for (worth, text), found in zip(places, named)
                     if found or row.sought and _finds(row.sought, text))
        points += UNIT * (points > 0 and _unit_fits(row.units, variable.get("unit", "")))
        if (points, any(named)) > most:
            best, most = name, (points, any(named))
    return best


def make(name, rng, rate_hz, n, columns=None, description=""):
    """What the modality's generator gives; the columns of a climate are the quantities that `description` names."""
    if name == "environment" and columns:
        return make_environment(rng, rate_hz, n, quantities_of(description, columns))
    return MODALITIES[name].make(rng, rate_hz, n)


def in_unit(made, wanted):
    """The signal of a motion sensor in the unit `wanted`: turning alone for deg/s, acceleration in g or m/s^2."""
    signal, parts = made["signal"], [part.strip().lower() for part in wanted.split(",") if part.strip()]
    if signal.ndim == 1 or not made["unit"].endswith("deg/s") or not parts:
        return signal
    scale = {"g": 9.80665, "mg": 0.00980665}.get(parts[0], 1.0) if parts[0] in ("g", "mg", "m/s^2", "m/s2") else None
    own = 9.80665 if made["unit"].startswith("g") else 1.0
    acceleration = signal[:, :3] * (own / scale if scale else 1.0)
    turning = signal[:, 3:] * (np.pi / 180 if "rad/s" in parts else 1.0)
    return turning if parts in (["deg/s"], ["rad/s"]) else np.hstack([acceleration, turning])


def with_columns(signal, columns, rng):
    """`columns` channels of the signal: the first ones, or all again and again with gains of their own. One alone is
    that of the first three that moves the most."""
    if columns == 1:
        return signal if signal.ndim == 1 else signal[:, int(np.argmax(signal[:, :3].std(axis=0)))].copy()
    channels = signal[:, None] if signal.ndim == 1 else signal
    if columns <= channels.shape[1]:
        return channels[:, :columns]
    again = channels[:, np.arange(columns) % channels.shape[1]]
    gains = np.where(np.arange(columns) < channels.shape[1], 1.0, rng.uniform(0.8, 1.2, columns))
    return again if signal.dtype == np.uint8 else again * gains
