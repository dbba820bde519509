#!/usr/bin/env python3
"""The four resource prompts on activity recognition: does a stated budget change the program, and is it kept?

    bench/resources/run.py --seeds 1-5 --work /tmp/resources [--model NAME] [-- extra gpiot options]

P1 states nothing, P2 an accuracy, P3 and P4 the accuracy and a tight and a very tight memory budget. All four come from
examples/activity-recognition and differ in one sentence and in the thresholds of the front matter. A budget is what
importing the packages takes on this machine, measured first, and --tight-mb or --very-tight-mb more. Each seed of each
prompt has a project of its own under --work; what is done is not run again, so the bench can be stopped and started at
will. The summary goes to stdout as JSON.
"""
import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "bench", "common"))

from reports import last_report  # noqa: E402

EXAMPLE = os.path.join(ROOT, "examples", "activity-recognition")
PROMPTS = ("P1", "P2", "P3", "P4")
ACCURACY = 0.85
IDLE_PROGRAM = """import json, sys
args = dict(zip(sys.argv[1::2], sys.argv[2::2]))
records = json.load(open(args["--data"] + "/records.json"))["records"]
open(args["--out"], "w").write("".join(json.dumps({"record": r, "activity": "SITTING"}) + "\\n" for r in records))
"""


def parse_seeds(text):
    seeds = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        seeds += range(int(first), int(last or first) + 1)
    return seeds


def replaced(text, old, new):
    if text.count(old) != 1:
        raise SystemExit(f"the example's requirement.md no longer says once: {old!r}")
    return text.replace(old, new)


def requirement_of(prompt, budget_mb):
    """requirement.md of one prompt; `budget_mb` is None for P1 and P2."""
    with open(os.path.join(EXAMPLE, "requirement.md"), encoding="utf-8") as file:
        text = file.read()
    text = replaced(text, 'path = "data"', f'path = "{os.path.join(EXAMPLE, "data")}"')
    text = replaced(text, f"\naccuracy = {ACCURACY}", "" if prompt == "P1" else f"\naccuracy = {ACCURACY}")
    budget = f"[budget]\nmemory_mb = {budget_mb}\nmemory_counts = \"total\"\n" if budget_mb else ""
    text = replaced(text, "[budget]\nmemory_mb = 600\n", budget)
    words = {"P1": "", "P2": f"At least {ACCURACY:.0%} of the windows must be recognised."}
    limit = f"The program runs on a small device and may take at most {budget_mb} MB of memory in all."
    return text.rstrip("\n") + "\n\n" + words.get(prompt, words["P2"] + " " + limit) + "\n"


