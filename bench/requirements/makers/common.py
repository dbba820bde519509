"""What the makers of seeded data share: noises, pulse shapes and writers whose files are the same for the same seed."""
import json
import os

import numpy as np
import scipy.io
import scipy.io.wavfile


def wander(rng, n, rate_hz, cut_hz):
    """Noise below cut_hz with mean 0 and standard deviation 1: drift, sway, changes of contact."""
    spectrum = np.fft.rfft(rng.standard_normal(n))
    frequency = np.fft.rfftfreq(n, 1 / rate_hz)
    spectrum[(frequency > cut_hz) | (frequency == 0)] = 0
    noise = np.fft.irfft(spectrum, n)
    return noise / (noise.std() + 1e-12)


def pink(rng, n):
    """Noise whose power falls with 1/f, standard deviation 1."""
    spectrum = np.fft.rfft(rng.standard_normal(n))
    spectrum[1:] /= np.sqrt(np.arange(1, spectrum.size))
    spectrum[0] = 0
    noise = np.fft.irfft(spectrum, n)
    return noise / noise.std()


def bell(t, centre, width):
    return np.exp(-0.5 * ((t - centre) / width) ** 2)


def gamma_bump(u, peak_s, order):
    """A bump that begins at u = 0 and has its top, 1, at peak_s."""
    v = np.clip(u, 0, None) / peak_s
    return v ** order * np.exp(order * (1 - v))


def times_of_beats(rng, seconds, start_rate, spread):
    """Times of beats whose rate (1/min) wanders around start_rate, with breathing and jitter."""
    times, t, slow = [], rng.uniform(0.2, 0.8), 0.0
    phase, depth = rng.uniform(0, 6.28), rng.uniform(0.01, 0.05)
    while t < seconds:
        times.append(t)
        slow = 0.97 * slow + rng.normal(0, 0.012)
        period = 60 / start_rate * (1 + slow * spread + depth * np.sin(1.5 * t + phase) + rng.normal(0, 0.008))
        t += max(period, 0.27)
    return np.array(times)


def ecg_wave(t, beats, amplitude, t_height):
    """The clean ECG of beats at the given times."""
    x = np.zeros(t.size)
    for b, a in zip(beats, np.broadcast_to(amplitude, beats.shape)):
        near = slice(*np.searchsorted(t, [b - 0.35, b + 0.55]))
        u = t[near] - b
        x[near] += a * (bell(u, 0, 0.011) - 0.15 * bell(u, -0.03, 0.01) - 0.22 * bell(u, 0.03, 0.012))
        x[near] += a * (0.12 * bell(u, -0.17, 0.025) + t_height * bell(u, 0.27, 0.05))
    return x


def rotation(rng, angle=None):
    """A rotation about a random axis, by any angle or by the one given (rad)."""
    axis = rng.standard_normal(3)
    x, y, z = axis / np.linalg.norm(axis)
    a = rng.uniform(0, 2 * np.pi) if angle is None else angle
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(a) * k + (1 - np.cos(a)) * k @ k


def spaced(rng, count, low, high, gap):
    """At most `count` random numbers in [low, high], at least `gap` apart, in increasing order."""
    kept = []
    for value in rng.uniform(low, high, count * 8):
        if len(kept) < count and all(abs(value - k) >= gap for k in kept):
            kept.append(value)
    return np.sort(np.array(kept))


def write_text(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)


def write_events(path, samples):
    rows = sorted({int(s) for s in samples})
    write_text(path, "sample\n" + "".join(f"{s}\n" for s in rows))


def write_csv(path, columns, digits=4):
    """columns: name -> values; numbers are rounded, NaN is an empty cell."""
    def cell(value):
        if isinstance(value, str):
            return value
        if np.isnan(value):
            return ""
        text = f"{float(value):.{digits}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    rows = [",".join(columns)] + [",".join(cell(v) for v in row) for row in zip(*columns.values())]
    write_text(path, "\n".join(rows) + "\n")


def write_jsonl(path, rows):
    write_text(path, "".join(json.dumps(row) + "\n" for row in rows))


def write_wav(path, rate_hz, x):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    scipy.io.wavfile.write(path, rate_hz, (np.clip(x, -1, 1) * 32767).astype(np.int16))


def write_npy(path, x):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    np.save(path, x)


def write_npz(path, **arrays):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    np.savez_compressed(path, **arrays)


def write_mat(path, **arrays):
    """A MATLAB 5 file; the time of writing in its head is replaced, so that the same seed gives the same bytes."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    scipy.io.savemat(path, arrays, do_compression=True)
    with open(path, "r+b") as file:
        file.write(b"MATLAB 5.0 MAT-file, seeded data".ljust(116))


def write_arff(path, relation, columns, digits=4):
    """Numbers, NaN as ?; a column of texts is nominal."""
    def kind(values):
        return "{" + ",".join(sorted(set(values))) + "}" if isinstance(values[0], str) else "NUMERIC"

    def cell(value):
        return value if isinstance(value, str) else "?" if np.isnan(value) else f"{value:.{digits}f}"
    head = [f"@RELATION {relation}", ""] + [f"@ATTRIBUTE {name} {kind(v)}" for name, v in columns.items()]
    rows = [",".join(cell(v) for v in row) for row in zip(*columns.values())]
    write_text(path, "\n".join(head + ["", "@DATA"] + rows) + "\n")
