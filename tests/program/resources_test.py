"""bench/resources with a scripted model: four projects that differ in their budget, measured, summed up and resumed.

Usage: resources_test.py GPIOT_BINARY ROOT.   Exit status 0 when every check holds, 77 when there is no sandbox Python.
"""
import json
import os
import re
import subprocess
import sys
import time

from learned_test import FEATURES, INTERFACES, LEARNER, PLAN, answer
from scripted_model import Model
from support import BINARY, ROOT, Scratch, check, environment, need_sandbox, write

# A learner that wants far more than it needs: 400 MB for a moment.
GREEDY = LEARNER.replace("model = Random", "waste = np.ones(50_000_000)\nmodel = Random".replace("\n", "\n    "))


def greedy(text, body):
    return GREEDY if "def classify_activity" in text else answer(text, body)


def bench(work, model, *options):
    command = [sys.executable, os.path.join(ROOT, "bench", "resources", "run.py"), "--work", work, "--gpiot", BINARY,
               *options, "--", *model.options(), "-n", "2"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=1200)
    check(done.returncode == 0, "the bench runs to its end", done.stdout[-2000:] + done.stderr[-3000:])
    return json.loads(done.stdout)


def main():
    need_sandbox()
    check(GREEDY != LEARNER and FEATURES and INTERFACES and PLAN, "the scripted answers are those of the learned program")
    with Scratch() as work:
        model = Model(answer)
        found = bench(work, model, "--seeds", "1")
        prompts = found["prompts"]
        for name in ("P1", "P2", "P3", "P4"):
            one = prompts[name]["results"][0]
            print(name, {k: one[k] for k in ("accepted", "accuracy", "memory_mb", "memory_growth_mb", "repair_rounds")})
        check(list(prompts) == ["P1", "P2", "P3", "P4"] and found["imports_mb"] > 50, "four prompts, imports first", str(found))
        check(prompts["P1"]["budget_mb"] is None and prompts["P2"]["budget_mb"] is None
              and found["imports_mb"] < prompts["P4"]["budget_mb"] < prompts["P3"]["budget_mb"], "budgets over the imports",
              str(found))
        texts = {}
        for name in prompts:
            with open(os.path.join(work, name + "-001", "requirement.md"), encoding="utf-8") as file:
                texts[name] = file.read()
        check("accuracy =" not in texts["P1"] and "[budget]" not in texts["P2"] and "accuracy = 0.85" in texts["P2"],
              "P1 states nothing, P2 the accuracy alone", texts["P1"])
        for name in ("P3", "P4"):
            budget = prompts[name]["budget_mb"]
            check(f"memory_mb = {budget}" in texts[name] and f"at most {budget} MB of memory in all" in texts[name],
                  f"{name} states its budget in numbers and in words", texts[name])
        for name in ("P1", "P2", "P3"):
            one = prompts[name]["results"][0]
            check(one["accepted"] and one["accuracy"] >= 0.85 and one["repair_rounds"] == 0, f"{name} is accepted", str(one))
        check(prompts["P3"]["results"][0]["memory_mb"] < prompts["P3"]["budget_mb"], "within the tight budget", "")
        one = prompts["P4"]["results"][0]
        check(one["accepted"] == one["within_budget"] == (one["memory_mb"] <= prompts["P4"]["budget_mb"]),
              "the very tight budget decides", str(one))

        asked, start = len(model.asked), time.monotonic()
        again = bench(work, model, "--seeds", "1")
        check(again == {**found, "commit": again["commit"]} and len(model.asked) == asked and time.monotonic() - start < 60,
              "what is done is not run again", str(again)[:500])

        os.remove(os.path.join(work, "P3-001", "bench.json"))
        wasteful = bench(work, Model(greedy), "--seeds", "1", "--prompts", "P3")["prompts"]["P3"]
        one = wasteful["results"][0]
        check(not one["accepted"] and one["within_budget"] is False and one["memory_mb"] > wasteful["budget_mb"],
              "a program that takes more than its budget is not accepted", str(one))
        check(wasteful["accepted"] == 0 and one["repair_rounds"] is not None, "and counts as such", str(wasteful))
        done = subprocess.run([sys.executable, os.path.join(ROOT, "bench", "resources", "run.py"), "--work", work,
                               "--prompts", "P5"], capture_output=True, text=True)
        check(done.returncode == 2 and re.search("P1,P2,P3,P4", done.stderr), "an unknown prompt is refused", done.stderr)
        write(work, "done", "")


if __name__ == "__main__":
    main()
