"""Rooms, soil, gas sensors and electrical power."""
import numpy as np

from . import common as c


def window_openings(rng, folder):
    """CO2, temperature and humidity of a classroom, each minute for two days."""
    n = 2880
    hour = np.arange(n) / 60 % 24
    for r in range(10):
        people = np.where((hour > 8) & (hour < 16), rng.uniform(12, 25), 0) * (0.8 + 0.2 * (np.sin(hour * 4) > 0))
        starts = np.concatenate([np.sort(c.spaced(rng, 6, 8.3 * 60, 18 * 60, 55)) + day * 1440 for day in (0, 1)])
        opened = np.zeros(n)
        for s in starts.astype(int):
            opened[s:s + int(rng.uniform(6, 25))] = rng.uniform(0.06, 0.16)
        outside = rng.uniform(2, 12) + 4 * np.sin((hour - 9) / 24 * 2 * np.pi)
        co2, heat, values = 450.0, 20.5, []
        for k in range(n):
            air = 0.006 + opened[k]
            co2 += people[k] * 0.75 - air * (co2 - 420)
            heat += 0.02 * (21 - heat) + people[k] * 0.002 - 0.25 * opened[k] * (heat - outside[k])
            values.append((co2, heat))
        co2, heat = np.array(values).T
        co2 = co2 + rng.normal(0, 8, n) + 15 * c.wander(rng, n, 1 / 60, 1e-4)
        co2[rng.integers(0, n, 4)] = np.nan
        table = {"minute": np.arange(n), "co2_ppm": np.round(co2), "temperature_c": heat + rng.normal(0, 0.05, n)}
        c.write_csv(f"{folder}/class{r:02}.csv", table, 2)
        c.write_events(f"{folder}/class{r:02}.events", starts)


def enose_gas(rng, folder):
    """Response of four drifting metal-oxide sensors over 40 s to a puff of one of four gases."""
    t, rows = np.arange(40.0), []
    gases = {"ethanol": [1.0, 0.6, 0.3, 0.8], "ammonia": [0.3, 0.9, 0.7, 0.2], "acetone": [0.8, 0.8, 0.25, 0.5],
             "toluene": [0.5, 0.3, 0.6, 0.9]}
    pace = {"ethanol": 6, "ammonia": 10, "acetone": 4, "toluene": 8}
    for session in range(10):
        drift = np.exp(rng.normal(0, 0.13, 4)) * (1 + 0.02 * session)
        base = rng.uniform(8, 14, 4)
        for name, gains in gases.items():
            for _ in range(9):
                strength, lag = rng.uniform(0.3, 1.5), rng.uniform(0, 2)
                tau = pace[name] * rng.uniform(0.75, 1.3)
                on, off = np.clip(t - 5 - lag, 0, None), np.clip(t - 25 - lag, 0, None)
                shape = (1 - np.exp(-on / tau)) - (t > 25 + lag) * (1 - np.exp(-off / (2 * tau)))
                x = base * np.exp(-np.outer(shape, np.array(gains) * drift * strength ** 0.7))
                x *= 1 + rng.normal(0, 0.01, x.shape) + 0.02 * rng.standard_normal(4)
                rows.append({"session": f"s{session}", "resistance": np.round(x, 3).tolist(), "gas": name})
    c.write_jsonl(f"{folder}/puffs.jsonl", rows)


def soil_moisture(rng, folder):
    """Capacitance counts depend on water, on the soil's temperature and on its salinity; every probe differs a bit."""
    names = ("counts", "temperature_c", "conductivity", "battery_v", "probe", "moisture_pct")
    table = {name: [] for name in names}
    for probe in range(12):
        gain, offset = 1 + rng.normal(0, 0.02), rng.normal(0, 8)
        for _ in range(80):
            water, heat, salt = rng.uniform(4, 42), rng.normal(15, 7), rng.gamma(3, 0.25)
            counts = gain * (900 + 260 * np.sqrt(water) - 4 * water) + offset + 2.2 * (heat - 20) + 90 * salt
            bulk = salt * (0.1 + water / 40) * (1 + 0.02 * (heat - 25))
            row = (counts + rng.normal(0, 8), heat + rng.normal(0, 0.3), bulk + rng.normal(0, 0.02),
                   3.6 - rng.gamma(1, 0.1), f"p{probe:02}", water)
            if rng.random() < 0.02:
                row = row[:2] + (np.nan,) + row[3:]
            for name, value in zip(names, row):
                table[name].append(value)
    c.write_arff(f"{folder}/probes.arff", "soil_probes", table, 3)


def fridge_starts(rng, folder):
    """Power of a flat each 10 s for a day: a refrigerator among other loads."""
    n = 8640
    k = np.arange(n)
    for r in range(10):
        level, x, starts, at = rng.uniform(70, 130), np.full(n, rng.uniform(40, 90)), [], rng.integers(10, 200)
        while at < n - 120:
            on, off = int(rng.uniform(70, 130)), int(rng.uniform(140, 260))
            x[at:at + on] += level * (1 + 0.12 * np.exp(-np.arange(min(on, n - at)) / 12))
            x[at] += rng.uniform(100, 500)
            starts.append(at)
            at += on + off
        busy = np.clip(np.sin((k / n * 24 - 13) / 24 * 2 * np.pi), 0, 1) + 0.15
        for watts, low, high, count in ((2000, 10, 20, 5), (1200, 3, 30, 6), (60, 100, 900, 6), (900, 6, 12, 4)):
            for s in rng.choice(n - 1000, count, p=busy[:n - 1000] / busy[:n - 1000].sum()):
                x[s:s + int(rng.uniform(low, high))] += watts * rng.uniform(0.8, 1.2)
        wash = int(rng.uniform(3000, 6500))
        x[wash:wash + 100] += 1900 * (rng.random(100) < 0.8)
        x[wash + 100:wash + 500] += 120 + 80 * np.sign(np.sin(np.arange(400) / 3))
        x += rng.normal(0, 3, n) + 6 * c.wander(rng, n, 0.1, 0.0005)
        c.write_csv(f"{folder}/flat{r:02}.csv", {"power_w": x}, 1)
        c.write_events(f"{folder}/flat{r:02}.events", starts)


MAKERS = {"window-openings": window_openings, "enose-gas": enose_gas, "soil-moisture": soil_moisture,
          "fridge-starts": fridge_starts}
