"""Using more than given, and staying after the end. The host judges by its limits, clock and process list."""
import mmap
import os
import signal
import socket
import sys
import threading
import time

from attempt import OUT, TMP, inside


def until_refused(action, most=10**9):
    count = 0
    try:
        while count < most:
            action(count)
            count += 1
    except (OSError, MemoryError, RuntimeError) as error:
        return inside(f"stopped after {count}: {error}")
    return None


def try_fork_bomb(facts):
    while True:
        try:
            os.fork()
        except OSError:
            pass


def try_fork_many(facts):
    def one(count):
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
    return until_refused(one, 2000) or "2000 processes"


def try_thread_bomb(facts):
    def one(count):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    got = until_refused(one, 4000) or "4000 threads"
    with open(OUT + "/report.json", "w") as file:
        file.write('{"state": "%s", "detail": "threads: %s"}' % ("inside" if isinstance(got, inside) else "achieved", got))
    os._exit(0)


def try_memory(facts):
    kept = []
    while True:
        kept.append(bytearray(b"x") * (16 << 20))


def try_memory_of_children(facts):
    for _ in range(8):
        if os.fork() == 0:
            kept = bytearray(b"x") * (64 << 20)
            time.sleep(60)
    time.sleep(60)


def try_shared_memory(facts):
    area = mmap.mmap(-1, 4 << 30)
    for offset in range(0, 4 << 30, 4096):
        area[offset] = 1
    return "4 GiB of shared memory"


def fill(folder):
    block = bytes(1 << 20)
    return until_refused(lambda n: open(f"{folder}/{n}", "wb").write(block), 4096) or "4 GiB in " + folder


def try_fill_out(facts):
    got = fill(OUT)
    os.remove(OUT + "/0")
    return got


def try_fill_tmp(facts):
    return fill(TMP)


def try_fill_shm(facts):
    return fill("/dev/shm")


def try_fill_dev_and_root(facts):
    for folder in ("/dev", "/"):
        try:
            open(folder + "/planted", "wb").close()
        except OSError:
            continue
        return "writes to " + folder
    return None


def try_sparse_terabyte(facts):
    with open(OUT + "/sparse", "wb") as file:
        file.truncate(1 << 40)
    return "a file of 1 TiB"


def try_inodes(facts):
    for count in range(1_000_000):
        os.close(os.open(f"{OUT}/{count}", os.O_CREAT | os.O_WRONLY))
    return "a million files"


def try_deep_folders(facts):
    os.chdir(OUT)

    def one(count):
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
    got = until_refused(one, 30_000)
    return got or "30000 levels"


def try_descriptors(facts):
    kept = []
    got = until_refused(lambda n: kept.append(os.open("/dev/null", os.O_RDONLY)), 100_000) or "100000 descriptors"
    for fd in kept[-8:]:
        os.close(fd)  # the report needs one
    return got


def try_socket_buffers(facts):
    kept = []

    def one(count):
        pair = socket.socketpair()
        kept.append(pair)
        pair[0].setblocking(False)
        try:
            while True:
                pair[0].send(bytes(1 << 16))
        except BlockingIOError:
            pass
    return until_refused(one, 5000) or "5000 full socket pairs"


def try_stdout_flood(facts):
    block = b"y" * (1 << 20)
    for _ in range(200):
        os.write(1, block)
    return inside("wrote 200 MiB, the host keeps what it wants")


def try_stderr_flood(facts):
    block = b"z\n" * (1 << 19)
    for _ in range(200):
        os.write(2, block)
    return inside("wrote 200 MiB, the host keeps what it wants")


def try_sleep_ignoring_term(facts):
    for number in range(1, 32):
        try:
            signal.signal(number, signal.SIG_IGN)
        except OSError:
            pass
    while True:
        time.sleep(60)


def try_busy_loop(facts):
    while True:
        pass


def leave_session():
    try:
        os.setsid()
    except OSError:
        pass


def try_daemon_survives(facts):
    if os.fork() == 0:
        leave_session()
        if os.fork() == 0:
            for fd in (0, 1, 2):
                os.close(fd)
            time.sleep(300)
        os._exit(0)
    return inside("left a daemon behind")


def try_daemon_keeps_pipes(facts):
    if os.fork() == 0:
        leave_session()
        time.sleep(300)
    return inside("left a daemon that holds stdout open")


def try_chain_of_forks(facts):
    """Each process leaves a child and ends, in a session of its own where it may: no list of processes is ever whole."""
    if os.fork() == 0:
        while True:
            try:
                if os.fork() > 0:
                    os._exit(0)
                leave_session()
            except OSError:
                pass
    time.sleep(0.2)
    return inside("left a chain of forks behind")


def try_memory_unseen(facts):
    """A process that may not be dumped hides its memory map from others of its user."""
    import ctypes
    ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
    try_memory(facts)


def try_fill_nameless(facts):
    """Files that are removed while they are open take room that no folder shows."""
    kept = []

    def one(count):
        kept.append(open(f"{OUT}/nameless", "wb", buffering=0))
        os.remove(OUT + "/nameless")
        for _ in range(16):
            kept[-1].write(bytes(1 << 20))
    return until_refused(one, 256) or "4 GiB in files without a name"


def try_fill_mapped(facts):
    """The same without an open descriptor."""
    kept = []

    def one(count):
        with open(f"{OUT}/mapped", "w+b", buffering=0) as file:
            os.remove(OUT + "/mapped")
            for _ in range(16):
                file.write(bytes(1 << 20))
            kept.append(mmap.mmap(file.fileno(), 16 << 20))
    return until_refused(one, 256) or "4 GiB in mapped files without a name"


def try_fill_in_flight(facts):
    """The same with descriptors that lie in a socket."""
    kept = []

    def one(count):
        kept.append(socket.socketpair())
        with open(f"{OUT}/flying", "wb", buffering=0) as file:
            os.remove(OUT + "/flying")
            for _ in range(16):
                file.write(bytes(1 << 20))
            socket.send_fds(kept[-1][0], [b"x"], [file.fileno()])
    return until_refused(one, 256) or "4 GiB in files on their way"


def try_fill_unreadable_folder(facts):
    os.mkdir(OUT + "/closed", 0o300)
    got = fill(OUT + "/closed")
    os.remove(OUT + "/closed/0")  # the report needs room
    return got


def try_zombies(facts):
    def one(count):
        if os.fork() == 0:
            os._exit(0)
    return until_refused(one, 2000) or "2000 zombies"


def try_stop_itself(facts):
    os.kill(os.getpid(), signal.SIGSTOP)
    return inside("was continued")


def try_core_dump(facts):
    if os.fork() == 0:
        os.abort()
    _, status = os.wait()
    return "dumped core" if os.WCOREDUMP(status) else None


def try_raise_own_limits(facts):
    import resource
    for limit in (resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC, resource.RLIMIT_CORE):
        try:
            resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            return f"raised limit {limit}"
        except (OSError, ValueError):
            pass
    return None


def try_raise_priority(facts):
    os.nice(-20)
    return "raised its priority"
