"""Worn motion sensors and GPS."""
import numpy as np

from . import common as c

G = 9.81


def stepping(rng, t, steps, strength):
    """Acceleration of a body that walks (vertical, forward, sideways), without gravity."""
    a = np.zeros((t.size, 3))
    asymmetry = rng.uniform(0.7, 1)
    for k, s in enumerate(steps):
        near = slice(*np.searchsorted(t, [s - 0.5, s + 0.5]))
        u = t[near] - s
        height = strength * rng.uniform(0.85, 1.15) * (asymmetry if k % 2 else 1)
        a[near, 0] += height * (c.bell(u, 0, 0.045) - 0.45 * c.bell(u, -0.2, 0.09) + 0.25 * c.bell(u, 0.12, 0.05))
        a[near, 1] += 0.4 * height * (c.bell(u, -0.06, 0.06) - c.bell(u, 0.1, 0.07))
        a[near, 2] += 0.3 * height * (1 if k % 2 else -1) * c.bell(u, 0.05, 0.12)
    return a


def bouts(rng, seconds, rest):
    """Walking bouts and the times of the steps in them."""
    steps, t = [], rng.uniform(1, 5)
    while t < seconds - 4:
        end = min(t + rng.uniform(12, 35), seconds - 2)
        period = rng.uniform(0.45, 0.72)
        while t < end:
            steps.append(t)
            t += period * (1 + rng.normal(0, 0.03))
        t += rng.uniform(*rest)
    return np.array(steps)


def imu_steps_pocket(rng, folder):
    rate, seconds = 50, 120
    t = np.arange(rate * seconds) / rate
    for r in range(10):
        steps = bouts(rng, seconds, (3, 9))
        a = stepping(rng, t, steps, rng.uniform(1.6, 4.5)) + rng.normal(0, 0.3, (t.size, 3))
        for s in rng.uniform(0, seconds - 2, 12):
            if np.min(np.abs(steps - s)) > 1:
                a += np.outer(c.bell(t, s, rng.uniform(0.06, 0.3)), rng.normal(0, 1.8, 3))
        a[:, 0] += G
        first, second = c.rotation(rng), c.rotation(rng, 0.5)
        turn = int(rng.uniform(0.3, 0.7) * t.size)
        a[:turn] = a[:turn] @ first.T
        a[turn:] = a[turn:] @ (second @ first).T
        c.write_csv(f"{folder}/walk{r:02}.csv", {"acc_x": a[:, 0], "acc_y": a[:, 1], "acc_z": a[:, 2]}, 3)
        c.write_events(f"{folder}/walk{r:02}.events", np.round(steps * rate))


def imu_falls(rng, folder):
    rate, seconds = 50, 300
    t = np.arange(rate * seconds) / rate
    for r in range(10):
        falls, posture = [], np.tile([0.0, 0.0, 1.0], (t.size, 1))
        a = np.zeros((t.size, 3))
        for i, s in enumerate(c.spaced(rng, 9, 15, seconds - 25, 24)):
            kind = (i + r) % 3
            if kind == 0:
                lying = np.array([np.cos(i + r), np.sin(i + r), rng.uniform(-0.1, 0.35)])
                stay = (t > s) & (t < s + rng.uniform(9, 16))
                posture[stay] = lying / np.linalg.norm(lying)
                posture[(t > s - rng.uniform(0.3, 0.5)) & (t < s)] *= 0.25
                a += np.outer(c.bell(t, s, 0.035), rng.normal(0, 0.6, 3) + [0, 0, rng.uniform(2.2, 4.5)])
                falls.append(s)
            elif kind == 1:
                posture[(t > s - 0.4) & (t < s)] *= 0.2
                a += np.outer(c.bell(t, s, 0.04), [0.2, 0.1, rng.uniform(1.8, 3.5)])
                a += stepping(rng, t, s + np.arange(1, 14) * 0.5, 0.5)[:, [1, 2, 0]]
            else:
                lean = (t > s) & (t < s + 8)
                posture[lean] = [0.3, 0.0, 0.954]
                a += np.outer(c.bell(t, s, 0.06), [0.1, 0.1, rng.uniform(0.8, 1.6)])
        quiet = np.min(np.abs(t[:, None] - np.array(falls)[None, :] - 6), axis=1) < 6 if falls else np.zeros(t.size, bool)
        for s in rng.uniform(0, seconds - 20, 6):
            steps = s + np.arange(16) * rng.uniform(0.5, 0.65)
            a += stepping(rng, t, steps, 0.4)[:, [1, 2, 0]] * ~quiet[:, None]
        a += posture + rng.normal(0, 0.02, (t.size, 3))
        c.write_npz(f"{folder}/belt{r:02}.npz", acc=np.float32(a @ c.rotation(rng, rng.uniform(0, 0.3)).T))
        c.write_events(f"{folder}/belt{r:02}.csv", np.round(np.array(falls) * rate))


def imu_cadence(rng, folder):
    rate, rows = 50, []
    t = np.arange(8 * rate) / rate
    for person in range(12):
        strength = rng.uniform(1.5, 5)
        for _ in range(12):
            period = 60 / rng.uniform(70, 140)
            steps = np.cumsum(period * (1 + rng.normal(0, 0.02, 30))) - rng.uniform(0, 1)
            a = stepping(rng, t, steps, strength) + rng.normal(0, 0.2, (t.size, 3))
            a += np.outer(np.sin(np.pi * t / period + rng.uniform(0, 6)), rng.normal(0, 1.2, 3))
            a[:, 0] += G
            inside = steps[(steps >= 0) & (steps <= 8)]
            rows.append({"person": f"p{person:02}", "acc": np.round(a @ c.rotation(rng).T, 2).tolist(),
                         "cadence": round(60 / float(np.mean(np.diff(inside))), 2)})
    c.write_jsonl(f"{folder}/walks.jsonl", rows)


