"""Real data whose published form needs a step that its user would take too: naming columns, marking what is missing,
cutting a series into histories. Nothing is made up here; the result stays on this machine."""
import csv
import json

import numpy as np

from . import common as c


def rows_of(path, **reader):
    with open(path, newline="", encoding="utf-8-sig") as file:
        return list(csv.reader(file, **reader))


def rssi_room(data, folder):
    rows = rows_of(f"{data}/wifi_rssi_localization/wifi_localization.txt", delimiter="\t")
    values = np.array(rows, float).T
    table = {f"ap{k + 1}": values[k] for k in range(7)} | {"room": values[7]}
    c.write_csv(f"{folder}/rooms.csv", table, 0)


def csi_activity(data, folder):
    with open(f"{data}/wiar/labels.json", encoding="utf-8") as file:
        names = json.load(file)
    names = list(names.values()) if isinstance(names, dict) else names
    c.write_npz(f"{folder}/activities.npz", csi=np.load(f"{data}/wiar/X.npy").transpose(0, 2, 1).astype(np.float16),
                activity=np.load(f"{data}/wiar/y.npy"), names=np.array(names))


def gas_calibration(data, folder):
    rows = rows_of(f"{data}/air_quality_uci/AirQuality.csv")
    header = rows[0]
    wanted = {"CO(GT)": "co_reference", "PT08.S1(CO)": "s1", "PT08.S2(NMHC)": "s2", "PT08.S3(NOx)": "s3",
              "PT08.S4(NO2)": "s4", "PT08.S5(O3)": "s5", "T": "temperature", "RH": "humidity"}
    table = {}
    for name, short in wanted.items():
        values = np.array([float(row[header.index(name)]) for row in rows[1:] if row])
        table[short] = np.where(values < -199, np.nan, values)
    c.write_csv(f"{folder}/station.csv", table, 3)


def histories(series, back, ahead, step):
    ends = np.arange(back, len(series) - ahead + 1, step)
    return np.stack([series[e - back:e] for e in ends]), ends + ahead - 1


def oil_temperature(data, folder):
    rows = rows_of(f"{data}/ett/ETTh1.csv")
    hour = np.array([row[0][11:13] for row in rows[1:] if row], float)
    series = np.array([row[1:] for row in rows[1:] if row], float)
    series = np.column_stack([hour, series])[:8760]
    x, at = histories(series, 24, 6, 2)
    c.write_npz(f"{folder}/transformer.npz", history=np.float32(x), oil_later=series[at, -1])


def carbon_ahead(data, folder):
    rows = rows_of(f"{data}/carbon_intensity/DK_2024_hourly.csv")
    series = np.array([[row[4], row[7]] for row in rows[1:] if row], float)
    hour = np.array([int(row[0].split()[1].split(":")[0]) for row in rows[1:] if row], float)
    x, at = histories(np.column_stack([series, hour]), 48, 6, 2)
    c.write_npz(f"{folder}/grid.npz", history=np.float32(x), intensity=series[at, 0])


def turbofan_life(data, folder):
    rows = np.loadtxt(f"{data}/cmapss_fd001_simulated/train_FD001.txt")
    x, y, unit = [], [], []
    for engine in np.unique(rows[:, 0]):
        run = rows[rows[:, 0] == engine][:, 5:]
        for end in range(30, len(run) + 1, 12):
            x.append(run[end - 30:end])
            y.append(min(len(run) - end, 125))
            unit.append(int(engine))
    c.write_npz(f"{folder}/engines.npz", cycles=np.float32(x), life=np.array(y, float), engine=np.array(unit))


MAKERS = {"rssi-room": rssi_room, "csi-activity": csi_activity, "gas-calibration": gas_calibration,
          "oil-temperature": oil_temperature, "carbon-ahead": carbon_ahead, "turbofan-life": turbofan_life}
