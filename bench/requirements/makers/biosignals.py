"""ECG, PPG, respiration and EEG."""
import numpy as np

from . import common as c


def motion_bursts(rng, n, rate_hz, count, size):
    """Bursts of 1 to 3 s of slow noise, as from a moving limb."""
    x = np.zeros(n)
    for _ in range(count):
        length = int(rng.uniform(1, 3) * rate_hz)
        start = rng.integers(0, n - length)
        x[start:start + length] += size * np.hanning(length) * c.wander(rng, length, rate_hz, 4)
    return x


def ppg(t, beats, depth, phase):
    x = np.zeros(t.size)
    for b in beats:
        near = slice(*np.searchsorted(t, [b, b + 1.6]))
        u = t[near] - b
        height = 1 + depth * np.sin(1.6 * b + phase)
        x[near] += height * (c.gamma_bump(u, 0.17, 2.5) + 0.3 * c.gamma_bump(u - 0.27, 0.12, 3))
    return x


def ppg_pulse_feet(rng, folder):
    rate = 100
    t = np.arange(60 * rate) / rate
    for r in range(10):
        beats = c.times_of_beats(rng, 60, rng.uniform(52, 105), 1)
        clean = ppg(t, beats, rng.uniform(0.05, 0.2), rng.uniform(0, 6))
        feet = []
        for b in beats:
            low, high = int((b - 0.08) * rate), int((b + 0.08) * rate)
            if low >= 0 and high < t.size:
                feet.append(low + int(np.argmin(clean[low:high])))
        gain = np.exp(0.35 * c.wander(rng, t.size, rate, 0.05))
        x = 0.9 * c.wander(rng, t.size, rate, 0.25) + gain * clean + rng.normal(0, rng.uniform(0.01, 0.03), t.size)
        x += motion_bursts(rng, t.size, rate, 2, rng.uniform(0.3, 0.9))
        c.write_npy(f"{folder}/finger{r:02}.npy", np.round(2000 + 300 * x).astype(np.int32))
        c.write_events(f"{folder}/finger{r:02}.csv", feet)


def ppg_heart_rate(rng, folder):
    rate, x_all, y, subject = 25, [], [], []
    t = np.arange(30 * rate) / rate
    for person in range(12):
        rest = rng.uniform(52, 80)
        for k in range(20):
            beats = c.times_of_beats(rng, 31, rest + rng.uniform(0, 60) * (k % 3) / 2, 0.6)
            x = ppg(t, beats, 0.15, rng.uniform(0, 6)) * rng.uniform(0.5, 1.5)
            x += rng.uniform(0.3, 1.2) * c.wander(rng, t.size, rate, 0.3) + rng.normal(0, 0.08, t.size)
            if k % 4 == 3:
                x += rng.uniform(0.2, 0.5) * np.sin(2 * np.pi * rng.uniform(0.7, 1.1) * t + 0.6 * np.sin(0.5 * t))
            x += motion_bursts(rng, t.size, rate, k % 3, rng.uniform(0.5, 2))
            x_all.append(x)
            y.append(60 / np.mean(np.diff(beats[beats < 30])))
            subject.append(person)
    c.write_npz(f"{folder}/wrist.npz", ppg=np.float32(x_all), heart_rate=np.round(y, 2), person=np.array(subject))


def ppg_blood_oxygen(rng, folder):
    rate, red, infrared, y, subject = 50, [], [], [], []
    t = np.arange(8 * rate) / rate
    for person in range(16):
        skin, tilt = rng.uniform(0.7, 1.3), rng.normal(0, 0.5)
        for _ in range(20):
            spo2 = np.clip(100 - rng.gamma(2.0, 3.2), 72, 99.5)
            ratio = np.interp(spo2, [70, 80, 90, 95, 100], [1.55, 1.22, 0.86, 0.65, 0.42])
            beats = c.times_of_beats(rng, 8, rng.uniform(55, 100), 0.6)
            pulse = ppg(t, beats, 0.1, rng.uniform(0, 6))
            perfusion = rng.uniform(0.008, 0.03)
            level_red, level_ir = skin * rng.uniform(0.8, 1.2, 2) * [1.0, 1.4]
            sway = 0.01 * c.wander(rng, t.size, rate, 0.2)
            red.append(level_red * (1 - perfusion * ratio * pulse + sway) + rng.normal(0, 3e-4, t.size))
            infrared.append(level_ir * (1 - perfusion * pulse + sway) + rng.normal(0, 3e-4, t.size))
            y.append(spo2 + tilt + rng.normal(0, 0.4))
            subject.append(person)
    c.write_npz(f"{folder}/clip.npz", red=np.float32(red), infrared=np.float32(infrared), spo2=np.round(y, 1),
                person=np.array(subject))


