"""What a model that knows the examples would answer: for each a program of three sub-tasks, the last one a learner."""
from dataclasses import dataclass, field

from scripted_model import function

BROUGHT = ("csi-activity", "multimodal-activity", "bearing-faults")  # their data is not in the repository


@dataclass
class Step:
    name: str  # "Extract features"
    does: str  # its implementation step
    code: str
    inputs: tuple = ()
    output: str = ""
    form: str = ""  # type, dtype, shape and unit of the output
    function: str = field(init=False)
    interface: str = field(init=False)

    def __post_init__(self):
        self.function = self.name.lower().replace(" ", "_")
        self.interface = ("Reasoning: The next step needs it.\nInputs: " + ", ".join(f"`{v}`" for v in self.inputs) +
                          f"\nOutput: `{self.output}` ({self.form}): Values for the next step.\n")


@dataclass
class Program:
    steps: list
    figure: str
    bound: float  # what the script reaches with room to spare; the requirement's own threshold may lie elsewhere

    def plan(self):
        return "\n".join(f"- Sub-Task {k} [{step.name}]\n- Implementation step 1: {step.does}\n"
                         for k, step in enumerate(self.steps, 1))


def features(inputs, body, imports="import numpy as np"):
    step = Step("Extract features", "Compute the figures of one item and join them to a vector.",
                function(f"extract_features({', '.join(inputs)})", body, imports), inputs, "features")
    step.interface = step.interface.replace("`features` (): Values for the next step.",
                                            "`features` (numpy.ndarray, float64, (n_features,)): features of one item")
    return step


def learner(name, model, imports):
    head = f"{name.lower().replace(' ', '_')}(train_features, train_labels, features)"
    body = f"model = {model}\nmodel.fit(train_features, train_labels)\nreturn model.predict(features)"
    return Step(name, "Fit a model to the features of the learning items and their labels.",
                function(head, body, "import numpy as np\n" + imports))


def prepared(name, does, inputs, output, form, body, imports="import numpy as np"):
    head = f"{name.lower().replace(' ', '_')}({', '.join(inputs)})"
    return Step(name, does, function(head, body, imports), inputs, output, form)


FOREST = "RandomForestClassifier(n_estimators=150, random_state=0)"
FOREST_IMPORT = "from sklearn.ensemble import RandomForestClassifier"
SCALED = ("from sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\n")

OCCUPANCY = Program([
    prepared("Scale readings", "Divide each value by the size it usually has.", ("air",), "scaled",
             "numpy.ndarray, float64, (4,), no unit", "return air / np.array([20.0, 30.0, 600.0, 0.004])"),
    features(("scaled",), "return np.append(scaled, np.log(np.abs(scaled[2]) + 0.01))"),
    learner("Classify occupancy", "make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))",
            SCALED + "from sklearn.linear_model import LogisticRegression")], "accuracy", 0.85)

GAS = Program([
    prepared("Scale readings", "Divide each value by the size it usually has.", ("readings",), "scaled",
             "numpy.ndarray, float64, (7,), no unit",
             "return readings / np.array([1100.0, 900.0, 800.0, 1500.0, 1000.0, 20.0, 50.0])"),
    features(("scaled",), "return np.concatenate([scaled, scaled[:5] ** 2])"),
    learner("Estimate concentration", "make_pipeline(StandardScaler(), RidgeCV(np.logspace(-2, 4, 7)))",
            SCALED + "from sklearn.linear_model import RidgeCV")], "mae", 0.55)

