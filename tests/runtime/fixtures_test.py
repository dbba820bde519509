"""Tests of runtime/fixture*.py: the truth of each synthetic signal holds by independent means, the kind is chosen by the
requirement's words, and the values have the declared shapes.   Usage: fixtures_test.py ROOT."""
import binascii
import importlib.util
import os
import sys
import unittest

ROOT = sys.argv.pop(1)
sys.path.insert(0, os.path.join(ROOT, "runtime"))
sys.path.insert(0, os.path.join(ROOT, "bench", "requirements"))

HAVE_NUMPY = importlib.util.find_spec("numpy") and importlib.util.find_spec("scipy")
if HAVE_NUMPY:
    import numpy as np
    from fixture_inputs import Inputs, make_inputs
    from fixture_records import asked_events, make_records
    from fixtures import MODALITIES, choose, make
    from scipy import signal as dsp
from loading import read_list, read_requirement  # noqa: E402

SEEDS = range(4)


def made(kind, rate_hz, n, seed=1):
    return make(kind, np.random.default_rng(seed), rate_hz, n)


def matched(truth, found, tolerance):
    """Share of truth with something found near it, and of what was found with truth near it."""
    truth, found = np.asarray(truth), np.asarray(found)
    distance = np.abs(truth[:, None] - found[None, :])
    return (distance.min(axis=1) <= tolerance).mean(), (distance.min(axis=0) <= tolerance).mean()


