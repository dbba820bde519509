"""Other processes and the kernel's more dangerous calls (numbers of x86-64)."""
import ctypes
import fcntl
import mmap
import os
import signal
import subprocess
import sys

from attempt import OUT, inside, syscall

FLAGS = {"mount": 0x20000, "cgroup": 0x2000000, "uts": 0x4000000, "ipc": 0x8000000, "user": 0x10000000,
         "pid": 0x20000000, "net": 0x40000000}
BUFFER = ctypes.create_string_buffer(256)

# name: (number, arguments); each of these must fail.
CALLS = {
    "ptrace": (101, 16, 1, 0, 0),
    "process_vm_readv": (310, 1, BUFFER, 1, BUFFER, 1, 0),
    "process_vm_writev": (311, 1, BUFFER, 1, BUFFER, 1, 0),
    "process_madvise": (440, 0, BUFFER, 1, 4, 0),
    "kcmp": (312, 1, 1, 0, 0, 0),
    "bpf": (321, 0, BUFFER, 72),
    "perf_event_open": (298, BUFFER, 0, -1, -1, 0),
    "io_uring_setup": (425, 8, BUFFER),
    "userfaultfd": (323, 1),
    "keyctl": (250, 0, -3, 0),
    "add_key": (248, b"user", b"gpiot", b"x", 1, -3),
    "request_key": (249, b"user", b"gpiot", None, -3),
    "mount": (165, b"none", b"/tmp", b"tmpfs", 0, None),
    "umount": (166, b"/out", 2),
    "open_tree": (428, -100, b"/usr", 1),
    "fsopen": (430, b"tmpfs", 0),
    "move_mount": (429, -100, b"/usr", -100, b"/tmp", 0),
    "mount_setattr": (442, -100, b"/usr", 0, BUFFER, 32),
    "pivot_root": (155, b"/tmp", b"/tmp"),
    "chroot": (161, b"/tmp"),
    "kexec_load": (246, 0, 0, None, 0),
    "init_module": (175, BUFFER, 256, b""),
    "finit_module": (313, 0, b"", 0),
    "reboot": (169, 0xFEE1DEAD, 672274793, 0x89ABCDEF, 0),
    "swapon": (167, b"/out/x", 0),
    "settimeofday": (164, None, None),
    "sethostname": (170, b"other", 5),
    "iopl": (172, 3),
    "syslog": (103, 3, BUFFER, 256),
    "acct": (163, b"/out/acct"),
    "quotactl": (179, 0, None, 0, BUFFER),
    "fanotify_init": (300, 0, 0),
    "memfd_create": (319, b"x", 0),
    "memfd_secret": (447, 0),
    "shmget": (29, 0, 4096, 0o1600),
    "mq_open": (240, b"x", 0o102, 0o600, None),
    "clone3": (435, BUFFER, 88),
}


def call_attempt(name, number, arguments):
    def attempt(facts):
        return f"{name} returned {syscall(number, *arguments)}"
    return attempt


for _name, (_number, *_arguments) in CALLS.items():
    globals()["try_" + _name] = call_attempt(_name, _number, _arguments)


def unshare_attempt(flag):
    return lambda facts: f"unshare returned {syscall(272, flag)}"


for _name, _flag in FLAGS.items():
    globals()["try_unshare_" + _name] = unshare_attempt(_flag)


def try_clone_namespace_flags(facts):
    """clone with each namespace flag, from a child-less stack: the kernel copies this one."""
    for name, flag in FLAGS.items():
        try:
            pid = syscall(56, flag | signal.SIGCHLD, 0, 0, 0, 0)
        except OSError:
            continue
        if pid == 0:
            os._exit(0)
        return "clone made a new namespace: " + name
    return None


def leave_session():
    try:
        os.setsid()
    except OSError:
        pass


def try_setns(facts):
    return f"setns: {syscall(308, os.open('/proc/1/ns/net', os.O_RDONLY), 0)}"


def try_pidfd_getfd(facts):
    return f"pidfd_getfd: {syscall(438, os.pidfd_open(1), 0, 0)}"


def try_write_memory_of_init(facts):
    with open("/proc/1/mem", "r+b") as file:
        return inside(f"opened bwrap's own init, which runs under the same limits: {file.fileno()}")


def try_kill_everything(facts):
    child = os.fork()
    if child == 0:
        leave_session()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.kill(-1, signal.SIGTERM)
        os._exit(0)
    os.waitpid(child, 0)
    return inside("signalled every process of the sandbox")


def try_kill_host_process(facts):
    os.kill(facts["victim"], signal.SIGKILL)
    return "killed the host's process"


