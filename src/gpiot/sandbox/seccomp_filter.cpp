#include "gpiot/sandbox/seccomp_filter.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>

#include "gpiot/base/error.h"
#include "gpiot/sandbox/seccomp_calls.h"

namespace gpiot::sandbox {
namespace {

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

void check(int result, const char* what) {
  if (result < 0) {
    throw base::Error(base::ErrorCode::Sandbox, "sandbox.seccomp",
                      std::string("cannot build the system call filter: ") + what + ": " + std::strerror(-result));
  }
}

Filter start_filter(std::uint32_t default_action) {
  Filter filter(seccomp_init(default_action), &seccomp_release);
  if (!filter) check(-ENOMEM, "seccomp_init");
  check(seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), "foreign architectures");
  // A tree instead of a chain: the filter runs at every call of the program.
  check(seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2), "optimise");
  return filter;
}

/// The kernel reads these arguments as 32 bits; the upper half must not hide a value.
constexpr std::uint64_t kLow = 0xffffffffU;

/// Calls on a descriptor that do very different things by their second argument: level B lists those as well, since
/// some change a file that was opened for reading only, or send signals.
struct RequestCall {
  const char* name;
  std::span<const std::uint64_t> requests;
};
constexpr std::uint64_t kRequests[] = {TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX};
constexpr std::uint64_t kCommands[] = {F_DUPFD,      F_GETFD,         F_SETFD,      F_GETFL,     F_SETFL,
                                       F_GETLK,      F_SETLK,         F_SETLKW,     F_OFD_GETLK, F_OFD_SETLK,
                                       F_OFD_SETLKW, F_DUPFD_CLOEXEC, F_SETPIPE_SZ, F_GETPIPE_SZ};
constexpr RequestCall kByRequest[] = {{"ioctl", kRequests}, {"fcntl", kCommands}};

bool allow_by_request(const Filter& filter, const char* name, int number) {
  for (const auto& call : kByRequest) {
    if (std::strcmp(call.name, name) != 0) continue;
    for (const auto request : call.requests) {
      check(seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, number, 1, SCMP_A1(SCMP_CMP_MASKED_EQ, kLow, request)),
            name);
    }
    return true;
  }
  return false;
}

/// Numbers a program may use; EPERM for what is known and forbidden would tell callers not to fall back.
Filter by_number(bool requests_too) {
  auto filter = start_filter(SCMP_ACT_ERRNO(ENOSYS));
  for (const auto& group : allowed_calls()) {
    for (const char* name : group) {
      const int number = seccomp_syscall_resolve_name(name);
      if (number < 0 || (requests_too && allow_by_request(filter, name, number))) continue;
      check(seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, number, 0), name);
    }
  }
  // 0 is the ordinary personality, 0xffffffff asks for the present one.
  for (const std::uint64_t value : {0x0ULL, 0xffffffffULL}) {
    check(seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(personality), 1, SCMP_A0(SCMP_CMP_EQ, value)),
          "personality");
  }
  return filter;
}

void deny(const Filter& filter, int error_number, int call, scmp_arg_cmp condition) {
  check(seccomp_rule_add_array(filter.get(), SCMP_ACT_ERRNO(static_cast<unsigned>(error_number)), call, 1, &condition),
        "a rule on an argument");
}

Filter by_argument() {
  auto filter = start_filter(SCMP_ACT_ALLOW);
  const int families[] = {SCMP_SYS(socket), SCMP_SYS(socketpair)};
  for (const int call : families) {
    // Masked comparison knows only "equal": every family but AF_UNIX (1) differs from it in one of these bits.
    for (int bit = 1; bit < 32; ++bit) {
      deny(filter, EAFNOSUPPORT, call, SCMP_A0(SCMP_CMP_MASKED_EQ, 1ULL << bit, 1ULL << bit));
    }
    deny(filter, EAFNOSUPPORT, call, SCMP_A0(SCMP_CMP_MASKED_EQ, 1, 0));
  }
  constexpr std::uint64_t namespaces[] = {CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                                          CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET};
  for (const auto flag : namespaces) deny(filter, EPERM, SCMP_SYS(clone), SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag));
  for (const std::uint64_t request : {std::uint64_t{TIOCSTI}, std::uint64_t{TIOCLINUX}, std::uint64_t{TIOCCONS}}) {
    deny(filter, EPERM, SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_MASKED_EQ, kLow, request));
  }
  return filter;
}

/// Refuses a whole call with `error_number`.
void deny_call(const Filter& filter, int error_number, const char* name) {
  const int number = seccomp_syscall_resolve_name(name);
  if (number < 0) return;
  check(seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(static_cast<unsigned>(error_number)), number, 0), name);
}