@unittest.skipUnless(HAVE_NUMPY, "no numpy and scipy in this Python")
class Truth(unittest.TestCase):
    def each(self, kind, rate_hz, n):
        for seed in SEEDS:
            one = made(kind, rate_hz, n, seed)
            yield one["signal"], one["truth"]

    def assert_events(self, truth, found, tolerance, share=0.95):
        recall, precision = matched(truth, found, tolerance)
        self.assertGreaterEqual(recall, share)
        self.assertGreaterEqual(precision, share)

    def test_r_peaks_are_the_high_narrow_tops(self):
        for x, truth in self.each("ecg", 250, 7500):
            found, _ = dsp.find_peaks(dsp.sosfiltfilt(dsp.butter(2, [5, 40], "band", fs=250, output="sos"), x), 0.4,
                                      distance=75)
            self.assert_events(truth["r_peaks"], found, 2)
            self.assertAlmostEqual(truth["heart_rate_bpm"], 60 * 250 / np.diff(found).mean(), delta=2)

    def test_pulses_rise_from_their_feet_to_their_tops(self):
        for x, truth in self.each("ppg", 100, 3000):
            found, _ = dsp.find_peaks(x, prominence=150)
            self.assert_events(truth["pulse_peaks"], found, 3)
            steepest, _ = dsp.find_peaks(np.gradient(x), 15, distance=40)
            for foot in truth["pulse_feet"][:-1]:
                after = steepest[steepest >= foot][0]
                self.assertTrue(0 < after - foot <= 18, (foot, after))
            self.assertGreater(x.min(), 0)

    def test_breaths_begin_at_the_lows(self):
        for x, truth in self.each("respiration", 25, 3000):
            low = dsp.sosfiltfilt(dsp.butter(2, 2, fs=25, output="sos"), x)
            found, _ = dsp.find_peaks(-low, prominence=0.5)
            inner = truth["breath_onsets"][1:-1]
            self.assertEqual(matched(inner, found, 12)[0], 1.0)
            frequency, power = dsp.periodogram(x, 25)
            strongest = frequency[(frequency > 0.1) & (frequency < 1)][power[(frequency > 0.1) & (frequency < 1)].argmax()]
            self.assertAlmostEqual(truth["breath_rate_per_min"] / 60, strongest, delta=0.05)

    def test_steps_are_the_tops_of_acceleration_while_walking(self):
        for x, truth in self.each("imu", 50, 3000):
            size = np.linalg.norm(x[:, :3], axis=1)
            found, _ = dsp.find_peaks(size, 1.3, distance=15)
            self.assert_events(truth["steps"], found, 2)
            self.assertTrue(truth["walking"][truth["steps"]].all())
            self.assertLess(size[~truth["walking"]].std(), 0.05)

    def test_heel_strikes_are_the_knocks_and_swings_lie_between(self):
        for x, truth in self.each("gait", 100, 3000):
            found, _ = dsp.find_peaks(x[:, 2], 20, distance=40)
            self.assert_events(truth["heel_strikes"], found, 2)
            swings, _ = dsp.find_peaks(x[:, 4], 200, distance=40)
            between = np.diff(np.searchsorted(swings, truth["heel_strikes"]))
            self.assertTrue((between == 1).all())

    def test_channel_state_changes_while_somebody_moves(self):
        for x, truth in self.each("csi", 30, 3000):
            self.assertEqual((x.shape, x.min() >= 0), ((3000, 30), True))
            change = np.abs(np.diff(x, axis=0)).mean(axis=1)
            motion = truth["motion"][1:]
            self.assertGreater(np.median(change[motion]), 2 * np.median(change[~motion]))
            self.assertTrue((np.flatnonzero(np.diff(truth["motion"].astype(int)) == 1) + 1 == truth["motion_onsets"]
                             [truth["motion_onsets"] > 0]).all())

    def test_crossings_weaken_the_link(self):
        for x, truth in self.each("rssi", 10, 3000):
            self.assertTrue((x == np.round(x)).all() and x.max() < 0)
            self.assertAlmostEqual(np.median(x), truth["level_dbm"], delta=2)
            self.assertTrue((x[truth["crossings"]] < truth["level_dbm"] - 8).all())
            low = np.flatnonzero(x < truth["level_dbm"] - 8)
            self.assertEqual(matched(low, truth["crossings"], 8)[0], 1.0)

    def test_sounds_begin_at_their_onsets_at_their_pitch(self):
        for x, truth in self.each("audio", 8000, 8000):
            self.assertLessEqual(np.abs(x).max(), 1)
            for onset in truth["onsets"][truth["onsets"] > 200]:
                self.assertGreater(np.abs(x[onset:onset + 80]).max(), 3 * np.abs(x[onset - 80:onset - 1]).max())
            piece = x[truth["onsets"][0]:][:1000]
            again = np.correlate(piece, piece, "full")[piece.size - 1:]
            lag = 30 + int(np.argmax(again[30:80]))
            self.assertAlmostEqual(8000 / lag, truth["pitch_hz"], delta=0.03 * truth["pitch_hz"])

    def test_echoes_come_back_after_their_distance(self):
        for kind, rate_hz in (("ultrasound", 100_000), ("radar", 1e9)):
            for x, truth in self.each(kind, rate_hz, 3000):
                envelope = np.abs(dsp.hilbert(np.pad(x, 500)))[500:-500]
                found, _ = dsp.find_peaks(np.convolve(envelope, np.ones(15) / 15, "same"), 0.1, distance=60)
                self.assert_events(truth["echoes"], found[found > 120], 8)
                self.assertTrue(np.allclose(truth["distances_m"] * 2 / truth["speed_m_s"] * rate_hz, truth["echoes"]))

    def test_impacts_ring_at_the_resonance(self):
        for x, truth in self.each("vibration", 12000, 12000):
            energy = np.convolve(dsp.sosfiltfilt(dsp.butter(2, 1000, "high", fs=12000, output="sos"), x) ** 2, np.ones(9))
            found, _ = dsp.find_peaks(energy, 0.5, distance=60)
            self.assert_events(truth["impacts"], found, 12)
            frequency, power = dsp.periodogram(x, 12000)
            self.assertAlmostEqual(frequency[1:100][power[1:100].argmax()], truth["shaft_hz"], delta=1)
            self.assertAlmostEqual(frequency[1000:][power[1000:].argmax()], truth["resonance_hz"], delta=400)

    def test_people_change_the_climate(self):
        for x, truth in self.each("environment", 1 / 60, 3000):
            self.assertEqual(truth["quantities"][2], "co2_ppm")
            there = truth["occupied"]
            for arrival in truth["arrivals"]:
                stay = there[arrival:arrival + 60].sum()
                if stay >= 60 and arrival > 60:
                    self.assertGreater(x[arrival + 50:arrival + 60, 2].mean(), x[arrival - 10:arrival, 2].mean() + 50)
            self.assertTrue((x[:, 1:] >= 0).all())
            self.assertGreater(x[there, 4].mean(), x[~there, 4].mean() + 100)

    def test_power_steps_up_at_the_starts(self):
        for x, truth in self.each("energy", 1, 3000):
            self.assertGreaterEqual(x.min(), 0)
            on = truth["on"]
            self.assertAlmostEqual(np.median(x[on]) - np.median(x[~on]), truth["appliance_w"], delta=40)
            rises = np.flatnonzero(np.diff(x) > 0.5 * truth["appliance_w"]) + 1
            self.assertEqual(rises.tolist(), truth["starts"].tolist())

    def test_frames_have_valid_checksums_and_the_damaged_have_not(self):
        for x, truth in self.each("frames", 1000, 3000):
            self.assertEqual(x.dtype, np.uint8)
            data, sound, damaged, at = x.tobytes(), [], [], 0
            while (at := data.find(b"\xaa\x55", at)) >= 0 and at + 5 <= len(data):
                end = at + 5 + data[at + 2]
                if end <= len(data):
                    good = binascii.crc_hqx(data[at + 2:end - 2], 0xFFFF) == int.from_bytes(data[end - 2:end], "big")
                    (sound if good else damaged).append(at)
                at = max(at + 1, end)
            self.assertEqual(sound, truth["frame_starts"].tolist())
            self.assertTrue(set(truth["damaged_starts"][:-1].tolist()) <= set(damaged))
            self.assertEqual([bytes(f) for f in truth["sound"]], [data[s:s + len(f)] for s, f in zip(sound, truth["sound"])])

    def test_any_length_and_rate_gives_something_whole(self):
        for kind, row in MODALITIES.items():
            for rate_hz in (max(0.001, row.rates_hz[0]), row.usual_hz, row.rates_hz[1]):
                for n in (1, 2, 7, 24, 250, 3000):
                    with self.subTest(kind=kind, rate_hz=rate_hz, n=n):
                        one = made(kind, rate_hz, n)
                        self.assertEqual(len(one["signal"]), n)
                        self.assertTrue(np.isfinite(one["signal"]).all())
                        events = one["truth"][row.events]
                        self.assertTrue(((events >= 0) & (events < n)).all() and (np.diff(events) > 0).all())

    def test_the_same_seed_gives_the_same_signal(self):
        for kind, row in MODALITIES.items():
            self.assertTrue(np.array_equal(made(kind, row.usual_hz, 500)["signal"], made(kind, row.usual_hz, 500)["signal"]))


