#!/usr/bin/env python3
"""Loss curves of every ablation switch: one training each, same records, order and seed. JSON and a picture.

    bench/tune/ablations.py --gpiot BINARY --work DIR --json FILE --svg FILE [--folder examples/tiny-tune] [--only NAME,...]
                            [--set KEY=VALUE ...]

A training that is done is kept under --work and not run again; one that was stopped goes on. Needs no package."""
import argparse
import json
import os
import platform
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
VARIANTS = {
    "pect": ["sharing=pect"],
    "independent": ["sharing=independent"],
    "shared": ["sharing=shared"],
    "single": ["sharing=single"],
    "own": ["sharing=pect", "projection=own"],
    "paired": ["sharing=pect", "projection=paired"],
}
MEANS = {
    "pect": "PECT: own and shared paths (default)", "independent": "independent LoRA, no shared path",
    "shared": "the shared path alone", "single": "one adapter for both tasks",
    "own": "PECT and projection layers, own state", "paired": "PECT and projection layers, paired",
}
COLOURS = {"pect": "#1f4e9c", "independent": "#c0392b", "shared": "#1e8449", "single": "#7d3c98", "own": "#ca6f1e",
           "paired": "#566573"}


def run(arguments, name):
    """The log of the training `name`, made where it is not there."""
    output = os.path.abspath(os.path.join(arguments.work, name))
    done = os.path.join(output, "done.json")
    if not os.path.exists(done):
        command = [arguments.gpiot, "tune", arguments.folder]
        for setting in [f"output={output}", *VARIANTS[name], *arguments.settings]:
            command += ["--set", setting]
        if os.path.isdir(os.path.join(output, "checkpoints")):
            command.append("--resume")
        print(" ".join(command), file=sys.stderr, flush=True)
        ended = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace")
        # `paired` trains, and is then refused by the export: its curve is what is wanted here.
        if ended.returncode != 0 and not (name == "paired" and "paired" in ended.stderr):
            raise SystemExit(f"{name}: {ended.stderr[-500:]}")
        with open(done, "w", encoding="utf-8") as file:
            json.dump({"status": ended.returncode}, file)
    with open(os.path.join(output, "log.jsonl"), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def curve_of(log):
    steps = {row["step"]: row for row in log if row["kind"] == "step"}
    checks = {row["step"]: row for row in log if row["kind"] == "validation"}
    seconds = sum(row["step_s"] for row in steps.values())
    return {"training": [[step, row["loss"]] for step, row in sorted(steps.items())],
            "validation": {key: [[step, row[key]] for step, row in sorted(checks.items())] for key in ("loss", "tdd", "cgd")},
            "tokens_per_s": sum(row["tokens"] for row in steps.values()) / seconds,
            "peak_resident_bytes": max(row["resident_bytes"] for row in steps.values())}


def smooth(points, width=5):
    return [[x, sum(y for _, y in points[max(0, i - width + 1):i + 1]) / min(i + 1, width)] for i, (x, y) in
            enumerate(points)]


def panel(title, curves, left, top, wide, high):
    """One plot as SVG: axes, grid, a line for each variant."""
    points = [p for line in curves.values() for p in line]
    x0, x1 = min(p[0] for p in points), max(p[0] for p in points)
    y0, y1 = min(p[1] for p in points), max(p[1] for p in points)
    at = lambda p: (left + wide * (p[0] - x0) / max(1, x1 - x0), top + high * (y1 - p[1]) / max(1e-9, y1 - y0))  # noqa: E731
    out = [f'<text x="{left}" y="{top - 10}" font-weight="bold">{title}</text>']
    for i in range(5):
        y = y0 + (y1 - y0) * i / 4
        _, line = at((x0, y))
        out.append(f'<line x1="{left}" x2="{left + wide}" y1="{line:.1f}" y2="{line:.1f}" stroke="#ddd"/>'
                   f'<text x="{left - 6}" y="{line + 4:.1f}" text-anchor="end">{y:.2f}</text>')
        x = x0 + (x1 - x0) * i / 4
        across, _ = at((x, y0))
        out.append(f'<text x="{across:.1f}" y="{top + high + 16}" text-anchor="middle">{x:.0f}</text>')
    for name, line in curves.items():
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(at, line))
        out.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[name]}" stroke-width="1.8"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{COLOURS[name]}"/>' for x, y in map(at, line)
                if len(line) < 12]
    return "\n".join(out)


def picture(curves):
    names = list(curves)
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" width="1080" height="440" font-family="sans-serif" font-size="12">',
             '<rect width="1080" height="440" fill="white"/>',
             panel("training loss (mean of five steps)", {n: smooth(curves[n]["training"]) for n in names}, 60, 40, 280, 280),
             panel("validation loss, TDD", {n: curves[n]["validation"]["tdd"] for n in names}, 410, 40, 280, 280),
             panel("validation loss, CGD", {n: curves[n]["validation"]["cgd"] for n in names}, 760, 40, 280, 280)]
    for i, name in enumerate(names):
        x, y = 60 + 340 * (i % 3), 380 + 24 * (i // 3)
        parts.append(f'<line x1="{x}" x2="{x + 24}" y1="{y}" y2="{y}" stroke="{COLOURS[name]}" stroke-width="3"/>'
                     f'<text x="{x + 32}" y="{y + 4}">{MEANS[name]}</text>')
    return "\n".join(parts + ["</svg>\n"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("gpiot", "work", "json", "svg"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--folder", default=os.path.join(ROOT, "examples", "tiny-tune"))
    parser.add_argument("--only", default=",".join(VARIANTS))
    parser.add_argument("--set", dest="settings", nargs="*", default=[])
    arguments = parser.parse_args()
    curves = {name: curve_of(run(arguments, name)) for name in arguments.only.split(",")}
    commit = subprocess.run(["git", "-C", HERE, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    with open(arguments.json, "w", encoding="utf-8") as file:
        json.dump({"bench": "tune_ablations", "commit": commit, "machine": f"{platform.machine()}, {os.cpu_count()} cores",
                   "folder": os.path.basename(arguments.folder), "settings": arguments.settings, "curves": curves}, file,
                  indent=1)
        file.write("\n")
    with open(arguments.svg, "w", encoding="utf-8") as file:
        file.write(picture(curves))


if __name__ == "__main__":
    main()
