"""gpiot-bench-sandbox reports a sandbox that costs something and counts its rounds."""
import json
import subprocess
import sys

done = subprocess.run([sys.argv[1], "--rounds", "4"], capture_output=True, text=True)
if done.returncode == 4:
    print("skipped: no sandbox here:", done.stderr)
    sys.exit(77)
assert done.returncode == 0, done.stderr
report = json.loads(done.stdout)
assert report["rounds"] == 4 and report["commit"] and report["machine"], done.stdout
for name in ("bare_ms", "sandbox_ms", "over_ms"):
    values = report[name]
    assert values["min"] <= values["median"] <= values["p90"] <= values["max"], done.stdout
assert 0 < report["bare_ms"]["min"] < report["sandbox_ms"]["min"], done.stdout
bad = subprocess.run([sys.argv[1], "--rounds", "0"], capture_output=True, text=True)
assert bad.returncode != 0 and "rounds" in bad.stderr, bad.stderr
