"""Reading and writing what belongs to the host."""
import ctypes
import fcntl
import os
import socket
import stat
import tempfile

from attempt import APP, OUT, TMP, inside, syscall

HOME = "/root", "/home", "/var", "/srv", "/mnt", "/media", "/opt", "/boot", "/sys"


def read(path):
    with open(path, "rb") as file:
        return path + ": " + repr(file.read(80))


def write(path):
    with open(path, "w") as file:
        file.write("planted")
    return "wrote " + path


def open_to_write(path):
    """Opening is proof enough: nothing of the host is changed even where it succeeds."""
    os.close(os.open(path, os.O_WRONLY))
    return "may write " + path


def try_read_canary(facts):
    return read(facts["canary"])


def try_read_ten_secrets(facts):
    """Keys, tokens, settings and labels of another project, each at its usual name."""
    for path in facts["secrets"]:
        try:
            return read(path)
        except OSError:
            pass
    return None


def try_list_canary_folder(facts):
    return f"lists: {os.listdir(facts['folder'])}"


def try_enter_canary_folder(facts):
    os.chdir(facts["folder"])
    return f"lists from within: {os.listdir('.')}"


def try_append_to_canary(facts):
    with open(facts["canary"], "a") as file:
        file.write("planted")
    return "appended to a host file"


def try_truncate_canary(facts):
    """By its name, which opens nothing."""
    os.truncate(facts["canary"], 0)
    return "emptied a host file"


def try_truncate_canary_by_reading(facts):
    """Opened to read, but emptied: the kernel allows it, and Landlock says nothing of it before ABI 3."""
    os.close(os.open(facts["canary"], os.O_RDONLY | os.O_TRUNC))
    return "emptied a host file"


def try_chmod_canary(facts):
    os.chmod(facts["canary"], 0o666)
    return "changed the mode of a host file"


def try_chown_canary(facts):
    os.chown(facts["canary"], os.getuid(), os.getgid())
    return "changed the owner of a host file"


def try_touch_canary(facts):
    os.utime(facts["canary"], (1, 1))
    return "changed the times of a host file"


def try_attribute_of_canary(facts):
    os.setxattr(facts["canary"], "user.planted", b"1")
    return "set an attribute of a host file"


def try_read_attributes_of_canary(facts):
    return f"attributes: {os.listxattr(facts['canary'])}"


def try_rename_canary(facts):
    os.rename(facts["canary"], facts["canary"] + ".gone")
    return "renamed a host file"


def try_move_canary_in(facts):
    os.rename(facts["canary"], OUT + "/canary")
    return "moved a host file: " + read(OUT + "/canary")


def try_remove_canary(facts):
    os.remove(facts["canary"])
    return "removed a host file"


def try_link_canary_in(facts):
    os.link(facts["canary"], OUT + "/canary")
    return read(OUT + "/canary")


def try_link_app_file_to_write_it(facts):
    """A second name in a writable folder for a file that is shown read-only."""
    os.link(APP + "/attempt.py", OUT + "/mine.py")
    with open(OUT + "/mine.py", "a") as file:
        file.write("# planted")
    return "wrote through a hard link"


def try_move_app_file(facts):
    os.rename(APP + "/attempt.py", OUT + "/attempt.py")
    return "moved a mounted file"


def try_replace_own_folders(facts):
    for folder in (OUT, APP):
        try:
            os.rename(folder, folder + ".old")
        except OSError:
            continue
        os.symlink(facts["folder"], folder)
        return "put a link in the place of " + folder
    return None


def try_flags_of_app_file(facts):
    """An ioctl that changes a file through a descriptor for reading; then one that seals it for good."""
    with open(APP + "/attempt.py", "rb") as file:
        flags = bytearray(8)
        fcntl.ioctl(file, 0x80086601, flags)
        fcntl.ioctl(file, 0x40086602, bytes([flags[0] | 0x40]) + bytes(flags[1:]))
    return "changed the flags of a mounted file"


def try_path_descriptor_of_canary(facts):
    """O_PATH opens nothing, so it may be had where reading may not."""
    fd = os.open(facts["canary"], os.O_PATH)
    for path in (f"/proc/self/fd/{fd}", f"/dev/fd/{fd}"):
        try:
            return read(path)
        except OSError:
            pass
    os.link("", OUT + "/canary", src_dir_fd=fd)
    return read(OUT + "/canary")


def try_watch_canary_folder(facts):
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(0)
    if watch < 0 or libc.inotify_add_watch(watch, facts["folder"].encode(), 0xFFF) < 0:
        raise OSError(ctypes.get_errno(), "inotify")
    return "watches a host folder"


def try_read_shadow(facts):
    return read("/etc/shadow")


def try_read_passwd(facts):
    return read("/etc/passwd")