KEYWORDS = Program([
    prepared("Compute band levels", "Compute the logarithm of the power in 24 bands of short frames.",
             ("sound", "rate_hz"), "bands", "numpy.ndarray, float64, (n_frames, n_bands), no unit", """
sound = np.asarray(sound, float) / (np.abs(sound).max() + 1e-9)
sound = np.append(sound[0], np.diff(sound) + 0.03 * sound[:-1])
size, hop = int(0.025 * rate_hz), max(1, int(0.01 * rate_hz))
sound = np.pad(sound, (0, max(0, 6 * hop + size - sound.size)))
starts = np.arange(0, sound.size - size + 1, hop)
power = np.abs(np.fft.rfft(sound[starts[:, None] + np.arange(size)] * np.hamming(size), 256)) ** 2
mel = 2595 * np.log10(1 + np.fft.rfftfreq(256, 1 / rate_hz) / 700)
edges = np.linspace(2 * mel[1], mel[-1], 26)
rise = (mel - edges[:-2, None]) / (edges[1] - edges[0])
return np.log(power @ np.clip(np.minimum(rise, 2 - rise), 0, None).T + 1e-6)
"""),
    features(("bands",), """
levels = np.convolve(bands.mean(axis=1), np.ones(3) / 3, "same")
loud = np.flatnonzero(levels > levels.max() - 0.55 * (levels.max() - levels.min()))
shape = dct(bands[loud[0]:loud[-1] + 1], axis=1, norm="ortho")[:, :13]
loudness = shape[:, :1] - shape[:, 0].max()
shape = np.hstack([shape[:, 1:] - shape[:, 1:].mean(axis=0), loudness / 10])
places = np.linspace(0, len(shape) - 1, 10)
track = np.stack([np.interp(places, np.arange(len(shape)), column) for column in shape.T], axis=1)
return np.concatenate([track.ravel(), np.diff(track, axis=0).ravel(), [np.log(len(shape))]])
""", "import numpy as np\nfrom scipy.fft import dct"),
    learner("Classify digit", 'LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.5)',
            "from sklearn.discriminant_analysis import LinearDiscriminantAnalysis")], "accuracy", 0.45)

MOMENTS = """
def moments(x):
    x = x.reshape(len(x), -1)
    return np.concatenate([x.mean(axis=0), x.std(axis=0), x.min(axis=0), x.max(axis=0),
                           np.abs(np.diff(x, axis=0)).mean(axis=0)])
"""

CSI = Program([
    prepared("Normalize level", "Divide the amplitudes by their mean.", ("csi",), "level",
             "numpy.ndarray, float64, (250, 90), no unit", "return csi / (csi.mean() + 1e-9)"),
    features(("level",), MOMENTS + "\nreturn moments(level)"),
    learner("Classify activity", FOREST, FOREST_IMPORT)], "accuracy", 0.85)

MULTIMODAL = Program([
    prepared("Remove position", "Subtract the place of the spine from all joints.", ("skeleton",), "posture",
             "numpy.ndarray, float64, (50, 20, 3), m", "return skeleton - skeleton[:, 2:3]"),
    features(("posture", "inertial", "depth"), MOMENTS + """
filled = (depth > 0).reshape(16, 6, 5, 8, 5).mean(axis=(2, 4))
return np.concatenate([moments(posture), moments(inertial), moments(filled), posture[::7].ravel(), inertial[::10].ravel()])
"""),
    learner("Classify action", FOREST, FOREST_IMPORT)], "accuracy", 0.85)

BEARINGS = Program([
    prepared("Compute spectrum", "Compute the power spectrum of the piece.", ("acceleration",), "power",
             "numpy.ndarray, float64, (n_bins,), g^2",
             "return np.abs(np.fft.rfft(acceleration - acceleration.mean())) ** 2 + 1e-12"),
    features(("power", "acceleration"), """
edges = np.linspace(1, power.size, 41).astype(int)
bands = np.log10([power[a:max(b, a + 1)].mean() for a, b in zip(edges, edges[1:])])
size = acceleration.std()
return np.concatenate([bands, [np.log10(size), np.mean((acceleration / size) ** 4), np.abs(acceleration).max() / size]])
"""),
    learner("Classify condition", FOREST, FOREST_IMPORT)], "accuracy", 0.93)

PROGRAMS = {"occupancy": OCCUPANCY, "gas-calibration": GAS, "keyword-spotting": KEYWORDS, "csi-activity": CSI,
            "multimodal-activity": MULTIMODAL, "bearing-faults": BEARINGS}
