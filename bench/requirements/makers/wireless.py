"""WiFi channel state, signal strength and radar."""
import numpy as np

from . import common as c


def csi_motion_onsets(rng, folder):
    rate, seconds, carriers = 20, 120, 30
    n = rate * seconds
    t = np.arange(n) / rate
    k = np.arange(carriers)
    for r in range(8):
        static = 14 + 5 * np.sin(k / rng.uniform(3, 6) + rng.uniform(0, 6)) + rng.normal(0, 1, carriers)
        x = np.tile(static, (n, 1))
        starts = c.spaced(rng, 7, 6, seconds - 10, 13)
        for s in starts:
            length = rng.uniform(3, 7)
            on = np.clip((t - s) / 0.4, 0, 1) * np.clip((s + length - t) / 0.4, 0, 1)
            path = np.cumsum(rng.uniform(6, 12) * (1 + 0.3 * c.wander(rng, n, rate, 0.5))) / rate
            for delay in (0.15, 0.28):
                x += (on * rng.uniform(0.6, 1.8))[:, None] * np.cos(path[:, None] + delay * k + rng.uniform(0, 6))
        gain = 1 + 0.02 * c.wander(rng, n, rate, 0.02)
        for s in rng.integers(0, n, 5):
            gain[s:] *= rng.choice([0.94, 1.06])
        x = x * gain[:, None] + rng.normal(0, 0.35, x.shape)
        x[rng.integers(0, n, 10)] *= rng.uniform(1.3, 1.8, (10, 1))
        c.write_npy(f"{folder}/room{r:02}.npy", np.float32(np.round(x, 2)))
        c.write_events(f"{folder}/room{r:02}.csv", np.round(starts * rate))


def rssi_link_crossings(rng, folder):
    rate, seconds = 10, 600
    n = rate * seconds
    t = np.arange(n) / rate
    for r in range(10):
        x = -58 + 1.5 * c.wander(rng, n, rate, 0.01) + rng.normal(0, rng.uniform(0.8, 1.4), n)
        passes = c.spaced(rng, 24, 5, seconds - 5, 8)
        for s in passes:
            x -= rng.uniform(6, 13) * c.bell(t, s, rng.uniform(0.25, 0.5))
        for s in rng.uniform(0, seconds - 20, 3):
            x[(t > s) & (t < s + rng.uniform(8, 20))] -= rng.uniform(2, 3.5)
        x[rng.random(n) < 0.01] -= rng.uniform(5, 15)
        x[rng.random(n) < 0.02] = np.nan
        c.write_csv(f"{folder}/corridor{r:02}.csv", {"time_s": t, "rssi": np.round(x)}, 1)
        c.write_events(f"{folder}/corridor{r:02}.events", np.round(passes * rate))


def rssi_position(rng, folder):
    """A corridor of 30 m, six anchors; the tag is worn by different people on different days."""
    anchors = np.array([[0, 0], [6, 3], [12, 0], [18, 3], [24, 0], [30, 3.0]])
    columns = {f"rssi_{k}": [] for k in range(1, 7)} | {"wearer": [], "position_m": []}
    shadow = [3 * np.convolve(rng.standard_normal(361), np.hanning(40), "same")[30:331] / 3.9 for _ in anchors]
    for wearer in range(10):
        offset = rng.normal(0, 2)
        for _ in range(90):
            place = rng.uniform(0, 30)
            facing = rng.choice([-1, 1])
            for k, anchor in enumerate(anchors):
                away = np.hypot(place - anchor[0], 1.5 - anchor[1])
                body = 6 if facing * (anchor[0] - place) < 0 else 0
                level = -42 - 22 * np.log10(max(away, 0.5)) - body + offset + shadow[k][int(place * 10)]
                level += rng.normal(0, 2)
                columns[f"rssi_{k + 1}"].append(np.nan if level < -84 or rng.random() < 0.02 else round(level))
            columns["wearer"].append(f"w{wearer}")
            columns["position_m"].append(place)
    c.write_csv(f"{folder}/corridor.csv", columns, 2)


def radar_passes(rng, folder):
    rate, seconds = 1000, 40
    n = rate * seconds
    t = np.arange(n) / rate
    for r in range(8):
        z = 0.08 * (rng.standard_normal(n) + 1j * rng.standard_normal(n)) + rng.normal(0, 0.3) + 0.2j
        nearest = c.spaced(rng, 7, 2.5, seconds - 2.5, 3.2)
        for s in nearest:
            speed, aside = rng.uniform(6, 17) * rng.choice([-1, 1]), rng.uniform(3, 6)
            away = np.hypot(speed * (t - s), aside)
            z += rng.uniform(0.3, 1) * (aside / away) ** 3 * np.exp(4j * np.pi * away / 0.0125 * 0.1 + 1j * rng.uniform(0, 6))
        for s in rng.uniform(1, seconds - 1, 3):
            away = np.hypot(1.3 * (t - s), 2.5)
            z += 0.25 * (2.5 / away) ** 3 * np.exp(4j * np.pi * away / 0.0125 * 0.1)
        z += 0.04 * np.exp(2j * np.pi * 50 * t)
        c.write_npz(f"{folder}/road{r:02}.npz", i=np.float32(z.real), q=np.float32(z.imag))
        c.write_events(f"{folder}/road{r:02}.csv", np.round(nearest * rate))


def radar_level(rng, folder):
    """Beat signal of one sweep over 1 GHz, 256 samples: distance = bin * 0.15 m; echoes of a ladder and of the lid."""
    n, x_all, y = 256, [], []
    k = np.arange(n)
    for _ in range(220):
        distance = rng.uniform(1.2, 14)

        def echo(metres, size):
            return size * np.cos(2 * np.pi * metres / 0.15 * k / n + rng.uniform(0, 6))

        x = echo(distance, rng.uniform(0.5, 1)) + echo(0.3, rng.uniform(0.4, 0.8)) + rng.normal(0, 0.25, n)
        for _ in range(rng.integers(0, 3)):
            x += echo(rng.uniform(1, 15), rng.uniform(0.05, 0.3))
        x += rng.uniform(-1, 1) * (k / n - 0.5) + rng.uniform(-0.5, 0.5)
        x_all.append(x)
        y.append(distance)
    c.write_npz(f"{folder}/tank.npz", sweep=np.float32(x_all), distance_m=np.round(y, 3))


MAKERS = {"csi-motion-onsets": csi_motion_onsets, "rssi-link-crossings": rssi_link_crossings,
          "rssi-position": rssi_position, "radar-passes": radar_passes, "radar-level": radar_level}
