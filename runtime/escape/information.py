"""Learning about the host."""
import os
import socket

from attempt import APP, inside


def try_environment(facts):
    allowed = {"PATH", "HOME", "TMPDIR", "USER", "LOGNAME", "LANG", "LC_CTYPE", "PYTHONHASHSEED", "OMP_NUM_THREADS",
               "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "MPLCONFIGDIR", "MPLBACKEND", "OPENBLAS_CORETYPE",
               "OPENBLAS_L2_SIZE", "PWD"}
    more = set(os.environ) - allowed
    return f"variables: {sorted(more)}" if more else None


def try_environment_of_init(facts):
    text = open("/proc/1/environ", "rb").read()
    return repr(text[:200]) if facts["marker"].encode() in text or b"GPIOT" in text else None


def try_leaked_descriptors(facts):
    found = []
    for fd in range(3, 65536):
        try:
            found.append(f"{fd}: {os.fstat(fd)}")
        except OSError:
            pass
    return "; ".join(found) or None


def try_leaked_descriptors_of_init(facts):
    found = [os.readlink("/proc/1/fd/" + name) for name in os.listdir("/proc/1/fd") if int(name) > 2]
    return f"of process 1: {found}" if any(not f.startswith("anon_inode") for f in found) else None


def try_others_command_lines(facts):
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            text = open(f"/proc/{name}/cmdline", "rb").read()
            if b"python" not in text and b"bwrap" not in text:
                found.append(repr(text[:60]))
    return "; ".join(found) or None


def try_command_line_of_init(facts):
    """bwrap's own arguments name the host's folders; process 1 keeps them."""
    text = open("/proc/1/cmdline", "rb").read().decode(errors="replace").replace("\0", " ")
    return "process 1 tells its mounts" if "--ro-bind" in text else None


def try_kernel_addresses(facts):
    with open("/proc/kallsyms") as file:
        first = [file.readline().split()[0] for _ in range(50)]
    return f"kernel addresses: {first[:2]}" if any(int(a, 16) for a in first) else None


def try_kernel_log(facts):
    with open("/proc/kmsg") as file:
        return "reads the kernel log: " + file.readline()


def try_kernel_memory(facts):
    for path in ("/proc/kcore", "/dev/mem", "/proc/vmallocinfo", "/proc/slabinfo", "/proc/kpageflags", "/proc/timer_list"):
        try:
            with open(path, "rb") as file:
                file.read(64)
            return "reads " + path
        except OSError:
            pass
    return None


def try_host_name(facts):
    name = socket.gethostname()
    return "host name " + name if name != "gpiot" else None


def try_machine_id(facts):
    for path in ("/etc/machine-id", "/var/lib/dbus/machine-id", "/sys/class/dmi/id/product_uuid"):
        try:
            with open(path) as file:
                return path + ": " + file.read()
        except OSError:
            pass
    return None


def try_user_names(facts):
    import pwd
    names = [entry.pw_name for entry in pwd.getpwall()]
    return f"users: {names}" if names else None


def try_real_paths(facts):
    """The kernel tells a mount's path on its own file system; there is no way to hide that from its reader."""
    text = open("/proc/self/mountinfo").read()
    if facts["folder"] in text:
        return "mountinfo names a folder that was not mounted"
    return inside("mountinfo names the mounted folders' host paths") if facts["suite"] in text else None


def try_mapped_paths(facts):
    text = os.getcwd() + repr(os.environ) + os.path.realpath(APP)
    try:
        with open("/proc/self/maps") as file:
            text += file.read()
    except OSError:
        pass
    return "host paths of what is shown" if facts["folder"] in text or facts["suite"] in text else None


def try_names_of_host_files(facts):
    """A path that is known or guessed, looked at without opening it."""
    return f"exists, {os.stat(facts['canary']).st_size} bytes: {facts['canary']}"


def try_targets_of_host_links(facts):
    return "a link's target: " + os.readlink(facts["link"])


def try_process_numbers(facts):
    """The refusal tells a process that exists from one that does not."""
    try:
        os.kill(facts["victim"], 0)
    except PermissionError:
        try:
            os.kill(2**22 + 1, 0)
        except ProcessLookupError:
            return "which process numbers are in use"
        except PermissionError:
            pass
    try:
        return f"session of a host process: {os.getsid(facts['victim'])}"
    except OSError:
        return None
