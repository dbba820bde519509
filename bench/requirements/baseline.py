#!/usr/bin/env python3
"""What a trivial answer and a simple honest solution reach on every requirement's final part.

    bench/requirements/baseline.py --data-root DIR --made DIR [--only ID] [--development]

Learned: a random forest (beside it a logistic regression or a ridge) on simple statistics of each channel, against the majority class or
the mean of the development part; where a history ends in the quantity itself, also its last value. Not learned: the
solutions of references.py, against events at the rate of the development part, the mean, or the majority. Writes
baseline.json beside the list. Needs numpy, scipy, scikit-learn, wfdb.
"""
import argparse
import collections
import json
import os
import sys
import time

import numpy as np

from loading import HERE, load, read_list, read_requirement
from references import REFERENCES

LAST_VALUE = {"oil-temperature": 7, "carbon-ahead": 0}


def statistics(x):
    """Simple figures of one channel: level, spread, extremes, roughness, and shares of the spectrum."""
    power = np.abs(np.fft.rfft(x - x.mean())) ** 2 + 1e-12
    edges = np.geomspace(1, power.size, 13).astype(int)
    shares = [np.log10(power[a:max(b, a + 1)].sum() / power.sum()) for a, b in zip(edges, edges[1:])]
    change = np.abs(np.diff(x))
    crossings = np.mean(np.diff(np.sign(x - x.mean())) != 0)
    return np.array([x.mean(), x.std(), x.min(), x.max(), *np.percentile(x, [25, 75]), change.mean(), crossings,
                     float(np.argmax(power)) / power.size, *shares])


def features(inputs, k):
    row = []
    for values in inputs.values():
        x = np.asarray(values[k], float)
        if x.size <= 200:
            row.append(x.ravel())
            continue
        channels = x.reshape(len(x), -1)
        row += [statistics(channels[:, c]) for c in range(channels.shape[1])]
        if len(x) <= 60:
            row.append(channels[-1])
    return np.concatenate(row)


def f1_by_class(truth, told):
    names = sorted(set(truth))
    scores = []
    for name in names:
        both = sum(t == name and p == name for t, p in zip(truth, told))
        scores.append(2 * both / max(1, truth.count(name) + list(told).count(name)))
    return float(np.mean(scores))


def score_class(truth, told):
    hits = np.mean([t == p for t, p in zip(truth, told)])
    return {"accuracy": float(hits), "macro_f1": f1_by_class(list(truth), list(told))}


def score_value(truth, told):
    error = np.asarray(told, float) - truth
    return {"mae": float(np.abs(error).mean()), "rmse": float(np.sqrt((error ** 2).mean())),
            "r2": float(1 - (error ** 2).sum() / ((truth - truth.mean()) ** 2).sum())}


def score_events(truths, founds, tolerance):
    matched = 0
    for truth, found in zip(truths, founds):
        t, p = 0, 0
        truth, found = sorted(truth), sorted({int(v) for v in found})
        while t < len(truth) and p < len(found):
            if abs(found[p] - truth[t]) <= tolerance:
                matched, t, p = matched + 1, t + 1, p + 1
            elif found[p] < truth[t]:
                p += 1
            else:
                t += 1
    predicted, real = sum(len({int(v) for v in f}) for f in founds), sum(map(len, truths))
    return {"precision": matched / max(1, predicted), "recall": matched / max(1, real)}


def learned(facts, name, development, final):
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression, RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    x, z = (np.stack([features(part.inputs, k) for k in range(len(part.labels))]) for part in (development, final))
    if facts["result"]["kind"] == "class":
        common = collections.Counter(development.labels).most_common(1)[0][0]
        forest = make_pipeline(SimpleImputer(keep_empty_features=True), RandomForestClassifier(200, random_state=0))
        line = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler(), LogisticRegression(max_iter=300))
        return {"majority": score_class(final.labels, [common] * len(z))} | {
            name: score_class(final.labels, model.fit(x, development.labels).predict(z))
            for name, model in (("forest", forest), ("logistic", line))}
    y, truth = np.array(development.labels, float), np.array(final.labels, float)
    found = {"mean": score_value(truth, np.full(truth.size, y.mean()))}
    if name in LAST_VALUE:
        found["last value"] = score_value(truth, [h[-1, LAST_VALUE[name]] for h in final.inputs["history"]])
    forest = make_pipeline(SimpleImputer(keep_empty_features=True), RandomForestRegressor(100, max_features=0.3, random_state=0))
    found["forest"] = score_value(truth, forest.fit(x, y).predict(z))
    ridge = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler(), RidgeCV(np.logspace(-2, 4, 7)))
    return found | {"ridge": score_value(truth, ridge.fit(x, y).predict(z))}


