#include "gpiot/sandbox/owner_map.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <string>

#include "gpiot/sandbox/bwrap_arguments.h"

namespace gpiot::sandbox {

pid_t stopped_in_user_namespace() {
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) {
    // Whoever is killed here would leave a stopped process behind that holds its locks for ever. Asked for after
    // unshare, which may take it back; the parent can be gone before.
    const bool ready =
        ::unshare(CLONE_NEWUSER) == 0 && ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::getppid() == parent;
    if (ready) ::raise(SIGSTOP);
    ::_exit(0);
  }
  if (child < 0) return -1;
  int status = 0;
  if (::waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status)) return child;
  return -1;
}

Descriptor make_owner_map() {
  Descriptor space;
  const pid_t child = stopped_in_user_namespace();
  if (child < 0) return space;
  const auto proc = "/proc/" + std::to_string(child);
  const auto map = "0 " + std::to_string(kInsideUser) + " 1\n1 1 " + std::to_string(kInsideUser - 1) + "\n";
  bool mapped = true;
  for (const auto* file : {"/uid_map", "/gid_map"}) {
    std::ofstream out(proc + file);
    out << map << std::flush;
    mapped = mapped && out.good();
  }
  if (mapped) space.reset(::open((proc + "/ns/user").c_str(), O_RDONLY | O_CLOEXEC));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  return space;
}

}  // namespace gpiot::sandbox
