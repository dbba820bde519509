"""Code planted for the next run, and ways to be judged well without the work.

The host collects /out/result.csv: it counts only where it is a regular file of the program's own, and never holds the
canary. The host also compares the mounted folder before and after.
"""
import os
import site
import subprocess
import sys
import threading
import time

from attempt import APP, OUT, TMP, inside

PLACES = [APP, sys.prefix, "/usr/lib/python3/dist-packages", "/usr/lib/python3.11", TMP, OUT]


def plant(name, text):
    done = []
    for place in PLACES:
        try:
            with open(os.path.join(place, name), "w") as file:
                file.write(text)
            done.append(place)
        except OSError:
            pass
    lasting = [p for p in done if p not in (TMP, OUT)]
    return f"planted in {lasting}" if lasting else inside(f"only in {done}, which end with the run")


def try_plant_sitecustomize(facts):
    return plant("sitecustomize.py", "print('planted')")


def try_plant_usercustomize(facts):
    return plant("usercustomize.py", "print('planted')")


def try_plant_pth(facts):
    return plant("planted.pth", "import os; os.system('echo planted')")


def try_plant_conftest(facts):
    return plant("conftest.py", "print('planted')")


def try_plant_git_hook(facts):
    for place in (APP, os.path.dirname(APP) + "/data"):
        os.makedirs(place + "/.git/hooks", exist_ok=True)
    return "planted a git hook"


def try_plant_configuration(facts):
    for place in (APP, facts["folder"], facts["suite"]):
        try:
            with open(place + "/gpiot.toml", "w") as file:
                file.write("[sandbox]\nenabled = false\n")
            return "planted " + place
        except OSError:
            pass
    return None


def try_overwrite_own_tests(facts):
    with open(APP + "/attempt.py", "a") as file:
        file.write("\nprint('changed')\n")
    return "changed the mounted program"


def try_plant_user_site(facts):
    os.makedirs(TMP + "/.local/lib/python3.11/site-packages", exist_ok=True)
    with open(TMP + "/.local/lib/python3.11/site-packages/usercustomize.py", "w") as file:
        file.write("print('planted')")
    done = subprocess.run([sys.executable, "-I", "-c", "pass"], capture_output=True, text=True)
    return "python -I ran planted code" if "planted" in done.stdout else inside("inert, and gone with the run")


def try_exit_zero_without_result(facts):
    print("PASS 100 % accuracy")
    return inside("exit code 0 and a claim, no result")


def try_immediate_exit(facts):
    with open(OUT + "/report.json", "w") as file:
        file.write('{"state": "inside", "detail": "os._exit(0) before the work"}')
    os._exit(0)


def try_result_is_link_to_canary(facts):
    os.symlink(facts["canary"], OUT + "/result.csv")
    return inside("left a link as result")


def try_result_is_relative_link(facts):
    os.symlink("../" * 30 + facts["canary"][1:], OUT + "/result.csv")
    return inside("left a relative link as result")


def try_result_is_link_to_secret_beside(facts):
    """Twice: a link to a link."""
    os.symlink(facts["canary"], OUT + "/first")
    os.symlink("first", OUT + "/result.csv")
    return inside("left a link to a link as result")


def try_result_is_magic_link(facts):
    """Read by the host, it would be the host's own environment."""
    os.symlink("/proc/self/environ", OUT + "/result.csv")
    return inside("left a magic link as result")


def try_result_is_endless_device(facts):
    os.symlink("/dev/zero", OUT + "/result.csv")
    return inside("left a link to /dev/zero as result")


def try_result_is_link_to_itself(facts):
    os.symlink("result.csv", OUT + "/result.csv")
    return inside("left a loop as result")


def try_result_is_link_to_folder(facts):
    os.symlink(facts["folder"], OUT + "/result.csv")
    return inside("left a link to a folder as result")


def try_result_is_device(facts):
    os.mknod(OUT + "/result.csv", 0o020666, os.makedev(1, 5))
    return "left a device as result"


def try_result_without_mode(facts):
    os.close(os.open(OUT + "/result.csv", os.O_CREAT | os.O_WRONLY, 0))
    return inside("left a result that nobody may read")


def try_result_behind_open_pipe(facts):
    """A writer that never writes waits at the other end."""
    os.mkfifo(OUT + "/result.csv")
    if os.fork() == 0:
        os.open(OUT + "/result.csv", os.O_WRONLY)
        time.sleep(60)
    time.sleep(0.1)
    return inside("left a pipe with a writer as result")


def try_result_is_pipe(facts):
    os.mkfifo(OUT + "/result.csv")
    return inside("left a pipe as result")


def try_result_is_folder(facts):
    os.mkdir(OUT + "/result.csv")
    return inside("left a folder as result")


def try_result_is_hard_link(facts):
    open(OUT + "/other", "w").close()
    os.link(OUT + "/other", OUT + "/result.csv")
    return inside("left a file with two names as result")


def try_result_is_socket(facts):
    import socket
    socket.socket(socket.AF_UNIX).bind(OUT + "/result.csv")
    return inside("left a socket as result")


def try_result_too_large(facts):
    with open(OUT + "/result.csv", "wb") as file:
        file.truncate(31 << 20)
    return inside("left a sparse result of 31 MiB")


def try_result_swapped_in_a_race(facts):
    if os.fork() == 0:
        try:
            os.setsid()
        except OSError:
            pass
        while True:
            for action in (lambda: os.symlink(facts["canary"], OUT + "/swap"), lambda: os.rename(OUT + "/swap", OUT + "/result.csv"),
                           lambda: os.remove(OUT + "/result.csv")):
                try:
                    action()
                except OSError:
                    pass
    time.sleep(0.1)
    return inside("swaps the result for ever")


def try_find_withheld_labels(facts):
    for folder, _, names in os.walk("/"):
        if folder.startswith(("/proc", "/usr", "/venv", "/dev")):
            continue
        for name in names:
            if "canary" in name or "label" in name:
                return os.path.join(folder, name)
    return None


def try_terminal_codes(facts):
    sys.stdout.buffer.write(b"\x1b]52;c;ZXZpbA==\x07\x1b[2J\x9b31m\xff\xfe" + b"\r" * 10)
    return inside("control codes on stdout: base::printable shows them as text")
