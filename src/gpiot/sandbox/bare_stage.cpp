#include "gpiot/sandbox/bare_stage.h"

#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "gpiot/sandbox/bwrap_arguments.h"
#include "gpiot/sandbox/child_steps.h"
#include "gpiot/sandbox/seccomp_filter.h"

namespace gpiot::sandbox {
namespace {

constexpr std::size_t kMostVariables = 32;

struct Capabilities {
  __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data{};
};

bool has_capability(unsigned number) {
  Capabilities now;
  if (::syscall(SYS_capget, &now.head, now.data.data()) != 0) return false;
  return (now.data[number / 32].permitted & (1U << (number % 32))) != 0;
}

/// What programs that it starts may never regain. Without CAP_SETPCAP no_new_privs alone sees to that.
void bound_capabilities(std::uint32_t kept) {
  for (int number = 0; number < 64; ++number) {
    if (number >= 32 || (kept & (1U << number)) == 0) ::prctl(PR_CAPBSET_DROP, number, 0, 0, 0);
  }
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

void hold_capabilities(std::uint32_t kept) {
  Capabilities all;
  all.data[0] = {kept, kept, kept};
  if (::syscall(SYS_capset, &all.head, all.data.data()) != 0) child::fail("capset");
}

void take_identity(Identity identity) {
  const std::uint32_t kept = identity == Identity::Nobody ? 1U << CAP_DAC_READ_SEARCH : 0;
  bound_capabilities(kept);
  if (identity != Identity::Same && ::syscall(SYS_setgroups, 0, nullptr) != 0 && errno != EPERM) {
    child::fail("setgroups");
  }
  if (identity == Identity::Nobody) {
    if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) child::fail("keep capabilities");
    if (::syscall(SYS_setresgid, kInsideUser, kInsideUser, kInsideUser) != 0) child::fail("setresgid");
    if (::syscall(SYS_setresuid, kInsideUser, kInsideUser, kInsideUser) != 0) child::fail("setresuid");
  }
  hold_capabilities(kept);
  if (kept != 0 && ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_READ_SEARCH, 0, 0) != 0) {
    child::fail("reading capability");
  }
}

/// What belongs to gpiot goes now: a copy of the guardian's pipe that is held while waiting would keep the guardian
/// from seeing the end of gpiot.
void close_all_but(std::array<int, 4> kept) {
  std::sort(kept.begin(), kept.end());
  unsigned first = 3;
  for (const int fd : kept) {
    const auto number = static_cast<unsigned>(fd);
    if (number > first) ::close_range(first, number - 1, 0);
    first = std::max(first, number + 1);
  }
  ::close_range(first, ~0U, 0);
}

/// Tells its number, and waits until it may go on; gpiot may put it into control groups meanwhile.
void wait_for_go(const Confinement& confinement) {
  std::array<char, 16> text{};
  std::size_t at = text.size();
  for (pid_t rest = ::getpid(); rest > 0; rest /= 10) text[--at] = static_cast<char>('0' + rest % 10);
  text[--at] = ' ';
  if (::write(confinement.info, text.data() + at, text.size() - at) < 0) child::fail("info");
  (void)!::write(confinement.info, "\n", 1);
  char byte = 0;
  if (::read(confinement.block, &byte, 1) != 1) ::_exit(125);
}

void confine(const Confinement& confinement) {
  take_identity(confinement.identity);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) child::fail("no_new_privs");
  if (!restrict_self(confinement.rules.fd())) child::fail("landlock");
  if (::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0) child::fail("close_range");
  if (!confinement.filter_calls) return;
  if (!confinement.scopes_signals && !install_signal_filter(::getpid())) child::fail("signal filter");
  for (const auto& program : bare_seccomp_filters()) {
    if (!install_filter(program)) child::fail("seccomp");
  }
}

[[noreturn]] void become(const Confinement& confinement, char* const* argv, const std::vector<int>& inherited) {
  child::reset_signals();
  ::setsid();
  for (std::size_t number = 0; number < inherited.size(); ++number) {
    if (::dup2(inherited[number], static_cast<int>(number)) < 0) child::fail("dup2");
  }
  close_all_but({confinement.folder, confinement.info, confinement.block, confinement.rules.fd()});
  if (::fchdir(confinement.folder) != 0) child::fail("working folder");
  wait_for_go(confinement);
  for (const auto& [resource, value] : confinement.limits) {
    const rlimit both{value, value};
    if (::setrlimit(static_cast<__rlimit_resource>(resource), &both) != 0) child::fail("resource limit");
  }
  std::array<char*, kMostVariables> environment{};
  for (std::size_t i = 0; i + 1 < environment.size() && i < confinement.environment.size(); ++i) {
    environment[i] = const_cast<char*>(confinement.environment[i].c_str());
  }
  confine(confinement);
  ::execve(argv[0], argv, environment.data());
  child::fail("execve");
}

}  // namespace

Identity identity_for_level_b() {
  if (::geteuid() != 0) return Identity::Same;
  const bool can_be_nobody =
      has_capability(CAP_DAC_READ_SEARCH) && has_capability(CAP_SETUID) && has_capability(CAP_SETGID);
  return can_be_nobody ? Identity::Nobody : Identity::BareRoot;
}

std::vector<std::pair<int, std::uint64_t>> limits_of(const core::ResourceLimits& limits, int running) {
  return {
      // The kernel counts the user's tasks of the whole machine.
      {RLIMIT_NPROC, static_cast<std::uint64_t>(running + limits.processes)},
      {RLIMIT_NOFILE, 1024},
      {RLIMIT_FSIZE, limits.disk_bytes},
      {RLIMIT_CORE, 0},
      {RLIMIT_MEMLOCK, 64ULL << 10},
      {RLIMIT_CPU, static_cast<std::uint64_t>(limits.cpu_ms) / 1000 + 2},
      // A net for one process that takes all at once, between two looks of the watcher.
      {RLIMIT_DATA, 4 * limits.memory_bytes + (1ULL << 30)},
  };
}

pid_t spawn_confined(const Confinement& confinement, char* const* argv, const std::vector<int>& inherited) noexcept {
  // Not vfork: the guardian must see the end of gpiot while the child waits.
  const pid_t child = ::_Fork();
  if (child == 0) become(confinement, argv, inherited);
  return child;
}

}  // namespace gpiot::sandbox
