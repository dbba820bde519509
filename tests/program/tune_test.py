"""`gpiot tune` through the real binary on the test model: what it refuses, what it writes, and that a training that is
killed goes on as if nothing had been.
"""
import hashlib
import json
import os
import shutil
import signal
import subprocess
import time

from small_project import make_project
from support import BINARY, Scratch, check, environment, expect, expect_error, gpiot, shown, skip

MODEL = os.environ.get("GPIOT_TEST_MODEL")
STEPS = 4
LITTLE_MEMORY = 900_000_000  # addresses: the program, and not the base in f32 beside it


def record(number, kind, answer=None):
    return {"id": f"r{number}", "kind": kind, "source": {"licence": "CC0-1.0"}, "messages": [
        {"role": "system", "content": "You plan."},
        {"role": "user", "content": f"Sensor {number} measures the level of a tank. What is to be done?"},
        {"role": "assistant", "content": answer or f"- Sub-Task 1 [Level {number}]\n- Implementation step 1: take the median of 5 values."}]}


def write(folder, records, **settings):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "records.jsonl"), "w", encoding="utf-8") as file:
        file.writelines((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in records)
    values = {"base": MODEL, "data": ["records.jsonl"], "rank": 4, "epochs": 2, "batch_tokens": 160, "step_tokens": 160,
              "validate_every": 2, "learning_rate": 1e-3, "checkpoint_minutes": 0, "type": "f32", **settings}
    with open(os.path.join(folder, "tune.toml"), "w", encoding="utf-8") as file:
        file.writelines(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
    return folder


def good_records():
    return [record(i, "tdd" if i % 2 else "cgd-d3") for i in range(4)] + \
           [{**record(i, "tdd" if i % 2 else "cgd-d3"), "split": "validation"} for i in (4, 5)]


def log_of(folder, kind="step"):
    with open(os.path.join(folder, "tuned", "log.jsonl"), encoding="utf-8") as file:
        return [line for line in map(json.loads, file) if line["kind"] == kind]


def refused(scratch):
    folder = write(os.path.join(scratch, "bad"), good_records())

    def says(code, text, records=None, arguments=(), **settings):
        write(folder, records or good_records(), **settings)
        done = gpiot("tune", folder, *arguments)
        expect_error(done, code, text, text, remedy=False, expected=False)
        expect(not os.path.exists(os.path.join(folder, "tuned", "tdslm.gguf")), "adapters after an error", shown(done))

    says("format", "records.jsonl:2", [record(0, "tdd"), "{", record(1, "cgd-d3")])
    says("format", "was there before", [record(0, "tdd"), record(0, "tdd"), record(1, "cgd-d3")])
    says("format", "kind: got 'poem'", [record(0, "poem")])
    says("data", "no record of the task cgd", [record(0, "tdd"), record(2, "tdd")])
    says("capacity", "longer than the context", context_tokens=20)
    says("format", "unknown key: got 'rang'", rang=3)
    says("invalid_argument", "rank: got 0", rank=0)
    says("format", "base_storage: got 'int4', expected one of same, int8", base_storage="int4")
    says("not_found", "", base="no-such-model")
    done = gpiot("tune", write(os.path.join(scratch, "skip"), [record(0, "tdd"), "{", *good_records()[1:]]), "--skip-bad", "--dry-run")
    check(done.returncode == 0 and "left out: records.jsonl:2" in done.stderr, "--skip-bad counts what it leaves out", shown(done))
    check("will take about" in done.stderr and not os.path.exists(os.path.join(scratch, "skip", "tuned")),
          "--dry-run says how long and how much memory, and writes nothing", shown(done))
    print("ok: what is wrong is refused by name", flush=True)


def start(folder, *more):
    return subprocess.Popen([BINARY, "tune", folder, *more], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, env=environment(), text=True)


def stop_after(folder, steps, number):
    """Starts a training and sends the signal as soon as `steps` are in its log."""
    process = start(folder, "--resume")
    deadline = time.monotonic() + 120
    path = os.path.join(folder, "tuned", "log.jsonl")
    while time.monotonic() < deadline and process.poll() is None:
        if os.path.exists(path) and sum('"kind":"step"' in line for line in open(path, encoding="utf-8")) >= steps:
            break
        time.sleep(0.01)
    process.send_signal(number)
    return process.wait(timeout=60)


def goes_on(scratch):
    whole = write(os.path.join(scratch, "whole"), good_records())
    done = gpiot("tune", whole, timeout_s=240)
    check(done.returncode == 0, "a training runs to its end", shown(done))
    steps = log_of(whole)
    expect(len(steps) == steps[0]["steps"] >= STEPS, f"{len(steps)} steps are in the log", shown(done))
    expect(steps[-1]["loss"] < steps[0]["loss"], "the loss did not fall", [one["loss"] for one in steps])
    for role in ("tdslm", "cgslm"):
        with open(os.path.join(whole, "tuned", f"{role}.gguf.json"), encoding="utf-8") as file:
            manifest = json.load(file)
        expect(len(manifest["base_sha256"]) == 64 and manifest["validation_loss"] > 0, "manifest", manifest)
        expect(os.path.exists(os.path.join(whole, "tuned", "peft", role, "adapter_model.safetensors")), "no PEFT file")
    expect_error(gpiot("tune", whole), "invalid_argument", "a second start", "holds finished adapters", expected=False)

    done = gpiot("adapter", "list", whole)
    check(done.returncode == 0 and done.stdout.count("tuned/") == 2 and "tdslm" in done.stdout, "adapter list", shown(done))
    with open(os.path.join(whole, "tuned", "tdslm.gguf"), "rb") as file:
        bytes_before = file.read()
    with open(os.path.join(whole, "tuned", "tdslm.gguf"), "ab") as file:
        file.write(b"x")
    done = gpiot("adapter", "verify", whole)
    check(done.returncode == 5 and "changed" in done.stdout, "adapter verify finds a changed file", shown(done))
    out = os.path.join(scratch, "to share")
    expect_error(gpiot("adapter", "export", whole, "--output", out), "model", "a changed adapter is not handed on", "changed")
    expect(not os.path.exists(out), "something was written")
    with open(os.path.join(whole, "tuned", "tdslm.gguf"), "wb") as file:
        file.write(bytes_before)
    done = gpiot("adapter", "export", whole, "--output", out)
    files = sorted(os.path.relpath(os.path.join(at, name), out) for at, _, names in os.walk(out) for name in names)
    wanted = ["README.md"] + [f"peft/{r}/{n}" for r in ("cgslm", "tdslm") for n in ("adapter_config.json", "adapter_model.safetensors")]
    wanted += [f"{role}.gguf{end}" for role in ("cgslm", "tdslm") for end in ("", ".json")]
    check(done.returncode == 0 and files == sorted(wanted), "adapter export", (files, shown(done)))
    expect_error(gpiot("adapter", "export", whole, "--output", out), "invalid_argument", "an export over an export", "is there already", expected=False)
    done = gpiot("adapter", "verify", out)
    check(done.returncode == 0 and done.stdout.count("ok") == 2, "what was exported is whole", shown(done))

    part = write(os.path.join(scratch, "part"), good_records())
    expect(stop_after(part, 1, signal.SIGKILL) == -signal.SIGKILL, "it ended before it was killed")
    expect(stop_after(part, len(log_of(part)) + 1, signal.SIGINT) == 130, "Ctrl-C does not end with 130")
    expect_error(gpiot("tune", part), "invalid_argument", "a new start over it", "unfinished training", expected=False)
    done = gpiot("tune", part, "--resume", timeout_s=240)
    check(done.returncode == 0 and "goes on at step" in done.stderr, "a killed and a stopped training go on", shown(done))
    wanted = {one["step"]: one["loss"] for one in steps}
    for one in log_of(part):
        expect(abs(one["loss"] - wanted[one["step"]]) < 1e-6, f"another loss at step {one['step']}", (one["loss"], wanted))
    with open(os.path.join(whole, "tuned", "tdslm.gguf"), "rb") as left, open(os.path.join(part, "tuned", "tdslm.gguf"), "rb") as right:
        check(left.read() == right.read(), "its adapter is that of the undisturbed training")


def too_little(scratch):
    """Too little memory, and a disk that is full at a checkpoint: named, and nothing is lost."""
    folder = write(os.path.join(scratch, "little"), good_records())
    # One thread: others would have stacks among the addresses, as many as there are cores.
    done = gpiot("tune", folder, "--threads", "1", before=["prlimit", f"--as={LITTLE_MEMORY}"])
    expect_error(done, "capacity", "too little memory", "out of memory", expected=True)
    expect("by the estimate" in done.stderr and "batch_tokens" in done.stderr, "no estimate, no remedy", shown(done))
    done = gpiot("tune", folder, before=["bash", "-c", 'trap "" XFSZ; ulimit -f 2000; exec "$@"', "--"], timeout_s=240)
    expect_error(done, "io", "no room at a checkpoint", "checkpoints", remedy=False, expected=False)
    left = os.listdir(os.path.join(folder, "tuned", "checkpoints"))
    check(not left, "no half checkpoint is left", left)
    done = gpiot("tune", folder, "--resume", timeout_s=240)
    with open(os.path.join(folder, "tuned", "cgslm.gguf"), "rb") as one, \
            open(os.path.join(scratch, "whole", "tuned", "cgslm.gguf"), "rb") as two:
        check(done.returncode == 0 and one.read() == two.read(), "with room it comes to the same end", shown(done))


def in_int8(scratch):
    """A base in int8 takes less, trains alike, and its adapters say so."""
    folder = write(os.path.join(scratch, "int8"), good_records(), epochs=1)

    def base_bytes(storage):
        done = gpiot("tune", folder, "--dry-run", "--json", "--set", f"base_storage={storage}")
        return next(line for line in map(json.loads, done.stdout.splitlines()) if line["kind"] == "estimate")["base_bytes"]

    share = base_bytes("int8") / base_bytes("same")
    check(0.25 < share < 0.4, f"the estimate counts a base in int8 as {share:.2f} of one in f32")
    done = gpiot("tune", folder, "--set", "base_storage=int8", timeout_s=240)
    expect(done.returncode == 0, "a training on a base in int8 fails", shown(done))
    steps, wanted = log_of(folder), log_of(os.path.join(scratch, "whole"))
    expect(0 < abs(steps[0]["loss"] / wanted[0]["loss"] - 1) < 0.01, "another loss at the first step", (steps[0], wanted[0]))
    with open(os.path.join(folder, "tuned", "cgslm.gguf.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    check('base_storage = "int8"' in manifest["config"].splitlines(), "the manifest says that the base stood in int8", manifest)


def projection_layers(scratch):
    """projection = "own": the adapters run on a widened copy of the base, which is made, recorded and named."""
    home = {"GPIOT_HOME": os.path.join(scratch, "home")}
    folder = write(os.path.join(scratch, "own"), good_records(), projection="own", projection_width=16, epochs=1)
    models = os.path.join(scratch, "home", "cache", "models")
    done = gpiot("tune", folder, "--dry-run", "--set", "projection=paired", **home)
    check(done.returncode == 0 and "no adapter comes out of it" in done.stderr, "paired is told before, not after", shown(done))
    done = gpiot("tune", folder, "--dry-run", **home)
    check(done.returncode == 0 and "wider by 32" in done.stderr and not os.path.exists(models),
          "a dry run says that the base will be widened, and writes nothing", shown(done))
    done = gpiot("tune", folder, timeout_s=240, **home)
    expect(done.returncode == 0, "a training with projection layers fails", shown(done))
    expect("no form for PEFT" in done.stderr and not os.path.exists(os.path.join(folder, "tuned", "peft")), "PEFT", shown(done))
    copies = os.listdir(models)
    wide = [name for name in copies if name.endswith(".wide32.gguf")]
    expect(len(wide) == 1 and not [name for name in copies if name.endswith(".partial")], "the copy", copies)
    with open(os.path.join(folder, "tuned", "tdslm.gguf.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    with open(MODEL, "rb") as file:
        original = hashlib.file_digest(file, "sha256").hexdigest()
    with open(os.path.join(models, wide[0]), "rb") as file:
        copy = hashlib.file_digest(file, "sha256").hexdigest()
    check((manifest["base_sha256"], manifest["base_parent_sha256"], manifest["base_recipe"], manifest["projection"]) ==
          (copy, original, "widen ffn by 32", "own"), "the manifest names the widened copy and its original", manifest)

    project = os.path.join(scratch, "project")
    make_project(project, records="")
    asked = ("decompose", project, "--no-own-functions", "--tdslm", os.path.join(folder, "tuned", "tdslm.gguf"), "--context", "500")
    done = gpiot(*asked, "--model", MODEL, **home)
    expect_error(done, "model", "its adapter on the original base", "another base")
    expect(f"--model {manifest['base']}; " in done.stderr and "--widen=32" in done.stderr, "no remedy", shown(done))
    # 500 tokens are too few for the prompt: what gets that far has a model and its adapter in memory.
    done = gpiot(*asked, "--model", manifest["base"], **home)
    expect_error(done, "capacity", "its adapter on the widened base", "expected at most 500 together")

    done = gpiot("adapter", "verify", folder, **home)
    check(done.returncode == 0 and done.stdout.count("ok") == 2, "adapter verify knows the base", shown(done))
    out = os.path.join(scratch, "own to share")
    expect_error(gpiot("adapter", "export", folder, "--output", out, "--format", "peft", **home), "unsupported",
                 "projection layers for PEFT", "no form for PEFT", expected=False)
    done = gpiot("adapter", "export", folder, "--output", out, **home)
    expect(done.returncode == 0 and not os.path.exists(os.path.join(out, "peft")), "adapter export", shown(done))
    with open(os.path.join(out, "README.md"), encoding="utf-8") as file:
        check("--widen=32" in file.read(), "what is handed on says how its base is made")

    # A second training finds the copy; the copy as base is used as it is.
    before = os.stat(os.path.join(models, wide[0])).st_mtime_ns
    again = write(os.path.join(scratch, "again"), good_records(), projection="own", projection_width=16, epochs=1,
                  base=manifest["base"])
    done = gpiot("tune", again, timeout_s=240, **home)
    expect(done.returncode == 0 and os.listdir(models) == copies, "another copy was made", shown(done))
    expect(os.stat(os.path.join(models, wide[0])).st_mtime_ns == before, "the copy was written again")
    with open(os.path.join(folder, "tuned", "tdslm.gguf"), "rb") as left, open(os.path.join(again, "tuned", "tdslm.gguf"), "rb") as right:
        check(left.read() == right.read(), "tuned on the copy by name, the adapter is the same")


def one_of_two_fails(tune, folder):
    """The process that can go on does not wait for the one that cannot."""
    start = ["mpirun", "--allow-run-as-root", "--oversubscribe", "-np", "1", tune, folder, "--model", MODEL, ":", "-np", "1", tune,
             folder + "-not-there", "--model", MODEL]
    done = subprocess.run(start, capture_output=True, text=True, timeout=120)
    expect(done.returncode not in (0, None) and "not-there" in done.stderr, "one of two fails", shown(done))
    check(not os.path.exists(os.path.join(folder, "tuned", "tdslm.gguf")), "one of two fails, and both end")


def in_two_processes(scratch):
    """The same global batch by two processes: the same losses."""
    tune = os.path.join(os.path.dirname(BINARY), "gpiot-tune")
    linked = subprocess.run(["ldd", tune], capture_output=True, text=True).stdout
    if not shutil.which("mpirun") or "libmpi" not in linked:
        print("skipped: two processes: no mpirun, or gpiot-tune was built without MPI", flush=True)
        return
    settings = {"dropout": 0.0, "batch_tokens": 80, "step_tokens": 240}
    logs = []
    for name, before in (("one", []), ("two", ["mpirun", "-np", "2", "--allow-run-as-root", "--oversubscribe"])):
        folder = write(os.path.join(scratch, name), good_records(), **settings)
        done = gpiot("tune", folder, before=before, timeout_s=240)
        expect(done.returncode == 0, f"{name}: a training fails", shown(done))
        expect(done.stderr.count("records to train on") == 1, f"{name}: not one process speaks", shown(done))
        logs.append(log_of(folder))
    expect(len(logs[0]) == len(logs[1]) > 1, "another number of steps", logs)
    for left, right in zip(*logs):
        expect(abs(left["loss"] - right["loss"]) < 1e-4 * left["loss"], "two processes get another loss", (left, right))
    check(True, "two processes train as one does")
    one_of_two_fails(tune, write(os.path.join(scratch, "half"), good_records(), **settings))


def main():
    if not MODEL:
        skip("GPIOT_TEST_MODEL names no model")
    with Scratch() as scratch:
        refused(scratch)
        goes_on(scratch)
        too_little(scratch)
        in_int8(scratch)
        projection_layers(scratch)
        in_two_processes(scratch)


main()
