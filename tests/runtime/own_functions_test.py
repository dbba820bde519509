"""gpiot's own functions on items whose class or value is known.   Usage: own_functions_test.py ROOT"""
import importlib.util
import os
import sys
import unittest

import numpy as np

ROOT = sys.argv.pop(1)


MODULES = {}


def own(name):
    spec = importlib.util.spec_from_file_location(name, os.path.join(ROOT, "runtime", "own", name + ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    MODULES[name] = module
    return module.own


class PlainFeatures(unittest.TestCase):
    features = staticmethod(own("plain_features"))

    def test_is_a_finite_vector_of_one_length_whatever_the_item(self):
        random = np.random.default_rng(1)
        items = [random.normal(size=(128, 3)), np.zeros((128, 3)), np.full((128, 3), np.nan)]
        rows = [self.features(item, 50.0) for item in items]
        self.assertEqual({row.shape for row in rows}, {rows[0].shape})
        self.assertTrue(np.isfinite(rows).all())
        for item in (random.normal(size=500), random.normal(size=(40, 60, 50)), random.normal(size=7), np.array([1.0]),
                     random.normal(size=(16, 1))):
            row = self.features(item)
            self.assertEqual(row.ndim, 1)
            self.assertTrue(np.isfinite(row).all(), item.shape)
            self.assertLess(row.size, 10_000)

    def test_tells_levels_rates_and_roughness_apart(self):
        t = np.arange(256) / 50
        slow, fast = (np.stack([np.sin(2 * np.pi * f * t)] * 2, axis=1) for f in (1, 9))
        difference = np.abs(self.features(slow) - self.features(fast))
        self.assertGreater(difference.max(), 1)
        self.assertGreater(np.abs(self.features(slow) - self.features(slow + 3)).max(), 2.9)

    def test_leaves_its_inputs_alone(self):
        item = np.random.default_rng(2).normal(size=(64, 2))
        before = item.copy()
        self.features(item)
        np.testing.assert_array_equal(item, before)


class SoundFeatures(unittest.TestCase):
    features = staticmethod(own("sound_features"))

    @staticmethod
    def tones(*hz, loudness=1.0, silence_s=0.0):
        t = np.arange(2000) / 8000
        sound = np.concatenate([np.sin(2 * np.pi * f * t) for f in hz] + [np.zeros(int(8000 * silence_s))])
        return loudness * (sound + 1e-4 * np.random.default_rng(1).normal(size=len(sound)))

    def test_is_a_finite_vector_of_one_length_whatever_the_sound(self):
        sounds = [self.tones(300, 900), self.tones(300), np.zeros(500), np.full(3, np.nan), np.ones(1)]
        rows = [self.features(sound, rate_hz=8000.0) for sound in sounds]
        self.assertEqual({row.shape for row in rows}, {rows[0].shape})
        self.assertTrue(np.isfinite(rows).all())

    def test_tells_what_comes_first(self):
        up, down, again = self.tones(300, 1800), self.tones(1800, 300), self.tones(300, 1800, loudness=0.2, silence_s=0.3)
        rows = [self.features(sound, rate_hz=8000.0)[:-2] for sound in (up, down, again)]
        other, same = (np.linalg.norm(rows[0] - row) for row in rows[1:])
        self.assertLess(same, other / 5)  # neither loudness nor silence around it counts for much

    def test_is_the_cepstrum_of_bands_as_the_ear_has_them(self):
        bands = MODULES["sound_features"].ear_bands(513, 8000, 26, 60.0)
        self.assertEqual(bands.shape, (26, 513))
        tops = np.argmax(bands, axis=1) * 4000 / 512
        mel = 2595 * np.log10(1 + tops / 700)
        np.testing.assert_allclose(np.diff(mel), np.diff(mel).mean(), rtol=0.35)  # bins are 7.8 Hz wide
        self.assertTrue((np.diff(tops) > 0).all())


class Rates(unittest.TestCase):
    band = staticmethod(own("rate_band"))
    top = staticmethod(own("rate_top"))

    def test_finds_the_frequency_of_what_is_in_the_band(self):
        t = np.arange(1500) / 50
        for hz in (0.9, 1.37, 2.2):
            x = np.sin(2 * np.pi * hz * t) + 3 * np.sin(2 * np.pi * 0.1 * t) + 0.2 * np.random.default_rng(1).normal(size=1500)
            filtered = self.band(x, rate_hz=50.0, low_hz=0.7, high_hz=3.0)
            self.assertEqual(filtered.shape, x.shape)
            self.assertAlmostEqual(self.top(filtered, 50.0, low_hz=0.7, high_hz=3.0), 60 * hz, delta=0.3)
            three = np.stack([x, 0 * x, 0 * x], axis=1) + 20.0  # the norm of three channels
            self.assertAlmostEqual(self.top(self.band(three, rate_hz=50.0, low_hz=0.7, high_hz=3.0), 50.0, 0.7, 3.0), 60 * hz, delta=0.3)

    def test_finds_the_rate_of_sharp_pulses_by_their_size(self):
        x = np.zeros(12000)
        x[::333] = 1.0  # every 0.666 s at 500 Hz
        size = self.band(x, rate_hz=500.0, low_hz=12.0, high_hz=36.0, size=True)
        self.assertGreaterEqual(size.min(), 0)
        self.assertAlmostEqual(self.top(size, 500.0, low_hz=0.7, high_hz=3.0), 60 * 500 / 333, delta=0.3)

    def test_answers_something_finite_whatever_the_signal(self):
        for x in (np.zeros(300), np.full(300, np.nan), np.arange(20.0)):
            answer = self.top(self.band(x, rate_hz=50.0), 50.0)
            self.assertTrue(np.isfinite(answer))
            self.assertTrue(20 <= answer <= 250)  # the bounds, and half a bin of the shortest


class Places(unittest.TestCase):
    place = staticmethod(own("place_top"))
    value = staticmethod(own("place_value"))

    def test_is_the_frequency_of_a_beat_behind_a_stronger_one(self):
        t = np.arange(256)
        random = np.random.default_rng(3)
        for cycles in (11.3, 40.0, 71.77):
            beat = np.sin(2 * np.pi * cycles * t / 256 + 1) + 2 * np.sin(2 * np.pi * 2 * t / 256) + 3 + 0.01 * t
            beat += 0.1 * random.normal(size=256)
            self.assertAlmostEqual(self.place(beat, kind="spectrum", low=8 / 256, high=90 / 256) * 256, cycles, delta=0.05)
            self.assertAlmostEqual(self.place(beat, skip=0.06) * 256, cycles, delta=0.05)
            self.assertAlmostEqual(self.place(beat) * 256, 2, delta=0.2)

    def test_is_the_delay_of_an_echo(self):
        t = np.arange(2000.0)
        for delay in (300.0, 777.4, 1500.0):
            echo = np.exp(-0.5 * ((t - delay) / 20) ** 2) * np.sin(0.9 * (t - delay)) + 5 * np.exp(-0.5 * (t / 20) ** 2) * np.cos(0.9 * t)
            self.assertAlmostEqual(self.place(echo, kind="echo", low=200), delay, delta=0.5)
            start = self.place(echo, kind="start", low=200)
            self.assertAlmostEqual(start, delay - 20 * np.sqrt(2 * np.log(2)), delta=0.5)

    def test_answers_something_finite_whatever_the_signal(self):
        for signal in (np.zeros(50), np.full(50, np.nan), np.arange(3.0), np.array([]), np.arange(20)):
            for kind in ("spectrum", "echo", "start"):
                for bounds in ({}, {"low": 1e6}, {"low": 5, "high": 4}, {"skip": 1.0}):
                    self.assertTrue(np.isfinite(self.place(signal, kind=kind, **bounds)), (kind, bounds))

    def test_means_what_was_measured(self):
        self.assertAlmostEqual(self.value(0.25, scale=38.4, offset=-0.1), 9.5)


class PlainLearner(unittest.TestCase):
    classifier = staticmethod(own("plain_classifier"))
    regressor = staticmethod(own("plain_regressor"))

    def test_learns_classes_that_lie_apart(self):
        random = np.random.default_rng(3)
        labels = np.array(["still", "walk", "run"])[np.arange(90) % 3]
        rows = random.normal(size=(90, 5)) + 6 * (np.arange(90) % 3)[:, None]
        told = self.classifier(rows[:60], labels[:60], rows[60:])
        self.assertEqual(list(told), list(labels[60:]))

    def test_says_the_classes_by_name_where_two_ways_speak_together(self):
        random = np.random.default_rng(8)
        labels = np.where(random.random(300) < 0.5, "wet", "dry")
        rows = np.c_[random.normal(size=(300, 6)), random.normal(size=300) + 1.5 * (labels == "wet")]
        told = self.classifier(rows[:200], labels[:200], rows[200:], n_trees=40)
        self.assertEqual(set(told), {"wet", "dry"})
        self.assertGreater((told == labels[200:]).mean(), 0.65)
        shares = MODULES["plain_classifier"].shares
        for model in (MODULES["plain_classifier"].SVC(), MODULES["plain_classifier"].LogisticRegression()):
            model.fit(rows, labels)
            np.testing.assert_array_equal(model.classes_[shares(model, rows).argmax(axis=1)], model.predict(rows))

    def test_takes_the_line_where_a_line_is_right(self):
        random = np.random.default_rng(4)
        rows = random.normal(size=(200, 4))
        values = rows @ [3.0, -2.0, 0.5, 1.0]
        told = self.regressor(rows[:100], values[:100], 3 * rows[100:])
        self.assertLess(np.abs(told - 3 * values[100:]).mean(), 0.1)  # trees do not reach beyond what they have seen

    def test_follows_a_trend_that_trees_alone_have_not_seen(self):
        random = np.random.default_rng(6)
        rows = np.c_[np.linspace(0, 30, 600) + random.normal(size=600), random.uniform(-2, 2, size=(600, 3))]
        values = 2 * rows[:, 0] + 6 * (rows[:, 1] > 0) + 3 * np.abs(rows[:, 2])  # a line, and what no line tells
        told = self.regressor(rows[:400], values[:400], rows[400:])
        self.assertLess(np.abs(told - values[400:]).mean(), 1.0)

    def test_answers_from_few_items_and_for_positions(self):
        rows = np.arange(8.0)[:, None]
        self.assertEqual(list(self.classifier(rows, np.array(["a", "b"])[(rows[:, 0] > 3).astype(int)], rows[[0, 7]])), ["a", "b"])
        places = np.stack([np.arange(40.0), -np.arange(40.0)], axis=1)
        self.assertEqual(self.regressor(places * 2, places, places[:3]).shape, (3, 2))


class Events(unittest.TestCase):
    strength = staticmethod(own("event_strength"))
    places = staticmethod(own("event_places"))
    rate = 100.0
    at = np.array([300, 900, 1400, 2100])

    def bursts(self, size=1.0):
        """Half a second of 20 Hz at each place, over a drift and some noise."""
        x = np.random.default_rng(5).normal(0, 0.05, 2500) + np.linspace(0, 4, 2500)
        for place in self.at:
            x[place:place + 50] += size * np.sin(2 * np.pi * 20 * np.arange(50) / self.rate)
        return x

    def test_finds_where_bursts_begin(self):
        strength = self.strength(self.bursts(), rate_hz=self.rate, low_hz=10, high_hz=30, smooth_s=0.1)
        found = self.places(strength, self.rate, kind="start", top_share=0.05, least_s=0.2)
        self.assertEqual(len(found), 4)
        self.assertLess(np.abs(found - self.at).max(), 15)

    def test_finds_pauses_steps_peaks_and_feet(self):
        t = np.arange(3000) / self.rate
        breath = np.stack([np.sin(2 * np.pi * 2 * t)] * 2, axis=1)
        breath[1000:1600] *= 0.02
        quiet = self.strength(breath, rate_hz=self.rate, kind="quiet", smooth_s=0.5)
        found = self.places(quiet, self.rate, kind="start", top_share=0.05, distance_s=1, least_s=1)
        self.assertEqual(len(found), 1)
        self.assertLess(abs(found[0] - 1000), 60)
        steps = (t > 12).astype(float)
        rise = self.strength(steps, rate_hz=self.rate, kind="rise", smooth_s=0.05)
        self.assertEqual(list(np.round(self.places(rise, self.rate, top_share=0.001) / self.rate, 1)), [12.0])
        pulses = np.maximum(0, np.sin(2 * np.pi * t)) ** 3
        level = self.strength(pulses, rate_hz=self.rate, kind="level")
        peaks, feet = (self.places(level, self.rate, kind=kind, foot_level=0.05) for kind in ("peak", "foot"))
        self.assertEqual(len(peaks), 30)
        self.assertTrue((feet[:30] <= peaks).all() and (np.abs(peaks - feet - 20) < 8).all(), peaks - feet)

    def test_tells_steps_of_one_size_from_larger_ones_and_from_peaks(self):
        x = np.random.default_rng(9).normal(0, 2.0, 3000)
        for place in self.at:
            x[place:place + 150] += 100  # the events
        for place in (500, 1900):
            x[place:place + 60] += 1000  # something else
        x[[1000, 1200, 2600]] += 100  # a peak of one sample
        strength = self.strength(x, rate_hz=self.rate, kind="step", smooth_s=0.05)
        found = self.places(strength, self.rate, kind="sized", level=0.6, top_share=0.004, distance_s=0.3, most=2.0)
        self.assertEqual(len(found), 4)
        self.assertLess(np.abs(found - self.at).max(), 5)
        down = self.strength(x, rate_hz=self.rate, kind="step_down", smooth_s=0.05)
        np.testing.assert_allclose(down, -strength)

    def test_hold_whatever_the_signal(self):
        for x in (np.zeros(50), np.full((200, 3), np.nan), np.arange(3.0), np.array([1.0])):
            for kind in ("size", "quiet", "level", "drop", "rise", "fall", "step", "step_down"):
                strength = self.strength(x, rate_hz=10.0, kind=kind, low_hz=0.5, high_hz=3, smooth_s=1)
                self.assertEqual(strength.shape, (len(x),))
                self.assertTrue(np.isfinite(strength).all())
                for where in ("peak", "foot", "start", "sized"):
                    found = self.places(strength, 10.0, kind=where)
                    self.assertTrue(((found >= 0) & (found < len(x))).all())
                    self.assertTrue((np.diff(found) > 0).all())


if __name__ == "__main__":
    unittest.main()
