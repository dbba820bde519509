#include "gpiot/sandbox/seccomp_calls.h"

#include <cerrno>

namespace gpiot::sandbox {
namespace {

// clang-format off: one call a line would be a page
constexpr const char* kFiles[] = {
    "access", "chdir", "chmod", "chown", "close", "close_range", "copy_file_range", "creat", "dup", "dup2", "dup3",
    "faccessat", "faccessat2", "fadvise64", "fallocate", "fchdir", "fchmod", "fchmodat", "fchmodat2", "fchown",
    "fchownat", "fcntl", "fdatasync", "fgetxattr", "flistxattr", "flock", "fremovexattr", "fsetxattr", "fstat",
    "fstatfs", "fsync", "ftruncate", "futimesat", "getcwd", "getdents", "getdents64", "getxattr", "inotify_add_watch",
    "inotify_init", "inotify_init1", "inotify_rm_watch", "ioctl", "lchown", "lgetxattr", "link", "linkat", "listxattr",
    "llistxattr", "lremovexattr", "lseek", "lsetxattr", "lstat", "mkdir", "mkdirat", "mknod", "mknodat", "newfstatat",
    "open", "openat", "openat2", "pipe", "pipe2", "pread64", "preadv", "preadv2", "pwrite64", "pwritev", "pwritev2",
    "read", "readahead", "readlink", "readlinkat", "readv", "removexattr", "rename", "renameat", "renameat2", "rmdir",
    "sendfile", "setxattr", "splice", "stat", "statfs", "statx", "symlink", "symlinkat", "sync_file_range", "syncfs",
    "tee", "truncate", "umask", "unlink", "unlinkat", "utime", "utimensat", "utimes", "write", "writev"};

constexpr const char* kProcesses[] = {
    "alarm", "arch_prctl", "clone", "execve", "execveat", "exit", "exit_group", "fork", "get_robust_list",
    "get_thread_area", "getcpu", "getegid", "geteuid", "getgid", "getgroups", "getitimer", "getpgid", "getpgrp",
    "getpid", "getppid", "getpriority", "getresgid", "getresuid", "getrlimit", "getrusage", "getsid", "gettid",
    "getuid", "kill", "membarrier", "pause", "pidfd_open", "pidfd_send_signal", "prctl", "prlimit64",
    "restart_syscall", "rseq", "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo", "rt_sigreturn",
    "rt_sigsuspend", "rt_sigtimedwait", "rt_tgsigqueueinfo", "sched_get_priority_max", "sched_get_priority_min",
    "sched_getaffinity", "sched_getattr", "sched_getparam", "sched_getscheduler", "sched_rr_get_interval",
    "sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler", "sched_yield", "set_robust_list",
    "set_thread_area", "set_tid_address", "setfsgid", "setfsuid", "setgid", "setgroups", "setitimer", "setpgid",
    "setpriority", "setregid", "setresgid", "setresuid", "setreuid", "setrlimit", "setsid", "setuid", "sigaltstack",
    "signalfd", "signalfd4", "tgkill", "time", "times", "tkill", "vfork", "wait4", "waitid", "waitpid"};

constexpr const char* kMemoryAndTime[] = {
    "brk", "clock_getres", "clock_gettime", "clock_nanosleep", "epoll_create", "epoll_create1", "epoll_ctl",
    "epoll_pwait", "epoll_pwait2", "epoll_wait", "eventfd", "eventfd2", "futex", "futex_wait", "futex_waitv",
    "futex_wake", "get_mempolicy", "getrandom", "gettimeofday", "madvise", "map_shadow_stack", "mbind", "mincore",
    "mlock", "mlock2", "mlockall", "mmap", "mprotect", "mremap", "mseal", "msync", "munlock", "munlockall", "munmap",
    "nanosleep", "pkey_alloc", "pkey_free", "pkey_mprotect", "poll", "ppoll", "pselect6", "select", "set_mempolicy",
    "sysinfo", "timer_create", "timer_delete", "timer_getoverrun", "timer_gettime", "timer_settime", "timerfd_create",
    "timerfd_gettime", "timerfd_settime", "uname", "capget"};

/// Sockets: the second filter leaves AF_UNIX only, which multiprocessing and torch workers need.
constexpr const char* kSockets[] = {
    "accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt", "listen", "recvfrom",
    "recvmmsg", "recvmsg", "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown", "socket", "socketpair"};

/// Level B: what reaches the host's files or processes where no namespace hides them, past Landlock.
constexpr const char* kNotAtB[] = {
    "accept", "accept4", "bind", "chmod", "chown", "connect", "fchmod", "fchmodat", "fchmodat2", "fchown", "fchownat",
    "futimesat", "inotify_add_watch", "inotify_init", "inotify_init1", "lchown", "listen", "mknod", "mknodat",
    "recvmmsg", "recvmsg", "sendmmsg", "sendmsg", "setfsgid", "setfsuid", "setgid", "setgroups", "setregid",
    "setpgid", "setresgid", "setresuid", "setreuid", "setsid", "setuid", "socket", "truncate", "utime", "utimensat", "utimes"};

/// Copies of files go on without attributes where these say "not supported".
constexpr const char* kAttributes[] = {
    "fgetxattr", "flistxattr", "fremovexattr", "fsetxattr", "getxattr", "lgetxattr", "listxattr", "llistxattr",
    "lremovexattr", "lsetxattr", "removexattr", "setxattr"};
// clang-format on

constexpr std::span<const char* const> kGroups[] = {kFiles, kProcesses, kMemoryAndTime, kSockets};

}  // namespace

std::span<const std::span<const char* const>> allowed_calls() { return kGroups; }

std::vector<DeniedCalls> calls_denied_at_b() { return {{EPERM, kNotAtB}, {ENOTSUP, kAttributes}}; }

}  // namespace gpiot::sandbox
