"""What the generators of synthetic signals share: events in time, pulses at events, slow noise."""
import numpy as np
from scipy.signal import fftconvolve


def event_samples(rng, period_s, spread, rate_hz, n, first_s=None):
    """Sample indices of events whose distance is about `period_s`, log-normal with `spread`; increasing, below n.

    There is at least one where n >= 1; two are at least three samples apart.
    """
    duration_s = n / rate_hz
    first_s = rng.uniform(0.2, 0.8) * min(period_s, duration_s) if first_s is None else first_s
    count = max(0, int(min(2 * duration_s / period_s, n / 3))) + 2
    steps = np.maximum(period_s * np.exp(spread * rng.standard_normal(count)), 3 / rate_hz)
    samples = np.round((first_s + np.concatenate([[0], np.cumsum(steps)])) * rate_hz).astype(np.int64)
    return samples[samples < n] if samples[0] < n else np.array([n - 1])


def place(kernel, centre, samples, heights, n):
    """Copies of `kernel` whose element `centre` lies at each of `samples`, scaled by `heights`; shape (n,)."""
    impulses = np.zeros(n)
    np.add.at(impulses, samples, heights)
    full = fftconvolve(impulses, kernel)
    return np.concatenate([full, np.zeros(max(0, centre + n - full.size))])[centre:centre + n]


def kernel_times(before_s, after_s, rate_hz):
    """(times in s around 0, index of 0): the time base of a kernel."""
    centre = max(1, int(round(before_s * rate_hz)))
    return np.arange(-centre, max(1, int(round(after_s * rate_hz))) + 1) / rate_hz, centre


def bell(t, at, width):
    return np.exp(-0.5 * ((t - at) / width) ** 2)


def wander(rng, n, rate_hz, cut_hz, columns=None):
    """Noise below `cut_hz`, mean 0, standard deviation 1 where it moves at all; (n,) or (n, columns)."""
    shape = (n,) if columns is None else (n, columns)
    spectrum = np.fft.rfft(rng.standard_normal(shape), axis=0)
    frequency = np.fft.rfftfreq(n, 1 / rate_hz)
    spectrum[(frequency > max(cut_hz, 1.01 * rate_hz / n)) | (frequency == 0)] = 0
    noise = np.fft.irfft(spectrum, n, axis=0)
    return noise / (noise.std(axis=0) + 1e-12)


def phase_between(samples, n):
    """Cycles passed at each of n samples: k at samples[k], linear between, going on at both ends."""
    if samples.size < 2:
        return (np.arange(n) - samples[0]) / max(1, n)
    steps = np.diff(samples)
    first, last = samples[0] - steps[0] * (samples[0] // steps[0] + 1), samples[-1] + steps[-1] * (n // steps[-1] + 1)
    places = np.concatenate([[first], samples, [last]])
    cycles = np.concatenate([[(first - samples[0]) / steps[0]], np.arange(samples.size),
                             [samples.size - 1 + (last - samples[-1]) / steps[-1]]])
    return np.interp(np.arange(n), places, cycles)


def blocks(rng, n, count, share=0.5):
    """A mask of n samples with `count` stretches that are on for about `share` of the time, and their starts."""
    count = max(1, min(count, n // 8))
    length = n / count
    on = np.maximum(1, (length * share * rng.uniform(0.7, 1.3, count))).astype(int)
    starts = (np.arange(count) * length + rng.uniform(0.1, 0.9, count) * np.maximum(0, length - on)).astype(np.int64)
    level = np.zeros(n + 1, int)
    np.add.at(level, starts, 1)
    np.add.at(level, np.minimum(starts + on, n), -1)
    return np.cumsum(level)[:n] > 0, starts