def requirements():
    """(id, kind of the list, about) of the tuning list and of the examples; the final list is for no tuning."""
    folder = os.path.join(ROOT, "bench", "requirements")
    rows = [(e["id"], e["modality"], os.path.join(folder, e["id"])) for e in read_list(folder)["requirements"]
            if e["part"] == "tuning"]
    examples = os.path.join(ROOT, "examples")
    rows += [(name, "", os.path.join(examples, name)) for name in sorted(os.listdir(examples))
             if os.path.isfile(os.path.join(examples, name, "requirement.md"))]
    for name, modality, path in rows:
        facts, statement = read_requirement(os.path.join(path, "requirement.md"))
        yield name, modality, {"title": facts["title"], "statement": statement, "inputs": facts["data"]["inputs"],
                               "rate_hz": facts["data"].get("rate_hz", 0)}


def variable(name, shape, dtype="float64", unit="", description=""):
    return {"name": name, "type": "numpy.ndarray", "dtype": dtype, "shape": shape, "unit": unit, "description": description}


@unittest.skipUnless(HAVE_NUMPY, "no numpy and scipy in this Python")
class Choice(unittest.TestCase):
    KINDS = {"ECG": "ecg", "PPG": "ppg", "respiration": "respiration", "IMU / activity": "imu", "gait": "gait",
             "WiFi CSI": "csi", "RSSI": "rssi", "audio": "audio", "radar": "radar", "vibration": "vibration",
             "energy": "energy", "environment": "environment", "protocol frames": "frames", "EEG": None, "GPS": None,
             "machine condition": None}
    # A belt that measures acceleration; a transformer's oil, of which the words speak of temperature most.
    OTHERS = {"resp-rate": "imu", "oil-temperature": "environment"}
    EXAMPLES = {"heartbeat-detection": "ecg", "activity-recognition": "imu", "occupancy": "environment",
                "gas-calibration": "environment", "keyword-spotting": "audio", "csi-activity": "csi",
                "multimodal-activity": "imu", "bearing-faults": "vibration"}

    def test_the_words_of_a_requirement_choose_its_kind(self):
        for name, modality, about in requirements():
            expected = self.OTHERS.get(name, self.KINDS[modality] if modality else self.EXAMPLES[name])
            self.assertEqual(Inputs(about, np.random.default_rng(1)).modality, expected, name)

    def test_what_is_looked_for_does_not_name_the_sensor(self):
        about = {"title": "Find the pulse peaks in this finger PPG; the heart beats 40", "inputs": [variable("signal", "(n,)")],
                 "statement": "Find the pulse peaks in this finger PPG; the heart beats 40 to 120 times a minute", "rate_hz": 75}
        self.assertEqual(Inputs(about, np.random.default_rng(1)).modality, "ppg")
        about["title"] = about["statement"] = "Find every heartbeat"
        self.assertEqual(Inputs(about, np.random.default_rng(1)).modality, "ecg")

    def test_values_have_the_declared_shapes(self):
        for name, _, about in requirements():
            for given, value in zip(about["inputs"], make_inputs(about["inputs"], about, np.random.default_rng(1))):
                sizes = [p.strip() for p in given.get("shape", "").strip("()").split(",") if p.strip()]
                if sizes:
                    self.assertEqual(value.dtype, given["dtype"], name)
                    self.assertEqual(len(sizes), value.ndim, name)
                    for size, real in zip(sizes, value.shape):
                        self.assertEqual(real, int(size) if size.isdigit() else 3000, name)

    def test_a_unit_alone_and_an_impossible_rate_choose_nothing(self):
        self.assertIsNone(choose(variable("x", "(n_samples,)", unit="mV"), {}))
        self.assertEqual(choose(variable("ecg", "(n_samples,)", unit="mV"), {}), "ecg")
        self.assertIsNone(choose(variable("ecg", "(n_samples,)", unit="mV"), {"rate_hz": 1}))

    def test_the_title_speaks_for_the_first_input_alone(self):
        about = {"title": "Steps from an accelerometer", "inputs": [variable("x", "(n_samples, 3)", unit="g"),
                                                                    variable("place", "(n_samples, 2)", unit="m")]}
        self.assertEqual(Inputs(about, np.random.default_rng(1)).modality_of, {"x": "imu", "place": None})


