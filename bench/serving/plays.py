"""Plays of the trace by gpiot and by llama-server, kept in a file: a play that is there is not made again."""
import hashlib
import json
import os
import resource
import subprocess
import sys

import workload
from llama_server import Server


def sha256_of(path):
    found = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            found.update(block)
    return found.hexdigest()


def others_cpu_s():
    """CPU seconds since boot of all that this process did not start (it counts what has ended, too); stolen ones are
    among them. What a play was disturbed by is the difference."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, _, _, irq, softirq, steal = map(int, file.readline().split()[1:9])
    ours = resource.getrusage(resource.RUSAGE_CHILDREN)
    all_cpu_s = (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
    # Ticks and run times differ by some per cent: small values, also below zero, mean nothing.
    return all_cpu_s - ours.ru_utime - ours.ru_stime


class Plays:
    """`files`: {"trace", "model", "server", "replay"}: paths; their hashes are part of what a play is known by."""

    def __init__(self, folder, files, ours):
        os.makedirs(folder, exist_ok=True)
        self.folder, self.files, self.ours = folder, files, ours
        self.hashes = {name: sha256_of(path) for name, path in files.items()}
        self.kept_file = os.path.join(folder, "plays.jsonl")
        self.kept = self.load_kept()
        prompts_file = os.path.join(folder, "prompts.jsonl")
        self.replay("--prompts", prompts_file)
        self.calls = workload.load(files["trace"], prompts_file)
        self.largest_batch = max(len(call) for call in self.calls)

    def load_kept(self):
        """The plays of earlier runs by their keys. What a stopped run left half written is cut off."""
        if not os.path.exists(self.kept_file):
            return {}
        with open(self.kept_file, "rb+") as file:
            whole = file.read().rpartition(b"\n")[0]
            file.truncate(len(whole) + 1 if whole else 0)
        return {play["key"]: play for play in map(json.loads, whole.splitlines())}

    def replay(self, *options):
        """What gpiot-replay prints; its progress goes to stderr."""
        command = [self.files["replay"], self.files["trace"], "--model", self.files["model"], *options]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise SystemExit("gpiot-replay failed")
        return done.stdout

    def play(self, arm, mode, config, share=1.0, repeat="trial"):
        """What one play took. `arm`: "ours", "sequential" or "parallel"; `repeat` tells equal plays apart."""
        about = {"arm": arm, "mode": mode, "config": config, "share": share, "repeat": repeat}
        # Trials of llama-server stay good when gpiot changes; measured plays do not: they were made side by side.
        hashes = {name: value for name, value in self.hashes.items() if repeat != "trial" or name != "replay"}
        key = hashlib.sha256(json.dumps([about, hashes], sort_keys=True).encode()).hexdigest()[:16]
        made_before = key in self.kept
        if not made_before:
            others_before = others_cpu_s()
            result = self.play_ours(mode) if arm == "ours" else self.play_server(arm, mode, config, share)
            self.check(arm, mode, share, result)
            others = round(others_cpu_s() - others_before, 2)
            self.kept[key] = {"key": key, **about, "others_cpu_s": others, **result}
            with open(self.kept_file, "a", encoding="utf-8") as file:
                file.write(json.dumps(self.kept[key]) + "\n")
        play = self.kept[key]
        print(f"{mode} {arm} {json.dumps(config)} share {share} repeat {repeat}: {play['wall_s']:.1f} s, "
              f"{play['completion_tokens']} tokens, others used {play['others_cpu_s']} s of CPU"
              f"{' (made before)' if made_before else ''}", file=sys.stderr, flush=True)
        return play

    def play_ours(self, mode):
        options = [f"--{name}={value}" for name, value in self.ours.items()]
        return json.loads(self.replay(*options, *([] if mode == "natural" else [f"--{mode}"])))

    def play_server(self, arm, mode, config, share):
        log_file = os.path.join(self.folder, f"llama-server-{arm}.log")
        with Server(self.files["server"], self.files["model"], config, workload.slot_tokens(self.calls, mode),
                    log_file) as server:
            return server.play(self.calls, mode, arm == "parallel", share)

    def check(self, arm, mode, share, result):
        """Given lengths are the same work: all tokens are there, but for rounding down in groups."""
        if mode == "natural":
            return
        wanted = sum(workload.length(request, mode, share) for call in self.calls for request in call)
        requests = sum(len(call) for call in self.calls)
        if not wanted - requests <= result["completion_tokens"] <= wanted + 3 * requests:
            raise SystemExit(f"{arm} made {result['completion_tokens']} tokens, expected {wanted}")

    def version_of_server(self):
        done = subprocess.run([self.files["server"], "--version"], capture_output=True, text=True)
        return (done.stderr + done.stdout).strip().splitlines()[:2]
