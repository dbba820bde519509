"""The reports of a project's runs, for the benches."""
import json
import os


def reports_of(folder):
    """All reports, in the order of the runs."""
    runs = os.path.join(folder, "runs")
    found = []
    for name in sorted(os.listdir(runs)) if os.path.isdir(runs) else []:
        path = os.path.join(runs, name, "report.json")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                found.append(json.load(file))
    return found


def last_report(folder, part):
    """The last one of "development" or "final", None where there is none."""
    return next((report for report in reversed(reports_of(folder)) if report["part"] == part), None)