/// What level A need not refuse, since a namespace or a mount makes it harmless there.
Filter without_namespaces() {
  auto filter = start_filter(SCMP_ACT_ALLOW);
  for (const auto& [error_number, names] : calls_denied_at_b()) {
    for (const char* name : names) deny_call(filter, error_number, name);
  }
  // Landlock before ABI 3 knows nothing of truncation, and opening to read may truncate. libc falls back from openat2,
  // whose flags no filter can see.
  deny_call(filter, ENOSYS, "openat2");
  for (const std::uint64_t access : {std::uint64_t{O_RDONLY}, std::uint64_t{O_ACCMODE}}) {
    constexpr std::uint64_t mask = O_ACCMODE | O_TRUNC;
    if (seccomp_syscall_resolve_name("open") >= 0) {
      deny(filter, EACCES, SCMP_SYS(open), SCMP_A1(SCMP_CMP_MASKED_EQ, mask, O_TRUNC | access));
    }
    deny(filter, EACCES, SCMP_SYS(openat), SCMP_A2(SCMP_CMP_MASKED_EQ, mask, O_TRUNC | access));
  }
  // A datagram pair may send to any address, and a pair of streams only to its other end.
  for (const std::uint64_t type : {SOCK_DGRAM, SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET, SOCK_DCCP, SOCK_PACKET}) {
    deny(filter, EPERM, SCMP_SYS(socketpair), SCMP_A1(SCMP_CMP_MASKED_EQ, 0xf, type));
  }
  deny(filter, EPERM, SCMP_SYS(sendto), SCMP_A4(SCMP_CMP_NE, 0));
  deny(filter, EPERM, SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_MASKED_EQ, kLow, PR_SET_DUMPABLE));
  // Zero is the caller itself; another number may be any process of the same user.
  for (const int call : {SCMP_SYS(prlimit64), SCMP_SYS(sched_setaffinity), SCMP_SYS(sched_setattr),
                         SCMP_SYS(sched_setparam), SCMP_SYS(sched_setscheduler)}) {
    deny(filter, EPERM, call, SCMP_A0(SCMP_CMP_NE, 0));
  }
  deny(filter, EPERM, SCMP_SYS(setpriority), SCMP_A0(SCMP_CMP_NE, 0));
  deny(filter, EPERM, SCMP_SYS(setpriority), SCMP_A1(SCMP_CMP_NE, 0));
  return filter;
}

std::string read_whole(const Descriptor& file) {
  std::string bytes(static_cast<std::size_t>(::lseek(file.get(), 0, SEEK_END)), '\0');
  if (::pread(file.get(), bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    check(-EIO, "read back");
  return bytes;
}

Descriptor memory_file() {
  Descriptor file(::memfd_create("gpiot-seccomp", MFD_CLOEXEC));
  if (!file.valid()) check(-errno, "memfd_create");
  return file;
}

std::string compile(const Filter& filter) {
  const auto file = memory_file();
  check(seccomp_export_bpf(filter.get(), file.get()), "seccomp_export_bpf");
  return read_whole(file);
}

/// The signal calls whose first argument names a process or a group.
constexpr std::array<unsigned, 5> kSignalCalls = {SYS_kill, SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo,
                                                  SYS_rt_tgsigqueueinfo};

bool install(const sock_fprog& program) noexcept {
  return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

}  // namespace

std::vector<Descriptor> seccomp_filters() {
  static const std::string programs[] = {compile(by_number(false)), compile(by_argument())};
  std::vector<Descriptor> filters;
  for (const auto& program : programs) {
    auto file = memory_file();
    if (::write(file.get(), program.data(), program.size()) != static_cast<ssize_t>(program.size()))
      check(-EIO, "write");
    ::lseek(file.get(), 0, SEEK_SET);
    filters.push_back(std::move(file));
  }
  return filters;
}

const std::vector<std::string>& bare_seccomp_filters() {
  static const std::vector<std::string> programs = {compile(without_namespaces()), compile(by_argument()),
                                                    compile(by_number(true))};
  return programs;
}

bool install_filter(const std::string& program) noexcept {
  // libseccomp exports an array of sock_filter; the kernel only reads it.
  auto* code = reinterpret_cast<sock_filter*>(const_cast<char*>(program.data()));
  return install({static_cast<unsigned short>(program.size() / sizeof(sock_filter)), code});
}

/// Written out by hand: the number `own` is known in the forked process only, where libseccomp cannot be called.
bool install_signal_filter(int own) noexcept {
  constexpr unsigned kAllow = SECCOMP_RET_ALLOW;
  constexpr unsigned kRefuse = SECCOMP_RET_ERRNO | EPERM;
  constexpr auto kCalls = static_cast<unsigned char>(kSignalCalls.size());
  std::array<sock_filter, kCalls + 7> code{};
  std::size_t at = 0;
  code[at++] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr));
  for (unsigned char i = 0; i < kCalls; ++i) {
    code[at++] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kSignalCalls[i], static_cast<unsigned char>(kCalls - i), 0);
  }
  code[at++] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_send_signal, 3, 4);
  code[at++] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[0]));
  code[at++] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(own), 2, 0);
  code[at++] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
  code[at++] = BPF_STMT(BPF_RET | BPF_K, kRefuse);
  code[at++] = BPF_STMT(BPF_RET | BPF_K, kAllow);
  return install({static_cast<unsigned short>(at), code.data()});
}

}  // namespace gpiot::sandbox
