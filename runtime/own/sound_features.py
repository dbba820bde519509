"""How the spectrum of a sound goes on: its shape (the cepstrum of bands as the ear has them) and its level in stretches of the
loud part, the mean and spread of both, the loudness and the length. Written by people and shipped with gpiot."""
import numpy as np


def ear_bands(n_bins, rate_hz, n_bands, lowest_hz):
    """[bands, bins]: triangles that overlap by half, of equal width in mel."""
    ends = 2595 * np.log10(1 + np.array([lowest_hz, rate_hz / 2]) / 700)
    edges = 700 * (10 ** (np.linspace(*ends, n_bands + 2) / 2595) - 1)
    hz = np.linspace(0, rate_hz / 2, n_bins)
    rise = (hz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - hz) / (edges[2:] - edges[1:-1])[:, None]
    return np.clip(np.minimum(rise, fall), 0, None)


def own(*inputs, rate_hz, n_stretches=10, n_bands=26, n_cepstra=12, frame_s=0.032, lowest_hz=60.0, quiet=1e-3):
    x = np.ravel(np.nan_to_num([np.asarray(values, dtype=float) for values in inputs][0]))
    size = max(32, int(frame_s * rate_hz))
    x = np.pad(x, (0, max(0, size - len(x))))
    frames = np.lib.stride_tricks.sliding_window_view(x, size)[::size // 2] * np.hanning(size)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    energy = power.sum(axis=1)
    loud = np.flatnonzero(energy >= quiet * energy.max())
    power, energy = power[loud[0]:loud[-1] + 1], energy[loud[0]:loud[-1] + 1]
    floor = 1e-6 * energy.max() + 1e-20  # 60 dB below the loudest: what is fainter is noise
    bands = np.log(power @ ear_bands(power.shape[1], rate_hz, n_bands, lowest_hz).T + floor)
    waves = np.cos(np.pi * np.outer(np.arange(1, n_cepstra + 1), np.arange(n_bands) + 0.5) / n_bands)
    course = np.column_stack([np.log((energy + floor) / (energy.max() + floor)), bands @ waves.T])
    mean = course.mean(axis=0)
    at = np.linspace(0, len(course), n_stretches + 1)
    stretches = [course[int(a):max(int(a) + 1, int(np.ceil(b)))].mean(axis=0) for a, b in zip(at[:-1], at[1:])]
    facts = [np.log(energy.mean() + floor), len(course) * (size // 2) / rate_hz]
    return np.concatenate([np.ravel(np.array(stretches) - mean), mean, course.std(axis=0), facts])
