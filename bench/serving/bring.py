#!/usr/bin/env python3
"""Answers what waits at relay.py, again and again, with a program on this machine.

    bench/serving/bring.py [--port 8712] -- build/release/bench/serving/gpiot-bench-answers MODEL.gguf {requests} {answers}

The program gets a file of requests and writes one of answers, as gpu_answers.py does; it is called whenever something
waits. What waits at the time is one batch. Ends with Ctrl-C, or where the program fails."""
import argparse
import os
import subprocess
import sys
import tempfile
import time
import urllib.request

PAUSE_S = 0.5


def waiting(relay):
    with urllib.request.urlopen(relay + "/pending") as reply:
        return reply.read()


def bring(relay, command, folder, requests):
    names = {"{requests}": os.path.join(folder, "requests.jsonl"), "{answers}": os.path.join(folder, "answers.jsonl")}
    with open(names["{requests}"], "wb") as file:
        file.write(requests)
    if os.path.exists(names["{answers}"]):
        os.unlink(names["{answers}"])
    subprocess.run([names.get(word, word) for word in command], check=True)
    with open(names["{answers}"], "rb") as file:
        answers = file.read()
    urllib.request.urlopen(urllib.request.Request(relay + "/answers", data=answers, method="POST")).close()
    return answers.count(b"\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8712)
    parser.add_argument("--once", action="store_true", help="answer what waits now, then end")
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    relay = f"http://127.0.0.1:{arguments.port}"
    with tempfile.TemporaryDirectory() as folder:
        while True:
            if requests := waiting(relay):
                start = time.monotonic()
                count = bring(relay, arguments.command, folder, requests)
                print(f"{count} answers in {time.monotonic() - start:.0f} s", file=sys.stderr)
            if arguments.once:
                return
            time.sleep(PAUSE_S)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
