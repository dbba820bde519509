"""Every setting is a flag, an environment variable and a key of config.toml, in this order of precedence.

Usage: settings_test.py GPIOT_BINARY ROOT.   Exit status 0 when every check holds.
"""
import json
import os
import re
import shutil
import subprocess
import tempfile

from support import check, gpiot, write

home = tempfile.mkdtemp(prefix="gpiot-test-")


def settings(**environment):
    done = gpiot("--json", "config", "show", GPIOT_HOME=home, **environment)
    check(done.returncode == 0, f"the settings can be shown ({', '.join(environment) or 'as they are'})", done.stderr)
    return {one["key"]: one for one in map(json.loads, done.stdout.splitlines())}


def synthesize(*arguments, **environment):
    return gpiot("synthesize", os.path.join(home, "nothing"), *arguments, GPIOT_HOME=home, **environment).stderr


def value_for(key):
    return {"temperature": "0.5", "budget-memory": "100", "model": "m", "endpoint": "http://127.0.0.1:9/v1",
            "tdslm": "a.gguf", "cgslm": "b.gguf", "no-calibrate": "true", "context": "2048", "sandbox": "B",
            "retrieval": "on", "batch-copy": "off", "knowledge": "folder", "knowledge-background": "off"}.get(key, "3")


def threads_sleep_while_they_wait():
    """OpenMP prints its settings when a program starts, so once more for the program that started itself anew."""
    for given, policies in (({}, ["PASSIVE"]), ({"OMP_WAIT_POLICY": "active"}, ["ACTIVE"])):
        said = gpiot("--version", OMP_DISPLAY_ENV="true", **{"OMP_WAIT_POLICY": None, "GOMP_SPINCOUNT": None, **given})
        found = re.findall(r"OMP_WAIT_POLICY = '(\w+)'", said.stderr)
        check(found[-1:] == policies and said.stdout.startswith("gpiot "), f"threads wait {policies[0]} with {given}",
              said.stderr)
    check(len(found) == 1, "what the user sets is not started anew", str(found))


def main():
    threads_sleep_while_they_wait()
    # Settings of the machine that runs the test would be in the way.
    for name in [name for name in os.environ if name in ("GPIOT_MODEL", "GPIOT_ENDPOINT", "GPIOT_SEED")]:
        del os.environ[name]
    bare = settings()
    check(len(bare) >= 14 and all(one["origin"] == "default" for one in bare.values()), "all begin with their default")
    help_text = gpiot("synthesize", "--help").stdout + gpiot("generate", "--help").stdout
    for key, one in bare.items():
        check(one["flag"] in help_text, f"{key}: the flag is in the help")
        shown = settings(**{one["environment"]: value_for(key)})[key]
        check((shown["value"], shown["origin"]) == (value_for(key), "environment"), f"{key}: the environment sets it",
              str(shown))
        write(home, "config/config.toml", f'{key} = "{value_for(key)}"\n')
        shown = settings()[key]
        check(shown["value"] == value_for(key) and shown["origin"].endswith("config.toml"), f"{key}: the file sets it",
              str(shown))

    write(home, "config/config.toml", "samples = 200\n")
    check("200" in synthesize(), "a value of the file is checked like that of the flag", synthesize())
    check("no such project" in synthesize(GPIOT_SAMPLES="2"), "the environment goes before the file")
    check("no such project" in synthesize("-n", "2", GPIOT_SAMPLES="300"), "the flag goes before the environment")
    write(home, "config/config.toml", "sampels = 2\n")
    check("samples" in synthesize() and "line 1" in synthesize(), "an unknown key is named, with the nearest one",
          synthesize())

    for shell in ("bash", "zsh", "fish"):
        done = gpiot("completion", shell)
        check(done.returncode == 0 and "synthesize" in done.stdout and "temperature" in done.stdout,
              f"completion for {shell} knows commands and options")
    script = gpiot("completion", "bash").stdout
    check("--detached" not in script + gpiot("man").stdout + gpiot("knowledge", "add", "--help").stdout, "what is for itself is not shown")
    ask = ("COMP_WORDS=(gpiot model pu); COMP_CWORD=2; _gpiot; echo \"${COMPREPLY[@]}\"; "
           "COMP_WORDS=(gpiot synthesize --temp); COMP_CWORD=2; _gpiot; echo \"${COMPREPLY[@]}\"")
    done = subprocess.run(["bash", "-c", script + ask], capture_output=True, text=True, cwd=home)
    check(done.stdout.split() == ["pull", "--temperature"], "bash completes a command of a command, and an option",
          done.stdout + done.stderr)
    check(".SH COMMANDS" in gpiot("man").stdout, "there is a manual page")
    shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
