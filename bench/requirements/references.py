"""Plain classical solutions of requirements in which nothing is learned, to see that their thresholds can be reached.

Each takes the inputs of one item and returns event indices, a number or a class. They are no part of the product, and
nothing of them may get into its prompts.
"""
import numpy as np
from scipy import ndimage, signal


def band(x, rate, low, high, order=2):
    kind = "band" if low and high else "low" if high else "high"
    edge = [low, high] if kind == "band" else high or low
    return signal.sosfiltfilt(signal.butter(order, edge, kind, fs=rate, output="sos"), x, axis=0)


def smooth(x, width):
    return ndimage.uniform_filter1d(x, max(1, int(width)), axis=0)


def qrs(ecg, rate):
    x = np.nan_to_num(ecg)
    y = smooth(np.gradient(band(x, rate, 6, 18)) ** 2, 0.12 * rate) ** 0.5
    limit = ndimage.percentile_filter(y[::4], 98, int(1.5 * rate)).repeat(4)[:y.size]
    peaks, _ = signal.find_peaks(y, distance=int(0.28 * rate))
    peaks = peaks[y[peaks] > 0.35 * smooth(limit, 4 * rate)[peaks]]
    flat = np.abs(x - ndimage.median_filter(x, int(0.6 * rate)) if x.size < 10_000 else band(x, rate, 1, 40))
    return np.array([p - w + np.argmax(flat[max(0, p - w):p + w]) for w in [int(0.07 * rate)] for p in peaks if p >= w])


def ventricular(ecg, rate):
    peaks, y = qrs(ecg, rate), band(ecg, rate, 1, 30)
    w = int(0.12 * rate)
    peaks = peaks[(peaks > w) & (peaks < y.size - w)]
    shapes = np.stack([y[p - w:p + w] for p in peaks])
    typical = np.median(shapes, axis=0)
    fit = (shapes * typical).sum(1) / np.linalg.norm(shapes, axis=1) / np.linalg.norm(typical)
    early = np.diff(peaks, prepend=peaks[0]) / ndimage.median_filter(np.diff(peaks, prepend=peaks[0]), 15)
    area = np.abs(shapes).sum(1) / np.median(np.abs(shapes).sum(1))
    return peaks[((fit < 0.6) & (area > 0.9) & (early < 1.05)) | ((fit < 0.8) & (area > 1.5) & (early < 0.92))]


def pulse_feet(ppg, rate):
    x = band(ppg, rate, 0.5, 10)
    slope = np.gradient(x)
    limit = smooth(ndimage.percentile_filter(slope, 97, int(3 * rate)), rate)
    tops, _ = signal.find_peaks(slope, distance=int(0.4 * rate))
    tops = tops[slope[tops] > 0.55 * limit[tops]]
    fast = band(ppg, rate, None, 12)
    return [max(0, p - w) + int(np.argmin(fast[max(0, p - w):p + 1])) for w in [int(0.2 * rate)] for p in tops]


def breath_onsets(belt, rate):
    x = band(belt, rate, 0.08, 0.9)
    scale = np.median(np.abs(x)) * 1.48
    lows, _ = signal.find_peaks(-x, prominence=0.7 * scale, distance=int(1.5 * rate))
    y, found = band(belt, rate, None, 2), []
    for low in lows:
        top = low + np.argmax(y[low:low + int(2 * rate)])
        start = max(0, low - int(0.8 * rate))
        base = y[start:top + 1].min()
        below = np.nonzero(y[start:top + 1] < base + 0.12 * (y[top] - base))[0]
        found.append(start + below[-1])
    return found


def apnea(flow, rate):
    level = smooth(np.abs(band(flow, rate, 0.08, 2)), 2.5 * rate)
    usual = ndimage.percentile_filter(level[::5], 60, int(90 * rate / 5)).repeat(5)[:level.size]
    quiet = np.concatenate([[0], level < 0.22 * usual, [0]]).astype(int)
    edges = np.diff(quiet)
    starts, ends = np.nonzero(edges == 1)[0], np.nonzero(edges == -1)[0]
    return [s - int(0.5 * rate) for s, e in zip(starts, ends) if e - s > 7.5 * rate and s > rate]


def steps(acc, rate):
    x = band(np.linalg.norm(acc, axis=1), rate, 0.7, 8)
    limit = np.maximum(0.35 * smooth(ndimage.percentile_filter(x, 97, int(4 * rate)), rate), 0.5)
    peaks, _ = signal.find_peaks(x, distance=int(0.35 * rate), prominence=0.8)
    return peaks[x[peaks] > limit[peaks]]


def falls(acc, rate):
    size, found = np.linalg.norm(acc, axis=1), []
    peaks, _ = signal.find_peaks(size, height=1.8, distance=rate)
    for p in peaks:
        after = acc[p + int(1.5 * rate):p + int(5 * rate)]
        before = acc[max(0, p - 3 * int(rate)):max(1, p - int(0.6 * rate))].mean(0)
        turned = np.dot(after.mean(0), before) / np.linalg.norm(after.mean(0)) / np.linalg.norm(before)
        if size[max(0, p - int(0.6 * rate)):p].min() < 0.55 and after.std(0).max() < 0.12 and turned < 0.8:
            found.append(p)
    return found


