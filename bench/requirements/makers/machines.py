"""Vibration and sound."""
import numpy as np
from scipy import signal

from . import common as c


def ring(t, start, frequency, damping):
    u = np.clip(t - start, 0, None)
    return (t >= start) * np.exp(-damping * u) * np.sin(2 * np.pi * frequency * u)


def vib_impacts(rng, folder):
    rate, seconds = 2000, 20
    t = np.arange(rate * seconds) / rate
    for r in range(9):
        speed = rng.uniform(22, 27) * (1 + 0.02 * c.wander(rng, t.size, rate, 0.2))
        phase = 2 * np.pi * np.cumsum(speed) / rate
        x = sum(rng.uniform(0.1, 0.5) * np.sin(k * phase + rng.uniform(0, 6)) for k in (1, 2, 3, 7))
        x += rng.normal(0, 0.15, t.size) * (1 + 0.5 * np.abs(c.wander(rng, t.size, rate, 0.1)))
        hits = c.spaced(rng, 22, 0.3, seconds - 0.5, 0.25)
        for s in hits:
            x += rng.uniform(1.2, 4) * ring(t, s, rng.uniform(330, 420), rng.uniform(40, 90))
        for s in rng.uniform(1, seconds - 1, 3):
            x += 1.2 * c.bell(t, s, 0.08) * np.sin(2 * np.pi * 45 * t)
        c.write_npy(f"{folder}/belt{r:02}.npy", np.float32(x))
        c.write_events(f"{folder}/belt{r:02}.csv", np.round(hits * rate))


def vib_shaft_speed(rng, folder):
    """The label is in the name: shaft frequency in hundredths of a hertz."""
    rate, seconds = 2000, 2
    t = np.arange(rate * seconds) / rate
    for k in range(140):
        f = rng.uniform(9, 60)
        sizes = rng.uniform(0.3, 1, 4) * np.array([rng.uniform(0.5, 1), 0.9, 0.4, 0.3])
        x = sum(a * np.sin(2 * np.pi * m * f * t + rng.uniform(0, 6)) for m, a in enumerate(sizes, 1))
        x += 0.4 * np.sin(2 * np.pi * rng.uniform(150, 600) * t) + rng.uniform(0.2, 0.5) * np.sin(2 * np.pi * 100 * t)
        x += 0.6 * c.pink(rng, t.size) + rng.normal(0, 0.3, t.size)
        c.write_wav(f"{folder}/{f:.2f}_{k:03}.wav", rate, 0.15 * x)


def fan_fault(rng, folder):
    """Three-axis acceleration of fans: in balance, unbalanced, misaligned, loose; every fan has its own mounting."""
    rate, x_all, y, machine = 1000, [], [], []
    t = np.arange(rate) / rate
    names = ["balanced", "unbalanced", "misaligned", "loose"]
    for fan in range(15):
        gain, base, mix = rng.uniform(0.6, 1.6), rng.uniform(18, 30), c.rotation(rng, rng.uniform(0, 0.25))
        for k in range(24):
            kind, f = k % 4, base * rng.uniform(0.8, 1.1)

            def order(m, size):
                return size * np.sin(2 * np.pi * m * f * t + rng.uniform(0, 6))

            radial = order(1, rng.uniform(0.2, 0.5)) + order(2, 0.12) + order(7, 0.2)
            axial = order(1, 0.1) + order(2, 0.08)
            size = rng.uniform(0.3, 1.1)
            if kind == 1:
                radial += order(1, 1.1 * size)
            elif kind == 2:
                radial += order(2, 0.7 * size)
                axial += order(1, 0.4 * size) + order(2, 0.6 * size)
            elif kind == 3:
                radial += order(0.5, 0.45 * size) + sum(order(m, 0.35 * size / m ** 0.5) for m in (1.5, 2.5, 3, 4, 5))
            other = np.roll(radial, int(rate / f / 4)) * 0.8
            x = np.stack([radial, other, axial], 1) @ mix.T * gain
            x_all.append(x + rng.normal(0, 0.25, x.shape))
            y.append(kind)
            machine.append(fan)
    c.write_npz(f"{folder}/fans.npz", acc=np.round(np.float32(x_all), 3).astype(np.float16), state=np.array(y), fan=np.array(machine),
                names=np.array(names))


