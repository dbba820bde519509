"""Tests of the scripts in examples/ that bring published data into the form of the example.   Usage: converters_test.py ROOT."""
import importlib.util
import os
import subprocess
import sys
import tempfile
import unittest

EXAMPLES = os.path.join(sys.argv.pop(1), "examples")
if importlib.util.find_spec("numpy") and importlib.util.find_spec("scipy"):
    import numpy as np
    import scipy.io
else:
    print("skipped: no numpy and scipy in this Python")
    sys.exit(0)


def packed(values, permutation):
    """One csitool packet (3 antennas, 1 stream): values int8 (30, 3, 2), real and imaginary."""
    bits = []
    for group in values:
        bits += [0, 0, 0]
        for number in group.ravel():
            bits += [(int(number) & 0xFF) >> k & 1 for k in range(8)]
    payload = np.packbits(bits + [0] * 16, bitorder="little").tobytes()
    head = bytes([0] * 8 + [3, 1] + [0] * 5 + [permutation]) + len(payload).to_bytes(2, "little") + bytes(2)
    body = bytes([187]) + head + payload
    return len(body).to_bytes(2, "big") + body


class Converters(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="gpiot-test-")
        self.addCleanup(folder.cleanup)
        self.folder, self.target = folder.name, os.path.join(folder.name, "made")

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def convert(self, example, target, script="convert.py", status=0):
        done = subprocess.run([sys.executable, "-B", os.path.join(EXAMPLES, example, script), self.folder, target],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stderr

    def test_logs_of_the_wifi_card(self):
        rng = np.random.default_rng(1)
        values = rng.integers(-128, 128, (250, 30, 3, 2))
        order = [2, 0, 1]  # the k-th antenna in the packet is antenna order[k]
        with open(self.path("csi_a2_1.dat"), "wb") as file:
            for one in values:
                file.write(packed(one, sum(a << 2 * k for k, a in enumerate(order))) + b"\x00\x03\xc1ab")
        self.convert("csi-activity", self.target + ".npz")
        with np.load(self.target + ".npz") as made:
            self.assertEqual((made["csi"].shape, made["activity"].tolist()), ((1, 250, 90), [1]))
            amplitude = np.hypot(values[..., 0], values[..., 1])
            for k, antenna in enumerate(order):
                self.assertTrue(np.allclose(made["csi"][0][:, 30 * antenna:30 * antenna + 30], amplitude[:, :, k]))
        os.truncate(self.path("csi_a2_1.dat"), 5000)
        self.assertIn("expected 250", self.convert("csi-activity", self.target + ".npz", status=1))

    def test_arrays_of_the_wifi_card(self):
        np.save(self.path("X.npy"), np.arange(2 * 90 * 250.0).reshape(2, 90, 250))
        np.save(self.path("y.npy"), np.array([1, 0]))
        with open(self.path("labels.json"), "w", encoding="utf-8") as file:
            file.write('["wave", "walk"]')
        self.convert("csi-activity", self.target + ".npz")
        with np.load(self.target + ".npz") as made:
            self.assertEqual((made["csi"].shape, made["csi"][0, 3, 2]), ((2, 250, 90), 2 * 250 + 3))

    def test_three_sensors(self):
        depth = np.zeros((240, 320, 20))
        depth[:8, :8] = 1600  # whole block
        depth[8, :7] = 1600  # seven pixels: background
        for kind, key, values in (("inertial", "d_iner", np.arange(60.0).reshape(10, 6)),
                                  ("skeleton", "d_skel", np.ones((20, 3, 30))), ("depth", "d_depth", depth)):
            scipy.io.savemat(self.path(f"a3_s2_t4_{kind}.mat"), {key: values})
        scipy.io.savemat(self.path("a1_s1_t1_inertial.mat"), {"d_iner": np.zeros((9, 6))})
        self.convert("multimodal-activity", self.target + ".npz")
        with np.load(self.target + ".npz") as made:
            shapes = {key: made[key].shape[1:] for key in ("inertial", "skeleton", "depth")}
            self.assertEqual(shapes, {"inertial": (150, 6), "skeleton": (50, 20, 3), "depth": (16, 30, 40)})
            self.assertEqual((made["y"].tolist(), made["subject"].tolist(), len(made["labels"])), ([2], [2], 27))
            self.assertEqual((made["inertial"][0, -1, 5], made["depth"][0, :, 0, 0].tolist()), (59, [100] * 16))
            self.assertEqual(made["depth"][0, 0, 1, 0], 0)

    def test_bearings(self):
        self.assertIn("expected one of them", self.convert("bearing-faults", self.target, status=1))
        for number in (97, 109, 174, 213, 122, 189, 226, 135, 201, 238):
            fields = {f"X{number:03}_DE_time": np.full((50, 1), float(number)), "X001_DE_time": np.zeros((9, 1))}
            scipy.io.savemat(self.path("IR_14.mat" if number == 174 else f"{number}.mat"), fields)
        self.convert("bearing-faults", self.target)
        self.assertEqual(len(os.listdir(self.target)), 10)
        for name, number in (("Normal", 97), ("IR_14", 174), ("OR_21", 238)):
            with np.load(os.path.join(self.target, name + ".npz")) as made:
                self.assertEqual((made["DE"].shape, made["DE"][0], int(made["fs"])), ((50,), number, 48000))

    def test_gas_table_in_both_forms(self):
        names = ["Date", "PT08.S1(CO)", "PT08.S2(NMHC)", "PT08.S3(NOx)", "PT08.S4(NO2)", "PT08.S5(O3)", "T", "RH", "CO(GT)"]
        row = ["10/03/2004", "1360", "1046", "1056", "1692", "1268", "13.6", "-200", "2.6"]
        for separator, point in ((";", ","), (",", ".")):
            source = self.path("table.csv")
            with open(source, "w", encoding="utf-8") as file:
                file.write(separator.join(names) + "\n" + separator.join(row).replace(".", point) + "\n" + separator * 8)
            script = os.path.join(EXAMPLES, "gas-calibration", "prepare.py")
            subprocess.run([sys.executable, "-B", script, source, self.target], check=True, capture_output=True)
            with open(self.target, encoding="utf-8") as file:
                self.assertEqual(file.read().splitlines()[1:], ["1360,1046,1056,1692,1268,13.6,,2.6"])


if __name__ == "__main__":
    unittest.main()
