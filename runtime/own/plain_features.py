"""Levels, spread, quantiles, first and last value, changes and the logarithmic power in octaves of each channel, of the
norm over the channels and of the norm of its changes, and how the channels go together. Short inputs are returned as they
are, too. Written by people and shipped with gpiot."""
import numpy as np


def octaves(power):
    """Logarithms of the power in bands, each twice as wide as the one below; the highest ends at half the sampling rate."""
    edges = [0] + [max(1, len(power) >> k) for k in range(9, -1, -1)]
    return [np.log(power[a:b].sum(axis=0) + 1e-12) for a, b in zip(edges[:-1], edges[1:]) if b > a]


def describe(x):
    """[samples, channels] -> a list of vectors with one number for each channel."""
    centred = x - x.mean(axis=0)
    changes = np.abs(np.diff(x, axis=0))
    power = np.abs(np.fft.rfft(centred, axis=0)[1:]) ** 2 / len(x)
    above = np.signbit(centred)
    parts = [x.mean(axis=0), x.std(axis=0), x.min(axis=0), x.max(axis=0), x[0], x[-1], changes.mean(axis=0), changes.max(axis=0)]
    parts += list(np.percentile(x, [5, 25, 50, 75, 95], axis=0))
    parts.append((above[1:] != above[:-1]).mean(axis=0))
    parts.append(np.argmax(power, axis=0) / len(power))
    return parts + octaves(power)


def own(*inputs, most_values=200, least_samples=16, most_channels=256, most_together=12):
    parts = []
    for values in inputs:
        x = np.nan_to_num(np.asarray(values, dtype=float))
        short = x.ndim == 0 or len(x) < least_samples
        if short or x.size <= most_values:
            parts.append(np.ravel(x)[:most_values])
        if short:
            continue
        x = x.reshape(len(x), -1)
        if x.shape[1] > most_channels:  # neighbours in an image say much the same
            groups = np.array_split(np.arange(x.shape[1]), most_channels)
            x = np.stack([x[:, group].mean(axis=1) for group in groups], axis=1)
        parts += describe(x)
        if 2 <= x.shape[1] <= most_together:
            for size in (np.linalg.norm(x, axis=1), np.linalg.norm(np.diff(x, axis=0), axis=1)):
                parts += describe(size[:, None])
            spread = np.where(x.std(axis=0) > 0, x.std(axis=0), 1)
            together = np.cov(((x - x.mean(axis=0)) / spread).T)
            parts.append(together[np.triu_indices(x.shape[1], 1)])
    return np.concatenate([np.ravel(part) for part in parts])
