"""How much of an event there is at each sample, between `low_hz` and `high_hz`, smoothed. `kind` says what events are:
"size" where the signal is large (the norm over its channels), "quiet" where it is small, "level" and "drop" where it is high
and low, "rise" and "fall" where it climbs and sinks, "step" and "step_down" where it does so after short peaks are taken off
by a median. Written by people and shipped with gpiot."""
import numpy as np
from scipy import ndimage, signal


def within_band(x, rate, low, high):
    """`x` between two frequencies, without delay; a bound that the sampling rate cannot hold is none."""
    low, high = max(low, 0.0), high if high < 0.45 * rate else 0.0
    if low > 0 and low * len(x) / rate < 0.1:
        low = 0.0
    if low >= 0.45 * rate or 0 < high <= 1.05 * low:
        return x
    if low == 0 and high == 0:
        return x
    kind, edges = ("bandpass", [low, high]) if low and high else ("highpass", low) if low else ("lowpass", high)
    sections = signal.butter(2, edges, kind, fs=rate, output="sos")
    return signal.sosfiltfilt(sections, x, axis=0, padlen=min(6 * len(sections), len(x) - 1))


def own(*inputs, rate_hz, kind="size", low_hz=0.0, high_hz=0.0, smooth_s=0.0):
    channels = [np.nan_to_num(np.asarray(values, dtype=float)).reshape(len(values), -1) for values in inputs]
    x = np.concatenate(channels, axis=1)
    x = within_band(x - np.median(x, axis=0), rate_hz, low_hz, high_hz)
    width = min(len(x), int(smooth_s * rate_hz))
    if kind in ("step", "step_down"):
        x = ndimage.median_filter(x, (max(3, width // 2 * 2 + 1), 1), mode="nearest")
    if kind in ("size", "quiet"):
        strength = np.linalg.norm(x, axis=1)
    else:
        strength = x.mean(axis=1)
    if kind in ("rise", "fall", "step", "step_down") and len(strength) > 1:
        strength = np.gradient(strength) * rate_hz
    if kind in ("drop", "fall", "step_down"):
        strength = -strength
    if width > 1:
        strength = ndimage.uniform_filter1d(strength, width)
    if kind == "quiet":  # what is a tenth is as far from the middle as what is tenfold
        strength = -np.log(strength + 1e-6 * strength.max() + 1e-12)
    return strength