def ecg_heart_rate(rng, folder):
    rate, x_all, y = 250, [], []
    t = np.arange(10 * rate) / rate
    for _ in range(150):
        beats = c.times_of_beats(rng, 10, rng.uniform(45, 150), 1)
        x = c.ecg_wave(t, beats, rng.choice([-1, 1], p=[0.15, 0.85]) * rng.uniform(0.5, 1.8), rng.uniform(0.1, 0.65))
        x += rng.uniform(0.1, 0.6) * c.wander(rng, t.size, rate, 0.4) + rng.normal(0, rng.uniform(0.01, 0.08), t.size)
        x += rng.uniform(0, 0.15) * np.sin(2 * np.pi * 50 * t + 1)
        if rng.random() < 0.2:
            x[int(rng.uniform(1, 9) * rate):] += rng.normal(0, 1.5)
        x_all.append(x)
        y.append(60 / np.mean(np.diff(beats)))
    c.write_mat(f"{folder}/patch.mat", ecg=np.float32(x_all), rate=np.round(y, 2))


def breaths(rng, seconds, period, amplitude, rate_hz):
    """Chest volume and the starts of inhalation, in samples."""
    n = int(seconds * rate_hz)
    x, starts, t = np.zeros(n), [], rng.uniform(0.5, 3)
    while t < seconds - 1:
        length = period * np.exp(rng.normal(0, 0.15))
        height = amplitude * np.exp(rng.normal(0, 0.2)) * (2.2 if rng.random() < 0.02 else 1)
        a, b = int(t * rate_hz), int((t + length) * rate_hz)
        share = rng.uniform(0.33, 0.45)
        phase = np.arange(b - a) / (b - a)
        rise = 0.5 - 0.5 * np.cos(np.pi * phase / share)
        fall = 0.5 + 0.5 * np.cos(np.pi * np.clip((phase - share) / (0.9 - share), 0, 1))
        x[a:b] = (height * np.where(phase < share, rise, fall))[:max(0, n - a)]
        starts.append(a)
        t += length
    return x, np.array(starts)


def resp_breath_onsets(rng, folder):
    rate, seconds = 25, 300
    n = rate * seconds
    for r in range(10):
        x, starts = breaths(rng, seconds, rng.uniform(2.8, 5.5), 1, rate)
        x += 0.6 * c.wander(rng, n, rate, 0.03) + 0.04 * np.sin(2 * np.pi * 1.2 * np.arange(n) / rate)
        for _ in range(3):
            x[rng.integers(0, n):] += rng.normal(0, 1.2)
        x += rng.normal(0, 0.03, n) + motion_bursts(rng, n, rate, 3, 0.5)
        c.write_csv(f"{folder}/night{r:02}.csv", {"time_s": np.arange(n) / rate, "belt": x})
        c.write_events(f"{folder}/night{r:02}.events", starts)


def resp_apnea_starts(rng, folder):
    rate, seconds = 10, 1200
    n = rate * seconds
    t = np.arange(n) / rate
    for r in range(10):
        volume, _ = breaths(rng, seconds, rng.uniform(3, 4.5), 1, rate)
        flow = np.gradient(volume) * rate
        gain, truth = np.ones(n), []
        for i, start in enumerate(c.spaced(rng, 14, 30, seconds - 60, 60)):
            length, level = [(rng.uniform(13, 40), 0.03), (rng.uniform(15, 40), 0.45), (rng.uniform(3, 6), 0.03)][i % 3]
            gain[(t >= start) & (t < start + length)] = level
            if i % 3 == 0:
                truth.append(start * rate)
        flow *= gain * np.exp(0.25 * c.wander(rng, n, rate, 0.004))
        flow += rng.normal(0, 0.04, n) + 0.05 * c.wander(rng, n, rate, 0.02)
        flow[int(rng.uniform(0.3, 0.8) * n):] *= rng.uniform(0.6, 1.5)
        c.write_npz(f"{folder}/sleeper{r:02}.npz", flow=np.float32(flow))
        c.write_events(f"{folder}/sleeper{r:02}.csv", truth)