def heel_strikes(gyr, rate):
    x = band(gyr - np.median(gyr), rate, None, 15)
    swings, _ = signal.find_peaks(band(x, rate, None, 5), height=0.45 * np.percentile(x, 98), distance=int(0.6 * rate))
    return [s + int(np.argmin(x[s:s + int(0.32 * rate)])) for s in swings if s + 5 < x.size]


def motion_onsets(csi, rate):
    x = ndimage.median_filter(csi, (3, 1))
    x = x / x.mean(1, keepdims=True)
    spread = smooth(np.abs(x - smooth(x, rate)).mean(1), 0.7 * rate)
    on = spread > 2.2 * np.percentile(spread, 25)
    on = ndimage.binary_opening(ndimage.binary_closing(on, np.ones(int(1.5 * rate))), np.ones(int(1.2 * rate)))
    return np.nonzero(np.diff(on.astype(int)) == 1)[0] + int(0.2 * rate)


def link_crossings(rssi, rate):
    gaps = np.isnan(rssi)
    x = np.interp(np.arange(rssi.size), np.nonzero(~gaps)[0], rssi[~gaps])
    x = ndimage.gaussian_filter1d(ndimage.median_filter(x, 3), 2)
    x = ndimage.median_filter(x, int(6 * rate)) - x
    return signal.find_peaks(x, height=3, distance=int(4 * rate))[0]


def knocks(sound, rate):
    y = smooth(band(sound, rate, 100, 1500) ** 2, 0.008 * rate) ** 0.5
    before = ndimage.shift(smooth(y, 0.06 * rate), 0.05 * rate, cval=y[0])
    rise = y / (before + 3 * np.median(y))
    peaks, _ = signal.find_peaks(rise, height=2.2, distance=int(0.13 * rate))
    return peaks - int(0.003 * rate)


def passes(i, q, rate):
    z = (i - np.median(i)) + 1j * (q - np.median(q))
    turn = np.angle(smooth(z[1:] * z[:-1].conj(), 0.15 * rate), deg=False) * rate / 6.283
    power = smooth(np.abs(z), 0.3 * rate)
    peaks, facts = signal.find_peaks(power, prominence=0.12, distance=int(1.5 * rate))
    keep = []
    for p in peaks:
        near = np.abs(turn[max(0, p - int(0.9 * rate)):p + int(0.9 * rate)])
        if np.percentile(near, 90) > 50:
            keep.append(p)
    return keep


def shocks(acc, rate):
    y = smooth(band(acc, rate, 280, 480) ** 2, 0.008 * rate) ** 0.5
    level = ndimage.median_filter(y[::8], int(rate / 8)).repeat(8)[:y.size]
    peaks, _ = signal.find_peaks(y / level, height=3.0, distance=int(0.12 * rate))
    return peaks - int(0.005 * rate)


def compressor(power, rate):
    x = ndimage.median_filter(power, 5)
    jump = np.zeros(x.size)
    jump[8:-8] = [np.median(x[k + 3:k + 9]) - np.median(x[k - 7:k - 1]) for k in range(8, x.size - 8)]
    found = []
    for k in signal.find_peaks(jump, height=55, distance=12)[0]:
        later = np.median(x[k + 40:k + 60]) - np.median(x[max(0, k - 12):k - 1])
        if jump[k] < 190 and 45 < later < 190:
            edge = k - 6 + int(np.argmax(np.diff(power[k - 6:k + 8]))) + 1
            if not found or edge - found[-1] > 150:
                found.append(edge)
    return found


def openings(air, rate):
    k = np.arange(len(air))
    co2 = np.interp(k, k[~np.isnan(air[:, 0])], air[~np.isnan(air[:, 0]), 0])
    fall = np.zeros(k.size)
    cold = np.zeros(k.size)
    for m in range(6, k.size - 7):
        fall[m] = (co2[m - 5:m].mean() - co2[m + 3:m + 7].mean()) / max(60, co2[m - 5:m].mean() - 420)
        cold[m] = air[m - 5:m, 1].mean() - air[m + 3:m + 7, 1].mean()
    score = np.clip(fall, 0, 0.5) * 2 + cold
    return signal.find_peaks(score, height=0.75, distance=30)[0] - 1


def spindles(eeg, rate):
    envelope = smooth(np.abs(signal.hilbert(band(eeg, rate, 11.5, 15, 3))), 0.3 * rate)
    around = smooth(np.abs(signal.hilbert(band(eeg, rate, 17, 30, 3))), 0.5 * rate)
    slow = smooth(np.abs(signal.hilbert(band(eeg, rate, 7.5, 10, 3))), 0.3 * rate)
    peaks, _ = signal.find_peaks(envelope, height=2.3 * np.median(envelope), distance=int(2.5 * rate))
    return peaks[(around[peaks] < 2.2 * np.median(around)) & (slow[peaks] < 1.3 * envelope[peaks])]


