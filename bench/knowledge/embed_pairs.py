#!/usr/bin/env python3
"""Indexing with gpiot against sentence-transformers and a flat FAISS index, in turns on one machine: JSON on stdout.

    bench/knowledge/embed_pairs.py --bench BINARY --model FILE.gguf [--model ...] --peer PYTHON --peer-model FOLDER
        --texts texts.jsonl --work DIR [--batches 32,16] [--threads 2] [--pairs 3]

BINARY is gpiot-bench-embed, PYTHON that of an environment with torch, sentence-transformers and faiss-cpu. Each round runs
every GGUF file once (embedding and the knowledge base) and the peer once for each batch size (embedding and the index).
Loading the models and starting Python are not counted. On a busy machine the ratios of CPU time mean more than those of
wall time; both are over the medians.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
KEYS = ("wall_s", "cpu_s", "peak_rss_mb")


def report_of(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"[bench.embed_pairs] a run failed: got exit status {done.returncode} of {command[0]}, expected 0\n"
                 + done.stderr[-2000:])
    return json.loads(done.stdout.splitlines()[-1])


def commands(arguments):
    result = {}
    for model in arguments.model:
        result[f"gpiot {os.path.basename(model)}"] = [
            arguments.bench, "--model", model, "--texts", arguments.texts, "--repeats", "1", "--threads",
            str(arguments.threads), "--store", os.path.join(arguments.work, "store")]
    for batch in arguments.batches.split(","):
        result[f"peer f32 batch {batch}"] = [
            arguments.peer, os.path.join(HERE, "embed_peer.py"), arguments.peer_model, arguments.texts, "--repeats", "1",
            "--batch", batch, "--threads", str(arguments.threads), "--index", os.path.join(arguments.work, "flat.index")]
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bench", required=True)
    parser.add_argument("--model", required=True, action="append")
    parser.add_argument("--peer", required=True)
    parser.add_argument("--peer-model", required=True)
    parser.add_argument("--texts", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--batches", default="32,16")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, help="of default_texts.py, for the record")
    parser.add_argument("--pairs", type=int, default=3)
    arguments = parser.parse_args()
    runs, last = {}, {}
    for pair in range(arguments.pairs):
        for name, command in commands(arguments).items():
            last[name] = report_of(command)
            runs.setdefault(name, []).append({key: last[name][key] for key in KEYS} | {"load": os.getloadavg()[0]})
            print(f"{pair + 1}/{arguments.pairs} {name}: {runs[name][-1]}", file=sys.stderr, flush=True)
    medians = {name: {key: statistics.median(run[key] for run in those) for key in KEYS} for name, those in runs.items()}
    ours = [name for name in runs if name.startswith("gpiot")]
    ratios = {f"{peer} / {our}": {key: round(medians[peer][key] / medians[our][key], 3) for key in KEYS}
              for our in ours for peer in runs if peer not in ours}
    first = last[ours[0]]
    print(json.dumps({"schema": 1, "commit": first["commit"], "machine": first["machine"], "backend": first["backend"],
                      "peer": next(last[name]["program"] for name in last if name not in ours),
                      "threads": arguments.threads, "texts": first["texts"], "tokens": first["tokens"],
                      "seed": arguments.seed, "medians": medians, "ratios": ratios, "runs": runs}, indent=1))


if __name__ == "__main__":
    main()
