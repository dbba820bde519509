#include "gpiot/sandbox/child_steps.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace gpiot::sandbox::child {

void fail(const char* step) noexcept {
  const char* reason = ::strerrordesc_np(errno);
  (void)!::write(2, step, std::strlen(step));
  (void)!::write(2, ": ", 2);
  (void)!::write(2, reason, std::strlen(reason));
  ::_exit(126);
}

void reset_signals() noexcept {
  struct sigaction standard{};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) ::sigaction(number, &standard, nullptr);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace gpiot::sandbox::child
