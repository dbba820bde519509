#!/usr/bin/env python3
"""A folder of 1000 documents: a full build, a refresh after one changed file, and kill -9 at random points.

    bench/knowledge/store_bench.py --gpiot BINARY --work DIR [--files 1000] [--kills 200] [--seed 1]

Half of the kills strike an add into a new base, half a refresh after twenty files changed; after each, `knowledge verify` and
that every document is there with all its parts or not at all. At the end the base is compared with one that nobody
disturbed. JSON on stdout."""
import argparse
import json
import os
import platform
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
WORDS = ("sensor window filter peak battery pump door voltage noise gait breath current trigger channel drift sample "
         "valve motor radio packet tilt pressure humidity spectrum").split()
PARTS = 3


def write(folder, number, version):
    rng = random.Random(f"{number} {version}")
    text = f"# Note {number} version {version}\n\n"
    for part in range(PARTS):
        sentences = [" ".join(rng.choice(WORDS) for _ in range(12)).capitalize() + "." for _ in range(10)]
        text += f"## Part {part} of {number}\n\n" + " ".join(sentences) + "\n\n"
    with open(os.path.join(folder, f"{number:04}.md"), "w", encoding="utf-8") as file:
        file.write(text)


def call(arguments, store, *words):
    return subprocess.run([arguments.gpiot, "knowledge", *words, "--json"], capture_output=True, text=True,
                          env={**os.environ, "GPIOT_KNOWLEDGE": store})


def changed(arguments, store, *words):
    """(seconds on the wall, what changed)."""
    start = time.monotonic()
    done = call(arguments, store, *words)
    if done.returncode:
        raise SystemExit(done.stderr)
    event = next(json.loads(line) for line in done.stdout.splitlines() if '"changed"' in line)
    return time.monotonic() - start, event


def whole(arguments, store):
    """Faults that one kill left: those that verify names, and documents with some of their passages."""
    database = os.path.join(store, "knowledge.sqlite3")
    if not os.path.exists(database):
        return []
    done = call(arguments, store, "verify")
    if done.returncode and "no knowledge base yet" not in done.stderr and "another format: got 0" not in done.stderr:
        return [done.stderr.strip()[-200:]]
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if "passage" not in tables:
            return []
        counts = connection.execute("SELECT d.name, count(p.id) FROM document d LEFT JOIN passage p ON p.document = d.id "
                                    "WHERE d.refused = '' GROUP BY d.id HAVING count(p.id) != ?", (PARTS,)).fetchall()
    return [f"half a document: {row}" for row in counts[:3]]


def kill_once(arguments, store, rng, longest_s, *words):
    process = subprocess.Popen([arguments.gpiot, "knowledge", *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, env={**os.environ, "GPIOT_KNOWLEDGE": store})
    time.sleep(rng.uniform(0, longest_s))
    running = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return running


def kills(arguments):
    rng, faults, struck = random.Random(arguments.seed), [], 0
    small = os.path.join(arguments.work, "small")
    os.makedirs(small, exist_ok=True)
    for number in range(60):
        write(small, number, 0)
    store = os.path.join(arguments.work, "killed")
    longest_s, _ = changed(arguments, os.path.join(arguments.work, "timed"), "add", small)
    for k in range(arguments.kills):
        if k % 2 == 0 and k % 10 == 0:
            shutil.rmtree(store, ignore_errors=True)
        for number in rng.sample(range(60), 20):
            write(small, number, k)
        struck += kill_once(arguments, store, rng, longest_s, *(("add", small) if k % 2 == 0 else ("refresh",)))
        faults += [f"kill {k}: {fault}" for fault in whole(arguments, store)]
    changed(arguments, store, "add", small)
    clean = os.path.join(arguments.work, "clean")
    changed(arguments, clean, "add", small)
    stats = [json.loads(call(arguments, s, "stats").stdout) for s in (store, clean)]
    same = all(stats[0][key] == stats[1][key] for key in ("documents", "passages", "texts", "embedded"))
    return {"kills": arguments.kills, "struck_while_running": struck, "faults": faults, "same_as_undisturbed": same}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gpiot", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    shutil.rmtree(arguments.work, ignore_errors=True)
    folder = os.path.join(arguments.work, "documents")
    os.makedirs(folder)
    for number in range(arguments.files):
        write(folder, number, 0)
    store = os.path.join(arguments.work, "store")
    full_s, full = changed(arguments, store, "add", folder)
    refreshes = []
    for version in range(1, 6):
        write(folder, version, version)
        seconds, event = changed(arguments, store, "refresh")
        refreshes.append({"seconds": round(seconds, 3), "read": event["read"], "unchanged": event["unchanged"]})
    one_s = sorted(r["seconds"] for r in refreshes)[len(refreshes) // 2]
    commit = subprocess.run(["git", "-C", HERE, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    print(json.dumps({"bench": "knowledge-store", "commit": commit, "seed": arguments.seed,
                      "machine": f"{platform.machine()}, {os.cpu_count()} cores", "files": arguments.files,
                      "full_build_s": round(full_s, 2), "texts": full["embedded"], "refreshes_of_one_file": refreshes,
                      "refresh_share": round(one_s / full_s, 4), **kills(arguments)}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