def not_learned(facts, name, development, final):
    inputs = list(final.inputs.values())
    extra = [final.rate_hz] if any(v.get("unit") == "Hz" for v in facts["data"]["inputs"]) else []
    told = [REFERENCES[name](*[values[k] for values in inputs], *extra) for k in range(len(final.labels))]
    kind = facts["result"]["kind"]
    if kind == "class":
        common = collections.Counter(development.labels).most_common(1)[0][0]
        return {"majority": score_class(final.labels, [common] * len(told)), "reference": score_class(final.labels, told)}
    if kind == "value":
        truth, mean = np.array(final.labels, float), np.mean(np.array(development.labels, float))
        return {"mean": score_value(truth, np.full(truth.size, mean)), "reference": score_value(truth, told)}
    tolerance = np.floor(facts["evaluator"]["tolerance_ms"] * final.rate_hz / 1000 + 1e-9)
    lengths = [len(x) for x in next(iter(development.inputs.values()))]
    gap = sum(lengths) / max(1, sum(map(len, development.labels)))
    comb = [np.arange(gap / 2, len(x), gap).astype(int) for x in inputs[0]]
    return {"comb": score_events(final.labels, comb, tolerance),
            "reference": score_events(final.labels, told, tolerance)}


def meets(threshold, scores):
    return all(scores[k] <= v if k in ("mae", "rmse") else scores[k] >= v for k, v in threshold.items())


def rate_of_wav(facts, root):
    from loading import files_of
    from scipy.io import wavfile
    return float(wavfile.read(files_of(facts["data"], root)[0])[0])


def measure(entry, arguments):
    facts, _ = read_requirement(os.path.join(HERE, entry["id"], "requirement.md"))
    root = facts["data"]["path"].replace("{{data}}", arguments.data_root).replace("{{made}}", arguments.made)
    development, final = load(facts, root)
    if facts["data"]["format"] == "wav":
        development.rate_hz = final.rate_hz = rate_of_wav(facts, root)
    if arguments.development:
        final = development
    found = (learned if entry["learned"] else not_learned)(facts, entry["id"], development, final)
    trivial = {k: v for k, v in found.items() if k in ("majority", "mean", "last value", "comb")}
    simple = {k: v for k, v in found.items() if k not in trivial}
    return {"id": entry["id"], "items": [len(development.labels), len(final.labels)],
            "threshold": entry["threshold"], "trivial": trivial, "simple": simple,
            "trivial_meets": any(meets(entry["threshold"], s) for s in trivial.values()),
            "simple_meets": any(meets(entry["threshold"], s) for s in simple.values())}


def rounded(value):
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    return round(value, 4) if isinstance(value, float) else value


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-root", required=True)
    parser.add_argument("--made", required=True)
    parser.add_argument("--only")
    parser.add_argument("--development", action="store_true", help="measure on the development part; writes nothing")
    arguments = parser.parse_args()
    rows = []
    for entry in read_list()["requirements"]:
        if arguments.only in (None, entry["id"]):
            start = time.monotonic()
            rows.append(rounded(measure(entry, arguments)))
            print(f"{json.dumps(rows[-1])}  {time.monotonic() - start:.1f} s", file=sys.stderr, flush=True)
    if arguments.only is None and not arguments.development:
        with open(os.path.join(HERE, "baseline.json"), "w", encoding="utf-8") as file:
            file.write("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")


if __name__ == "__main__":
    main()