def write(folder, name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def measure_imports(arguments):
    """MB that importing the packages takes, as gpiot itself measures it, kept under --work."""
    kept = os.path.join(arguments.work, "imports.json")
    if not os.path.exists(kept):
        folder = os.path.join(arguments.work, "imports")
        shutil.rmtree(folder, ignore_errors=True)
        write(folder, "requirement.md", requirement_of("P1", None))
        write(folder, "app/main.py", IDLE_PROGRAM)
        done = subprocess.run([arguments.gpiot, "run", folder, "--final"], capture_output=True, text=True)
        report = last_report(folder, "final")
        if report is None:
            raise SystemExit(f"the imports cannot be measured: {done.stderr[-600:]}")
        write(arguments.work, "imports.json", json.dumps(report["budget"]))
    with open(kept, encoding="utf-8") as file:
        return json.load(file)["import_mb"]


def run_seed(folder, seed, arguments):
    start = time.monotonic()
    command = [arguments.gpiot, "synthesize", folder, "--seed", str(seed), "--no-own-functions"]
    command += ["--model", arguments.model] if arguments.model else []
    done = subprocess.run(command + arguments.extra, capture_output=True, text=True)
    wall_s = time.monotonic() - start
    write(folder, "log.txt", done.stderr + done.stdout)
    report = last_report(folder, "final") or {}
    classes = (report.get("measured") or {}).get("classes") or {}
    budget = report.get("budget") or {}
    finished = os.path.join(folder, ".gpiot", "finished.json")
    rounds = None
    if os.path.exists(finished):
        with open(finished, encoding="utf-8") as file:
            rounds = json.load(file)["repair_rounds"]
    return {"seed": seed, "exit": done.returncode, "accepted": bool(report.get("accepted")),
            "accuracy": classes.get("accuracy"), "macro_f1": classes.get("macro_f1"),
            "memory_mb": budget.get("memory_mb"), "memory_growth_mb": budget.get("memory_growth_mb"),
            "within_budget": not budget["breaches"] if "breaches" in budget else None, "program_s": budget.get("wall_s"),
            "repair_rounds": rounds, "wall_s": round(wall_s, 1), "error": "" if report else done.stderr[-400:]}


def median(results, key):
    values = [r[key] for r in results if r[key] is not None]
    return round(statistics.median(values), 4) if values else None


def summary_of(results, budget_mb):
    return {"budget_mb": budget_mb, "memory_counts": "total" if budget_mb else None, "runs": len(results),
            "accepted": sum(r["accepted"] for r in results), "measured": sum(r["accuracy"] is not None for r in results),
            "within_budget": sum(r["within_budget"] is True for r in results), "median_accuracy": median(results, "accuracy"),
            "median_memory_mb": median(results, "memory_mb"), "median_growth_mb": median(results, "memory_growth_mb"),
            "repair_rounds": sum(r["repair_rounds"] or 0 for r in results), "median_wall_s": median(results, "wall_s"),
            "results": results}


def run_prompt(prompt, budget_mb, arguments, until):
    results = []
    for seed in parse_seeds(arguments.seeds):
        folder = os.path.join(arguments.work, f"{prompt}-{seed:03}")
        kept = os.path.join(folder, "bench.json")
        if not os.path.exists(kept):
            if time.monotonic() > until:
                break
            shutil.rmtree(folder, ignore_errors=True)
            write(folder, "requirement.md", requirement_of(prompt, budget_mb))
            write(folder, "bench.json.partial", json.dumps(run_seed(folder, seed, arguments)))
            os.replace(kept + ".partial", kept)
        with open(kept, encoding="utf-8") as file:
            results.append(json.load(file))
        print(json.dumps({"prompt": prompt, **results[-1]}), file=sys.stderr, flush=True)
    return summary_of(results, budget_mb)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="1-5")
    parser.add_argument("--work", required=True)
    parser.add_argument("--prompts", default=",".join(PROMPTS), help="some of P1,P2,P3,P4")
    parser.add_argument("--tight-mb", type=int, default=40, help="memory of P3 over the imports, MB")
    parser.add_argument("--very-tight-mb", type=int, default=25, help="memory of P4 over the imports, MB")
    parser.add_argument("--gpiot", default=os.path.join(ROOT, "gpiot"))
    parser.add_argument("--model", default="")
    parser.add_argument("--limit-s", type=float, default=1e9, help="start no seed after this many seconds")
    parser.add_argument("extra", nargs="*", help="options of gpiot synthesize, after --")
    arguments = parser.parse_args()
    prompts = arguments.prompts.split(",")
    if not set(prompts) <= set(PROMPTS):
        parser.error(f"--prompts: got {arguments.prompts}, expected some of {','.join(PROMPTS)}")
    until = time.monotonic() + arguments.limit_s
    imports_mb = measure_imports(arguments)
    budgets = {"P1": None, "P2": None, "P3": round(imports_mb) + arguments.tight_mb,
               "P4": round(imports_mb) + arguments.very_tight_mb}
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout
    print(json.dumps({
        "bench": "resources", "commit": commit.strip(),
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "model": arguments.model or "default", "imports_mb": imports_mb,
        "prompts": {prompt: run_prompt(prompt, budgets[prompt], arguments, until) for prompt in prompts}}, indent=1))


if __name__ == "__main__":
    main()