@unittest.skipUnless(HAVE_NUMPY, "no numpy and scipy in this Python")
class Fit(unittest.TestCase):
    ECG = {"title": "Heartbeats", "rate_hz": 360, "inputs": [variable("ecg", "(n_samples,)", unit="mV")]}

    def values(self, about, *variables):
        return make_inputs(list(variables), about, np.random.default_rng(1))

    def test_time_is_the_named_or_the_longer_axis(self):
        about = {"title": "Activity from channel state", "rate_hz": 30}
        for shape in ("(90, 250)", "(250, 90)"):
            given = variable("csi", shape)
            value = self.values({**about, "inputs": [given]}, given)[0]
            along = np.abs(np.diff(value, axis=int(shape == "(90, 250)"))).mean()
            across = np.abs(np.diff(value, axis=int(shape != "(90, 250)"))).mean()
            self.assertLess(along, across, shape)
            self.assertGreaterEqual(value.min(), 0)

    def test_intermediate_results_belong_to_the_same_signal(self):
        ecg, peaks, energy, mask = self.values(
            self.ECG, self.ECG["inputs"][0], variable("beats", "(n_beats,)", "int64", "samples"),
            variable("energy", "(n_samples,)"), variable("marks", "(n_samples,)", "bool"))
        self.assertTrue((ecg[peaks] > 0.5).all())
        self.assertGreaterEqual(energy.min(), 0)
        self.assertEqual((mask.shape, mask.dtype), ((3000,), bool))

    def test_whole_numbers_bytes_and_rates(self):
        counts = variable("ppg", "(n_samples,)", "int32")
        value, rate = self.values({"inputs": [counts]}, counts, {"name": "rate_hz", "type": "float", "unit": "Hz"})
        self.assertEqual((value.dtype, value.min() > 0, rate), (np.int32, True, 100.0))
        stream = variable("stream", "(n_bytes,)", "uint8")
        value = self.values({"title": "Frames of a protocol", "inputs": [stream]}, stream)[0]
        self.assertEqual((value.dtype, value[:2].tolist()), (np.uint8, [0xAA, 0x55]))
        sound = variable("sound", "(n_samples,)", "int16")
        value = self.values({"inputs": [sound]}, sound)[0]
        self.assertTrue(value.dtype == np.int16 and 500 < np.abs(value).max() <= 1000)

    def test_the_unit_decides_what_a_motion_sensor_gives(self):
        for unit, low, high in (("g", 0.9, 1.1), ("m/s^2", 9, 11), ("deg/s", -5, 5)):
            given = variable("acc", "(n_samples, 3)", unit=unit, description="accelerometer or gyroscope")
            value = self.values({"rate_hz": 50, "inputs": [given]}, given)[0]
            self.assertTrue(low < np.median(value[:, 2]) < high, unit)

    def test_columns_of_a_climate_are_those_described(self):
        given = variable("air", "(n_samples, 2)", description="CO2 (ppm), temperature (C)")
        value = self.values({"rate_hz": 0.01, "inputs": [given]}, given)[0]
        self.assertTrue(value[:, 0].min() > 300 and 10 < value[:, 1].mean() < 30)


