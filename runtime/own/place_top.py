"""Where a signal stands out, after the straight line that fits it best is taken off: the top of its spectrum, in cycles per
sample ("spectrum"), the top of its envelope ("echo"), or where the envelope first reaches half of that ("start"), both in
samples; between two bounds, and behind a share of the whole. Written by people and shipped with gpiot."""
import numpy as np


def envelope_of(signal):
    n = 2 * len(signal)  # with as many zeros behind: what is at the beginning must not be seen at the end
    weights = np.zeros(n)
    weights[0] = weights[n // 2] = 1
    weights[1:n // 2] = 2
    return np.abs(np.fft.ifft(np.fft.fft(signal, n) * weights))[:len(signal)]


def own(*inputs, kind="spectrum", low=0.0, high=1e9, skip=0.0, padding=8):
    signal = np.nan_to_num([np.asarray(values, dtype=float).ravel() for values in inputs][0])
    n = len(signal)
    if n < 4:
        return 0.0
    t = np.arange(n)
    signal = signal - np.polyval(np.polyfit(t, signal, 1), t)
    if kind == "spectrum":
        heights, step = np.abs(np.fft.rfft(signal * np.hanning(n), padding * n)), 1 / (padding * n)
    else:
        heights, step = envelope_of(signal), 1.0
    places = step * np.arange(len(heights))
    within = np.flatnonzero((places >= max(low, skip * places[-1])) & (places <= high))
    if len(within) == 0:
        return float(np.clip(low, 0, places[-1]))
    top = within[np.argmax(heights[within])]
    if kind == "start":
        half = heights[top] / 2
        at = within[heights[within] >= half][0]
        rise = heights[at] - heights[at - 1] if at > 0 else 0.0
        return float(step * (at - np.clip((heights[at] - half) / rise, 0, 1) if rise > 0 else at))
    shift = 0.0
    if 0 < top < len(heights) - 1:  # the top of a parabola through three
        before, here, after = heights[top - 1:top + 2]
        curve = before - 2 * here + after
        shift = float(np.clip(0.5 * (before - after) / curve, -0.5, 0.5)) if curve < 0 else 0.0
    return float(step * (top + shift))