def stops(position, rate):
    seen = ~np.isnan(position[:, 0])
    k = np.arange(len(position))
    metres = np.stack([np.interp(k, k[seen], position[seen, c]) for c in (0, 1)], 1) * 111_320
    metres[:, 1] *= np.cos(np.radians(position[seen, 0].mean()))
    metres = ndimage.median_filter(metres, (15, 1))
    still = np.linalg.norm(metres[20:] - metres[:-20], axis=1) < 20
    edges = np.diff(np.concatenate([[0], ndimage.binary_closing(still, np.ones(9)), [0]]).astype(int))
    return [s + 2 for s, e in zip(np.nonzero(edges == 1)[0], np.nonzero(edges == -1)[0]) if e - s > 85]


def valid_frames(stream, rate):
    from makers.frames import valid_starts
    return valid_starts(bytes(stream.astype(np.uint8)))


def verdict(frame):
    data, sizes = bytes.fromhex(frame), {1: 4, 2: 8, 5: 12}
    if data[0] != 0x7E:
        return "bad_start"
    if data[1] not in sizes:
        return "unknown_type"
    if data[2] != sizes[data[1]] or len(data) != 4 + sizes[data[1]]:
        return "bad_length"
    return "ok" if sum(data[1:]) % 256 == 0 else "bad_checksum"


def telegram(payload):
    data, at = bytes.fromhex(payload), 3
    while data[at] != 2:
        at += 2 + data[at + 1]
    return int.from_bytes(data[at + 2:at + 4], "big", signed=True) / 100


def strongest(x, rate, low, high):
    f, p = signal.periodogram(x * np.hanning(x.size), rate, nfft=1 << 16)
    keep = (f >= low) & (f <= high)
    return f[keep][np.argmax(p[keep])]


def pulse_rate(ppg, rate):
    x = band(ppg, rate, 0.6, 5)
    x = x / (smooth(np.abs(x), 3 * rate) + 1e-9)
    f, p = signal.periodogram(x * np.hanning(x.size), rate, nfft=1 << 14)
    grid = np.arange(0.75, 2.55, 0.01)
    return 60 * grid[np.argmax(np.interp(grid, f, p) + 0.6 * np.interp(2 * grid, f, p))]


def ecg_rate(ecg, rate):
    return 60 * rate / np.median(np.diff(qrs(ecg, rate)))


def breathing_rate(acc, rate):
    x = band(acc, rate, 0.1, 0.7)
    return 60 * strongest(np.clip(x, -2 * np.median(np.abs(x)), 2 * np.median(np.abs(x))), rate, 0.12, 0.55)


def cadence(acc, rate):
    x = np.linalg.norm(acc, axis=1) - np.linalg.norm(acc, axis=1).mean()
    x = signal.resample_poly(band(x, rate, 0.9, 6), 4, 1)
    y = signal.correlate(x, x)[x.size - 1:] / np.arange(x.size, 0, -1)
    low, high = int(rate * 240 / 145), int(rate * 240 / 66)
    peaks = [p for p in signal.find_peaks(y)[0] if low <= p <= high] or [int((low + high) / 2)]
    return 240 * rate / next(p for p in peaks if y[p] >= y[peaks].max() - 0.3 * abs(y[peaks].max()))


def shaft(x, rate):
    f, p = signal.welch(x, rate, nperseg=x.size, nfft=1 << 15)
    p = np.sqrt(p / ndimage.median_filter(p, 401))
    p[(f > 98) & (f < 102)] = 1
    grid = np.arange(9, 60, 0.05)
    score = sum(np.log(np.stack([np.interp(m * grid + d, f, p) for d in (-0.2, 0, 0.2)]).max(0)) for m in (1, 2, 3, 4))
    return grid[np.argmax(score)]


def level(sweep):
    x = signal.detrend(sweep) * np.hanning(sweep.size)
    p = np.abs(np.fft.rfft(x, 1 << 14))
    metres = np.arange(p.size) * 0.15 * sweep.size / (1 << 14)
    p[metres < 0.9] = 0
    return metres[np.argmax(p)]


REFERENCES = {
    "ecg-beats-holter": qrs, "ecg-ventricular-beats": ventricular, "ppg-pulse-feet": pulse_feet,
    "resp-breath-onsets": breath_onsets, "resp-apnea-starts": apnea, "imu-steps-pocket": steps, "imu-falls": falls,
    "gait-heel-strikes": heel_strikes, "csi-motion-onsets": motion_onsets, "rssi-link-crossings": link_crossings,
    "door-knocks": knocks, "radar-passes": passes, "vib-impacts": shocks, "fridge-starts": compressor,
    "window-openings": openings, "eeg-spindles": spindles, "gps-stops": stops, "frames-in-stream": valid_frames,
    "frame-check": verdict, "frame-temperature": telegram, "ppg-heart-rate": pulse_rate, "ecg-heart-rate": ecg_rate,
    "resp-rate": breathing_rate, "imu-cadence": cadence, "vib-shaft-speed": shaft, "radar-level": level,
}
