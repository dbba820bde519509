#include "gpiot/sandbox/guardian.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

#include "gpiot/base/error.h"

// From fork on only what is safe in the copy of one thread of many: no memory, no locks.
namespace gpiot::sandbox {
namespace {

constexpr int kCannotStart = 126;

void say(int errors, const char* text) { (void)!::write(errors, text, std::strlen(text)); }

/// What belongs to gpiot goes, also the writers of other sandboxes' pipes. low < high.
void close_all_but(unsigned low, unsigned high) {
  if (low > 0) ::close_range(0, low - 1, 0);
  if (low + 1 < high) ::close_range(low + 1, high - 1, 0);
  ::close_range(high + 1, ~0U, 0);
}

/// SIGKILL to every child. Orphans of theirs become children of the guardian, and are met in the next round.
void kill_children() {
  const int list = ::open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  if (list < 0) return;
  std::array<char, 4096> text{};
  const ssize_t count = ::read(list, text.data(), text.size() - 1);
  ::close(list);
  // Each number has a space behind it; without one it was cut and would name another process.
  char* at = text.data();
  char* const last = count > 0 ? text.data() + count : at;
  while (at < last) {
    char* end = at;
    const long pid = std::strtol(at, &end, 10);
    if (end == at || *end != ' ') break;
    ::kill(static_cast<pid_t>(pid), SIGKILL);
    at = end + 1;
  }
}

/// Ends and reaps all children; the monitor's wait status. The monitor's group goes first and at once: in level B,
/// where no call leaves the group, that is the whole tree, however fast it forks. The monitor is not reaped yet, so
/// that its number names no other group.
int end_all(pid_t monitor) {
  int status = 0;
  ::kill(-monitor, SIGKILL);
  while (true) {
    kill_children();
    int one = 0;
    const pid_t ended = ::waitpid(-1, &one, 0);
    if (ended == monitor) status = one;
    if (ended < 0 && errno == ECHILD) return status;
  }
}

[[noreturn]] void guard(const Launch& launch, int life, int errors) {
  sigset_t every;
  sigfillset(&every);
  ::sigprocmask(SIG_SETMASK, &every, nullptr);
  ::prctl(PR_SET_NAME, "gpiot-guardian");
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const pid_t monitor = launch.start();
  if (monitor < 0) {
    const char* reason = ::strerrordesc_np(errno);
    say(errors, "cannot start the program: ");
    say(errors, reason);
    ::_exit(kCannotStart);
  }
  const int end = static_cast<int>(::syscall(SYS_pidfd_open, monitor, 0));
  if (end < 0) {
    say(errors, "cannot watch the program");
    (void)end_all(monitor);
    ::_exit(kCannotStart);
  }
  close_all_but(static_cast<unsigned>(std::min(life, end)), static_cast<unsigned>(std::max(life, end)));
  std::array<pollfd, 2> entries = {pollfd{life, POLLIN, 0}, pollfd{end, POLLIN, 0}};
  while (::poll(entries.data(), entries.size(), -1) < 0 && errno == EINTR) {
  }
  const int status = end_all(monitor);
  ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

}  // namespace

pid_t start_guarded(const Launch& launch, int life, int errors) {
  const pid_t guardian = ::fork();
  if (guardian == 0) guard(launch, life, errors);
  if (guardian < 0) {
    throw base::Error(base::ErrorCode::Sandbox, "sandbox.start", std::string("cannot fork: ") + std::strerror(errno));
  }
  return guardian;
}

}  // namespace gpiot::sandbox