def resp_rate(rng, folder):
    rate, seconds, x_all, y = 20, 60, [], []
    n = rate * seconds
    for _ in range(160):
        x, starts = breaths(rng, seconds, 60 / rng.uniform(8, 30), 0.03, rate)
        x += rng.uniform(0.005, 0.012) * np.sin(2 * np.pi * rng.uniform(0.9, 1.8) * np.arange(n) / rate)
        x += 0.015 * c.wander(rng, n, rate, 0.05) + rng.normal(0, 0.006, n)
        x += motion_bursts(rng, n, rate, int(rng.integers(0, 3)), 0.08)
        x_all.append(x + rng.uniform(0.2, 0.9))
        y.append(60 * (len(starts) - 1) / ((starts[-1] - starts[0]) / rate))
    c.write_npy(f"{folder}/chest.npy", np.float32(x_all))
    c.write_text(f"{folder}/labels.txt", "".join(f"{v:.2f}\n" for v in y))


def eeg_spindles(rng, folder):
    rate, seconds = 100, 240
    n = rate * seconds
    t = np.arange(n) / rate
    for r in range(10):
        x = 14 * c.pink(rng, n) + rng.uniform(8, 16) * c.wander(rng, n, rate, 2) + rng.normal(0, 2, n)
        centres = c.spaced(rng, 20, 3, seconds - 3, 5)
        for s in centres:
            width, f = rng.uniform(0.2, 0.4), rng.uniform(12, 14.5)
            x += rng.uniform(16, 32) * c.bell(t, s, width) * np.sin(2 * np.pi * f * (t - s) + rng.uniform(0, 6))
        for s in rng.uniform(5, seconds - 5, 8):
            x += rng.uniform(15, 30) * c.bell(t, s, 0.4) * np.sin(2 * np.pi * rng.uniform(8, 9.5) * t)
        for s in rng.uniform(5, seconds - 5, 3):
            x += c.bell(t, s, 0.5) * rng.normal(0, 30, n)
        c.write_csv(f"{folder}/sleep{r:02}.csv", {"C3": x}, 2)
        c.write_events(f"{folder}/sleep{r:02}.events", centres * rate)


def eeg_eyes(rng, folder):
    """Eyes open and closed; the alpha rhythm differs between people and is almost absent in some."""
    rate, x_all, y, subject = 128, [], [], []
    t = np.arange(2 * rate) / rate
    for person in range(14):
        strength, alpha = rng.uniform(3, 11), rng.uniform(8.6, 11.6)
        gains = rng.uniform(0.7, 1.3, 4)
        for k in range(24):
            closed = k % 2
            share = np.array([0.25, 0.35, 0.9, 1.0]) * (1 if closed else rng.uniform(0.2, 0.55))
            rhythm = np.sin(2 * np.pi * alpha * t + rng.uniform(0, 6)) * np.exp(0.4 * c.wander(rng, t.size, rate, 1))
            x = np.stack([9 * c.pink(rng, t.size) + strength * s * rhythm for s in share], axis=1)
            if not closed and rng.random() < 0.5:
                x += np.outer(c.bell(t, rng.uniform(0.3, 1.7), 0.08), [90, 80, 8, 8])
            x_all.append((x + rng.normal(0, 2, x.shape)) * gains)
            y.append(closed)
            subject.append(person)
    c.write_mat(f"{folder}/eyes.mat", eeg=np.float32(x_all), closed=np.array(y), person=np.array(subject))


MAKERS = {"ppg-pulse-feet": ppg_pulse_feet, "ppg-heart-rate": ppg_heart_rate, "ppg-blood-oxygen": ppg_blood_oxygen,
          "ecg-heart-rate": ecg_heart_rate, "resp-breath-onsets": resp_breath_onsets,
          "resp-apnea-starts": resp_apnea_starts, "resp-rate": resp_rate, "eeg-spindles": eeg_spindles,
          "eeg-eyes": eeg_eyes}
