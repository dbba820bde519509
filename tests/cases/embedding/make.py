"""Writes minilm.jsonl: texts of many kinds and what sentence-transformers makes of them.

    python3 make.py FOLDER_OF_MODEL > minilm.jsonl

FOLDER_OF_MODEL holds config.json, tokenizer.json and model.safetensors of all-MiniLM-L6-v2. A line is
{"kind", "text", "vector": [384 numbers, times 2000 and rounded]}. Needs sentence-transformers; the test itself does not.
"""

import json
import sys

CODE = '''def find_peaks(x, height=None, distance=None):
    """Find peaks inside a signal based on peak properties."""
    x = np.asarray(x, dtype=np.float64)
    peaks, left, right = _local_maxima_1d(x)
    if height is not None:
        keep = x[peaks] >= height
        peaks = peaks[keep]
    return peaks, {"height": height}
'''
PROSE = (
    "The Butterworth filter is a type of signal processing filter designed to have a frequency response that is as flat "
    "as possible in the passband. It was first described in 1930 by the British engineer and physicist Stephen "
    "Butterworth in his paper entitled On the Theory of Filter Amplifiers. "
)
TEXTS = {
    "identifier": ["scipy.signal.find_peaks", "numpy.lib.stride_tricks.sliding_window_view", "sosfiltfilt",
                   "HTTPServerRequestHandler", "snake_case_name_2", "__init__", "X_train", "np.float64", "getNItems",
                   "a", "butter(N, Wn, btype='low', analog=False, output='ba', fs=None)"],
    "query": ["how do I remove baseline wander from an ECG", "R-peak detection", "detect steps in an accelerometer signal",
              "low-pass filter at 40 Hz", "mean and standard deviation of a sliding window",
              "What is the difference between filtfilt and lfilter?", "classify keywords in audio with MFCC features",
              "parse a CAN frame with a CRC-15", "estimate position from RSSI readings of 4 beacons"],
    "prose": [PROSE, "Heart rate variability is the variation in the time interval between heartbeats.",
              "A spectrogram shows the spectrum of frequencies of a signal as it varies with time.",
              "We propose a method that trains two adapters on one frozen base model; see Section 4.2, Eq. (9).",
              "Temperature rose by 3.5 degrees between 10:00 and 14:30 on 2021-06-05."],
    "code": [CODE, "import numpy as np\nx = np.linspace(0, 1, 100)\n", "for (int i = 0; i < n; ++i) { sum += a[i] * b[i]; }",
             "SELECT time, value FROM readings WHERE sensor = 'co2' ORDER BY time;", ">>> np.diff([1, 2, 4])\narray([1, 2])",
             "lambda x: x ** 2 + 3 * x - 1", "{\"rate_hz\": 360, \"leads\": [\"MLII\", \"V5\"]}", "$ pip install wfdb==4.1.2"],
    "german": ["Wie erkenne ich R-Zacken in einem EKG?", "Größenänderung der Fußgängerübergänge",
               "Ein Tiefpass lässt Frequenzen unterhalb der Grenzfrequenz durch.", "Überwachung der Luftqualität im Büro",
               "STRASSE und Straße"],
    "unicode": ["naïve café résumé", "Ångström Şişli Čeština Øresund", "心电图 R 波检测", "心拍数を推定する", "심박수 측정",
                "Частота сердечных сокращений", "كشف النبضات", "α = 0.05, μ ± 3σ, Δt ≤ 10 µs, x² → ∞", "“quotes” – dashes — and…",
                "emoji 🙂🚀 in a text", "e\u0301 decomposed and é composed", "ﬁ ligature, Ⅳ numeral, ①", "full-width ＡＢＣ１２３",
                "non\u00a0breaking\u2003spaces\u200bzero width", "İstanbul DIYARBAKIR ı"],
    "odd": ["", " ", "\n\t \n", "?!...;:,", "- - - -", "0 1 2 3 4 5 6 7 8 9", "3.14159265358979", "<b>bold</b> &amp; <i>x</i>",
            "a\u0000b\u0007c", "https://docs.scipy.org/doc/scipy/reference/generated/scipy.signal.welch.html",
            "C:\\Users\\name\\data.csv", "f" * 90, "0123456789abcdef" * 8 + " and a word", "word " * 40],
    "long": [(PROSE * 12)[:3000], (CODE * 10)[:3000], "x" * 50 + " " + "long_name_" * 290],
}


def main():
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(sys.argv[1], device="cpu")
    model.max_seq_length = 256
    pairs = [(kind, text) for kind, texts in TEXTS.items() for text in texts]
    vectors = model.encode([text for _, text in pairs], batch_size=1, normalize_embeddings=True)
    for (kind, text), vector in zip(pairs, vectors):
        row = {"kind": kind, "text": text, "vector": [round(float(x) * 2000) for x in vector]}
        print(json.dumps(row, ensure_ascii=False, separators=(",", ":")))


if __name__ == "__main__":
    main()