def gait_heel_strikes(rng, folder):
    rate, seconds = 100, 60
    t = np.arange(rate * seconds) / rate
    for r in range(12):
        x, strikes, now = np.zeros(t.size), [], rng.uniform(0.5, 2)
        speed, dip = rng.uniform(0.5, 1.3), rng.uniform(0.3, 0.7)
        while now < seconds - 2:
            stride = rng.normal(1.1, 0.04) / speed ** 0.5
            if rng.random() < 0.06:
                now += rng.uniform(2, 5)
            if now >= seconds - 1:
                break
            near = slice(*np.searchsorted(t, [now - 1, now + 1.6]))
            u = (t[near] - now) / stride
            height = 230 * speed * rng.uniform(0.7, 1.15)
            x[near] += height * (1.4 * c.bell(u, -0.18, 0.075) - dip * c.bell(u, 0, 0.022))
            x[near] -= height * (rng.uniform(0.6, 0.9) * c.bell(u, 0.56, 0.05) + 0.25 * c.bell(u, 0.3, 0.12))
            strikes.append(now * rate)
            now += stride
        x += 18 * c.wander(rng, t.size, rate, 1) + rng.normal(0, 12, t.size) + rng.normal(0, 6)
        c.write_csv(f"{folder}/shank{r:02}.csv", {"gyr_ml": x}, 2)
        c.write_events(f"{folder}/shank{r:02}.events", np.round(strikes))


def drive(rng, seconds, top, pauses):
    """Speed (m/s) per second, with pauses at the given (start, length) in s."""
    speed = top * np.clip(1 + 0.25 * c.wander(rng, seconds, 1, 0.02), 0.35, 1.5)
    for start, length in pauses:
        speed[int(start):int(start + length)] = 0
        ramp = np.linspace(1, 0, 9)[1:]
        speed[int(start) - 8:int(start)] *= ramp
        end = int(start + length)
        speed[end:end + 8] *= ramp[::-1][:max(0, seconds - end)]
    heading = np.cumsum(rng.normal(0, 0.03, seconds)) + rng.uniform(0, 6)
    return np.cumsum(speed[:, None] * np.stack([np.cos(heading), np.sin(heading)], 1), axis=0)


def to_degrees(metres, lat, lon):
    return np.stack([lat + metres[:, 0] / 111_320, lon + metres[:, 1] / (111_320 * np.cos(np.radians(lat)))], 1)


def gps_stops(rng, folder):
    seconds = 2400
    for r in range(10):
        starts = c.spaced(rng, 7, 60, seconds - 420, 320)
        pauses = [(int(s), int(rng.uniform(150, 280) if i % 2 == r % 2 else rng.uniform(15, 75)))
                  for i, s in enumerate(starts)]
        track = drive(rng, seconds, rng.uniform(6, 14), pauses)
        track += 4 * np.stack([c.wander(rng, seconds, 1, 0.02) for _ in "xy"], 1) + rng.normal(0, 0.8, track.shape)
        for s in rng.integers(0, seconds - 5, 3):
            track[s:s + 3] += rng.normal(0, 60, 2)
        place = to_degrees(track, 48.1 + rng.normal(0, 0.05), 11.5 + rng.normal(0, 0.05))
        for s in rng.integers(0, seconds - 60, 2):
            place[s:s + rng.integers(5, 25)] = np.nan
        c.write_csv(f"{folder}/van{r:02}.csv", {"lat": place[:, 0], "lon": place[:, 1]}, 6)
        c.write_events(f"{folder}/van{r:02}.events", [s for s, length in pauses if length >= 120])


def gps_mode(rng, folder):
    tops = {"walk": (1.1, 1.7), "bicycle": (3, 6.5), "bus": (6, 11), "car": (7, 16)}
    tracks, y, subject = [], [], []
    for person in range(16):
        for i, (low, high) in enumerate(tops.values()):
            for _ in range(6):
                gap = {0: 200, 1: 160, 2: 65, 3: 110}[i]
                pauses, s = [], rng.uniform(10, gap)
                while s < 270:
                    length = rng.uniform(12, 25) if i == 2 else rng.uniform(3, 35)
                    pauses.append((max(9, int(s)), int(length)))
                    s += length + gap * rng.uniform(0.5, 1.5)
                track = drive(rng, 300, rng.uniform(low, high), pauses)[::5]
                track += rng.uniform(1, 5) * np.stack([c.wander(rng, 60, 0.2, 0.02) for _ in "xy"], 1)
                tracks.append(to_degrees(track + rng.normal(0, 1, track.shape), 51 + rng.normal(), 7 + rng.normal()))
                y.append(i)
                subject.append(person)
    c.write_npz(f"{folder}/trips.npz", track=np.round(tracks, 6), mode=np.array(y), person=np.array(subject),
                names=np.array(list(tops)))


MAKERS = {"imu-steps-pocket": imu_steps_pocket, "imu-falls": imu_falls, "imu-cadence": imu_cadence,
          "gait-heel-strikes": gait_heel_strikes, "gps-stops": gps_stops, "gps-mode": gps_mode}