@unittest.skipUnless(HAVE_NUMPY, "no numpy and scipy in this Python")
class Records(unittest.TestCase):
    SIGNAL = {"name": "ecg", "type": "numpy.ndarray", "dtype": "float64", "shape": "(n_samples,)", "unit": "mV"}
    RATE = {"name": "rate_hz", "type": "float", "unit": "Hz"}

    def job(self, wanted="r_peaks", **changes):
        return {"about": {"title": "Heartbeats", "statement": "", "rate_hz": 250, "inputs": [self.SIGNAL, self.RATE]},
                "wanted": {"name": wanted, "description": ""}, "records": 2, "seconds": 20, "seed": 1, "format": "npy",
                **changes}

    def test_the_events_are_those_of_the_signals(self):
        facts, arrays = make_records(self.job())
        self.assertEqual((facts["kind"], facts["rate_hz"], facts["samples"]), ("ecg", 250, 5000))
        self.assertEqual(sorted(arrays), ["test.synthetic-1.npy", "test.synthetic-2.npy"])
        for record, events in facts["events"].items():
            signal = arrays[f"test.{record}.npy"]
            self.assertGreater(len(events), 15)
            self.assertGreater(np.median(signal[events]), np.percentile(signal, 95))
        self.assertFalse(np.array_equal(*arrays.values()))

    def test_a_table_has_one_array_for_each_input(self):
        facts, arrays = make_records(self.job(format="table"))
        self.assertEqual(list(arrays), ["test.ecg.npy"])
        self.assertEqual(arrays["test.ecg.npy"].shape, (2, 5000))

    def test_other_events_have_no_truth(self):
        self.assertIsNone(make_records(self.job("premature_beats"))[0]["kind"])
        self.assertIsNone(make_records(self.job("artefacts"))[0]["kind"])
        self.assertEqual(asked_events("imu", {"name": "positions", "description": "samples of the steps"}, {}), "steps")
        self.assertIsNone(asked_events("energy", {"name": "door_openings"}, {"statement": "starts"}))
        self.assertIsNone(asked_events("gps", {"name": "steps"}, {}))

    def test_a_variable_without_a_name_of_its_own_is_told_by_the_words(self):
        words = {"title": "Find the systolic peak of every pulse", "statement": ""}
        self.assertEqual(asked_events("ppg", {"name": "events", "description": "sample index of each event"}, words),
                         "pulse_peaks")
        self.assertEqual(asked_events("ppg", {"name": "events"}, {"title": "Find the foot of every pulse"}), "pulse_feet")
        self.assertIsNone(asked_events("ecg", {"name": "events"}, {"title": "Find ventricular beats"}))
        self.assertIsNone(asked_events("ecg", {"name": "artefacts"}, {"title": "Find artefacts between heart beats"}))

    def test_an_input_that_no_kind_fits_has_none(self):
        job = self.job()
        job["about"] = {**job["about"], "title": "Positions", "inputs": [{**self.SIGNAL, "name": "x", "unit": "m"}]}
        self.assertIsNone(make_records(job)[0]["kind"])


if __name__ == "__main__":
    unittest.main()