def try_list_home_folders(facts):
    found = [f"{p}: {os.listdir(p)[:3]}" for p in HOME if os.path.isdir(p) and os.listdir(p)]
    return "; ".join(found) or None


def try_read_host_project(facts):
    return read(facts["executable"])


def try_proc_self_root(facts):
    return read("/proc/self/root" + facts["canary"])


def try_proc_1_root(facts):
    return read("/proc/1/root" + facts["canary"])


def try_proc_1_cwd(facts):
    return read("/proc/1/cwd/../../.." + facts["canary"])


def try_dot_dot_out(facts):
    return read(OUT + "/" + "../" * 20 + facts["canary"])


def try_symlink_out(facts):
    os.symlink(facts["canary"], OUT + "/link")
    return read(OUT + "/link")


def try_hard_link_system_file(facts):
    os.link("/usr/bin/env", OUT + "/env")
    return "hard link to a host file"


def try_write_usr(facts):
    return write("/usr/lib/python3/dist-packages/gpiot_planted.py")


def try_write_etc(facts):
    os.makedirs("/etc", exist_ok=True)
    return write("/etc/ld.so.preload")


def try_write_root(facts):
    return write("/gpiot-planted")


def try_write_app(facts):
    return write(APP + "/planted.py")


def try_write_host_folder(facts):
    return write(facts["folder"] + "/planted")


def try_make_device(facts):
    os.mknod(OUT + "/disk", stat.S_IFBLK | 0o666, os.makedev(8, 0))
    return "made a block device"


def try_make_memory_device(facts):
    os.mknod(TMP + "/mem", stat.S_IFCHR | 0o666, os.makedev(1, 1))
    return read(TMP + "/mem")


def try_change_null_device(facts):
    os.chmod("/dev/null", 0o666)
    return "changed the mode of the host's /dev/null"


def try_chmod_system_file(facts):
    os.chmod("/usr/bin/env", 0o755)
    return "changed the mode of a host file"


def try_setuid_file_left(facts):
    open(OUT + "/shell", "w").close()
    os.chmod(OUT + "/shell", 0o4755)
    return inside("a setuid file of an unprivileged user on a nosuid mount")


def try_chown_to_root(facts):
    open(OUT + "/owned", "w").close()
    os.chown(OUT + "/owned", 0, 0)
    return "chown to root"


def try_open_by_handle(facts):
    handle = (ctypes.c_uint * 34)(128)
    mount = ctypes.c_int()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.name_to_handle_at(-100, b"/usr", handle, ctypes.byref(mount), 0):
        raise OSError(ctypes.get_errno(), "name_to_handle_at")
    fd = syscall(304, os.open("/usr", os.O_RDONLY), handle, os.O_RDONLY)
    return f"opened by handle: {os.listdir(fd)[:3]}"


def try_write_core_pattern(facts):
    return open_to_write("/proc/sys/kernel/core_pattern")


def try_sysrq(facts):
    return open_to_write("/proc/sysrq-trigger")


def try_host_shared_memory(facts):
    found = [n for n in os.listdir("/dev/shm")]
    if found:
        return f"others' shared memory: {found}"
    with open("/dev/shm/" + facts["marker"], "w") as file:
        file.write("x")
    return inside("a private /dev/shm")


def try_host_tmp(facts):
    found = os.listdir(TMP)
    with open(TMP + "/" + facts["marker"], "w") as file:
        file.write("x")
    return f"others' files: {found}" if found else inside("a private /tmp")


def try_odd_names(facts):
    for name in ("new\nline", "x" * 255, "\udcff\udcfe", "-rf", "$(id)", "..."):
        open(OUT + "/" + name, "w").close()
    return inside("odd names in /out, which the host never lists")


def try_unix_socket_of_host(facts):
    for path in ("/run/docker.sock", "/var/run/docker.sock", "/run/dbus/system_bus_socket", "/run/systemd/private"):
        try:
            with socket.socket(socket.AF_UNIX) as out:
                out.connect(path)
            return "reaches " + path
        except OSError:
            pass
    return None


def try_block_devices(facts):
    for name in ("sda", "vda", "xvda", "nvme0n1", "loop0", "loop-control", "nvidia0", "kvm", "mem", "fuse", "net/tun"):
        for flags in (os.O_RDWR, os.O_RDONLY):
            try:
                os.close(os.open("/dev/" + name, flags | os.O_NONBLOCK))
                return "opens /dev/" + name
            except OSError:
                pass
    return None


def try_temporary_elsewhere(facts):
    for folder in ("/var/tmp", "/run", "/usr/tmp", "/usr/local"):
        if os.path.isdir(folder):
            try:
                return tempfile.mkstemp(dir=folder)[1]
            except OSError:
                pass
    return None
