"""The signal between two frequencies, without delay; of several channels their norm is taken first. With `size` it is how large
the signal is there at each sample: the harmonics of sharp pulses come and go with their rate. Written by people and shipped
with gpiot."""
import numpy as np
from scipy import signal


def own(*inputs, rate_hz, low_hz=0.5, high_hz=4.0, order=2, size=False):
    x = np.nan_to_num([np.asarray(values, dtype=float) for values in inputs][0])
    if x.ndim == 2:
        x = np.linalg.norm(x, axis=1)
    high_hz = min(high_hz, 0.45 * rate_hz)
    sections = signal.butter(order, [min(low_hz, 0.9 * high_hz), high_hz], "bandpass", fs=rate_hz, output="sos")
    band = signal.sosfiltfilt(sections, x - x.mean(), padlen=min(6 * len(sections), len(x) - 1))
    return np.abs(band) if size else band
