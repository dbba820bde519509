"""The frequency between two bounds at which the spectrum has its top, in the unit that is wanted; the place of the top between
two bins is that of a parabola through three. Written by people and shipped with gpiot."""
import numpy as np


def own(strength, rate_hz, low_hz=0.5, high_hz=4.0, units_per_hz=60.0, padding=8):
    strength = np.nan_to_num(np.asarray(strength, dtype=float))
    n = padding * len(strength)
    power = np.abs(np.fft.rfft((strength - strength.mean()) * np.hanning(len(strength)), n)) ** 2
    frequencies = np.fft.rfftfreq(n, 1 / rate_hz)
    band = np.flatnonzero((frequencies >= low_hz) & (frequencies <= high_hz))
    if len(band) == 0:
        return float(units_per_hz * (low_hz + high_hz) / 2)
    top = band[np.argmax(power[band])]
    shift = 0.0
    if 0 < top < len(power) - 1:
        before, at, after = power[top - 1:top + 2]
        curve = before - 2 * at + after
        shift = float(np.clip(0.5 * (before - after) / curve, -0.5, 0.5)) if curve < 0 else 0.0
    return float(units_per_hz * (top + shift) * rate_hz / n)