def try_kill_host_group(facts):
    os.killpg(facts["victim"], signal.SIGKILL)
    return "killed the host's process group"


def try_kill_parent(facts):
    os.kill(os.getppid(), signal.SIGKILL)
    return inside("the parent is in the sandbox") if os.getppid() <= 2 else "signalled the process that watches"


def try_stop_by_queue(facts):
    return f"rt_sigqueueinfo: {syscall(129, facts['victim'], 9, BUFFER)}"


def try_signal_by_pidfd(facts):
    signal.pidfd_send_signal(os.pidfd_open(facts["victim"]), signal.SIGKILL)
    return "killed the host's process"


def try_signal_by_file_owner(facts):
    """The owner of a file is sent SIGIO, or another signal, when there is something to read."""
    reader, writer = os.pipe()
    fcntl.fcntl(reader, fcntl.F_SETOWN, facts["victim"])
    fcntl.fcntl(reader, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(reader, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    os.write(writer, b"x")
    return "became a sender of signals to the host's process"


def try_limits_of_host_process(facts):
    import resource
    resource.prlimit(facts["victim"], resource.RLIMIT_CPU, (0, 0))
    return "limited the host's process"


def try_priority_of_host_process(facts):
    os.setpriority(os.PRIO_PROCESS, facts["victim"], 19)
    return "slowed the host's process down"


def try_priority_of_user(facts):
    os.setpriority(os.PRIO_USER, os.getuid(), 19)
    return inside("slowed its own user's processes down") if os.getppid() <= 2 else "slowed all of its user's processes"


def try_affinity_of_host_process(facts):
    os.sched_setaffinity(facts["victim"], {0})
    return "moved the host's process"


def try_see_host_processes(facts):
    seen = [p for p in os.listdir("/proc") if p.isdigit()]
    return f"sees {len(seen)} processes" if len(seen) > 6 else None


def try_loader_runs_file(facts):
    done = subprocess.run(["/lib64/ld-linux-x86-64.so.2", "/usr/bin/id", "-u"], capture_output=True, text=True)
    return "became root" if done.stdout.strip() == "0" and os.getuid() != 0 else inside("runs as " + done.stdout.strip())


def try_run_su(facts):
    for program in ("/usr/bin/su", "/usr/bin/sudo", "/usr/bin/pkexec", "/usr/bin/newuidmap"):
        if not os.path.exists(program):
            continue
        done = subprocess.run([program, "-c", "id -u"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode == 0 and done.stdout.strip() == "0":
            return program + " gave root"
    return None


def try_become_root(facts):
    os.setuid(0)
    return "setuid(0)"


def try_gain_capabilities(facts):
    for line in open("/proc/self/status"):
        if line.startswith(("CapPrm", "CapEff", "CapBnd", "CapAmb")) and int(line.split()[1], 16):
            return line.strip()
        if line.startswith("NoNewPrivs") and line.split()[1] != "1":
            return "new privileges are possible"
    return None


def try_personality(facts):
    return f"personality: {syscall(135, 0x0040000)}"


def try_push_to_terminal(facts):
    for path in ("/dev/tty", "/proc/self/fd/0", "/proc/self/fd/1", "/dev/ptmx"):
        try:
            fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
            fcntl.ioctl(fd, 0x5412, b"x")
            return "TIOCSTI on " + path
        except OSError:
            pass
    return None


def machine_code(code):
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    return ctypes.CFUNCTYPE(ctypes.c_long)(address)()


def try_ia32_call(facts):
    got = machine_code(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # getpid by int 0x80
    return f"a 32-bit call returned {got}" if got > 0 else None


def try_x32_call(facts):
    return f"an x32 call returned {syscall(0x40000000 | 39)}"


def try_release_agent(facts):
    for folder in ("/sys/fs/cgroup", "/tmp"):
        for name in ("release_agent", "notify_on_release", "cgroup.procs"):
            if os.path.exists(f"{folder}/{name}"):
                return "reaches " + name
    return None


def try_ptrace_child(facts):
    child = os.fork()
    if child == 0:
        signal.pause()
    try:
        return f"PTRACE_SEIZE of a child: {syscall(101, 0x4206, child, 0, 0)}"
    finally:
        os.kill(child, signal.SIGKILL)


def try_executable_in_out(facts):
    with open(OUT + "/run", "wb") as file:
        file.write(open("/usr/bin/true", "rb").read())
    os.chmod(OUT + "/run", 0o755)
    subprocess.run([OUT + "/run"], check=True)
    return inside("ran its own file under the same filter")