def pump_sound(rng, folder):
    """Sound of pumps in a noisy hall, one folder for each state."""
    rate = 8000
    t = np.arange(int(0.5 * rate)) / rate
    for name in ("normal", "cavitation", "bearing", "blocked"):
        for k in range(70):
            f = rng.uniform(44, 50)
            x = sum(rng.uniform(0.3, 1) / m * np.sin(2 * np.pi * m * f * t + rng.uniform(0, 6)) for m in range(1, 7))
            x = x + 0.7 * c.pink(rng, t.size)
            size = rng.uniform(0.25, 1)
            if name == "cavitation":
                b, a = signal.butter(2, [1500, 3500], "band", fs=rate)
                bursts = np.convolve((rng.random(t.size) < 0.01) * rng.uniform(1, 4, t.size), np.exp(-np.arange(60) / 15))
                x += size * signal.lfilter(b, a, rng.standard_normal(t.size)) * bursts[:t.size]
            elif name == "bearing":
                for s in np.arange(0, 0.5, 1 / rng.uniform(140, 170)):
                    x += 0.8 * size * ring(t, s, 2600, 700)
            elif name == "blocked":
                x *= 0.6
                x += size * 0.8 * np.sin(2 * np.pi * rng.uniform(270, 330) * t) * (1 + 0.5 * np.sin(2 * np.pi * 9 * t))
            x *= rng.uniform(0.5, 1.5)
            x += rng.uniform(0.1, 0.5) * rng.standard_normal(t.size)
            c.write_wav(f"{folder}/{name}/{name[0]}{k:02}.wav", rate, 0.09 * x)


def door_knocks(rng, folder):
    rate, seconds = 8000, 15
    t = np.arange(rate * seconds) / rate
    for r in range(10):
        x = 0.012 * c.pink(rng, t.size) + 0.004 * rng.standard_normal(t.size)
        for s in c.spaced(rng, 4, 0, seconds - 2, 2):
            length = rng.uniform(0.8, 1.6)
            on = (t > s) & (t < s + length)
            voice = sum(np.sin(2 * np.pi * m * (120 + 30 * np.sin(3 * t)) * t) / m for m in range(1, 9))
            syllables = np.clip(np.sin(2 * np.pi * rng.uniform(3, 5) * (t - s)), 0, 1)
            x += on * 0.06 * voice * syllables
        knocks = []
        for s in c.spaced(rng, 4, 0.5, seconds - 2, 2.5):
            gap = rng.uniform(0.18, 0.35)
            for k in range(rng.integers(2, 5)):
                at = s + k * gap + rng.normal(0, 0.01)
                x += rng.uniform(0.15, 0.5) * (ring(t, at, rng.uniform(140, 220), 45) + 0.6 * ring(t, at, 900, 150))
                knocks.append(at)
        c.write_wav(f"{folder}/hall{r:02}.wav", rate, x)
        c.write_events(f"{folder}/hall{r:02}.csv", np.round(np.array(knocks) * rate))


def gait_freezing(rng, folder):
    """Ankle acceleration of patients; in a freeze the leg trembles at 4 to 7 Hz and does not get ahead."""
    rate, seconds = 40, 180
    t = np.arange(rate * seconds) / rate
    for r in range(12):
        frozen = np.zeros(t.size, int)
        for s in c.spaced(rng, 7, 8, seconds - 14, 14):
            frozen[(t >= s) & (t < s + rng.uniform(4, 11))] = 1
        standing = np.zeros(t.size, bool)
        for s in rng.uniform(0, seconds - 12, 3):
            standing |= (t >= s) & (t < s + rng.uniform(5, 12)) & (frozen == 0)
        stride = 2 * np.pi * np.cumsum(rng.uniform(0.75, 1.05) * (1 + 0.08 * c.wander(rng, t.size, rate, 0.2))) / rate
        tremble = 2 * np.pi * np.cumsum(rng.uniform(4.2, 6.5) * (1 + 0.12 * c.wander(rng, t.size, rate, 0.5))) / rate
        walk = (frozen == 0) & ~standing
        size = rng.uniform(250, 600)
        x = np.zeros((t.size, 3))
        for axis, share in enumerate(rng.uniform(0.5, 1, 3)):
            gait = sum(np.sin(m * stride + rng.uniform(0, 6)) / m for m in range(1, 5))
            shake = np.sin(tremble + rng.uniform(0, 6)) * np.exp(0.4 * c.wander(rng, t.size, rate, 0.5))
            x[:, axis] = share * size * (walk * gait + frozen * rng.uniform(0.25, 0.6) * shake)
        x += [100, 970, 150] + rng.normal(0, 60, x.shape)
        table = {f"ankle_{name}": x[:, axis] for axis, name in enumerate(("forward", "up", "side"))}
        c.write_csv(f"{folder}/patient{r:02}.csv", table | {"freeze": frozen}, 0)


MAKERS = {"vib-impacts": vib_impacts, "vib-shaft-speed": vib_shaft_speed, "fan-fault": fan_fault,
          "pump-sound": pump_sound, "door-knocks": door_knocks, "gait-freezing": gait_freezing}
