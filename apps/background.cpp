#include "background.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"

namespace gpiot::apps {
namespace {

constexpr std::string_view kWhere = "gpiot.background";
constexpr int kNotStarted = 127;

/// Between fork and exec, maybe beside other threads of the parent: nothing here may take memory or a lock.
[[noreturn]] void become(char* const* arguments, int answer) {
  ::setsid();
  if (const auto second = ::fork(); second != 0) ::_exit(second > 0 ? 0 : kNotStarted);  // the first one is waited for
  const int nothing = ::open("/dev/null", O_RDONLY);
  if (nothing < 0 || ::dup2(nothing, STDIN_FILENO) < 0 || ::dup2(answer, STDOUT_FILENO) < 0 ||
      ::dup2(answer, STDERR_FILENO) < 0) {
    ::_exit(kNotStarted);
  }
  ::syscall(SYS_close_range, 3U, ~0U, 0U);  // a lock that our caller was born with, too
  ::execv("/proc/self/exe", arguments);
  ::_exit(kNotStarted);
}

int open_process(pid_t process) { return static_cast<int>(::syscall(SYS_pidfd_open, process, 0)); }

bool ended_within(int handle, int milliseconds) {
  pollfd ready{handle, POLLIN, 0};
  return ::poll(&ready, 1, milliseconds) == 1;
}

}  // namespace

std::string start_in_background(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {"gpiot"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  std::array<int, 2> answer{};
  if (::pipe2(answer.data(), O_CLOEXEC) != 0) throw base::io_error(kWhere, "no pipe can be made", errno);
  const auto child = ::fork();
  if (child == 0) become(pointers.data(), answer[1]);
  const int problem = errno;
  ::close(answer[1]);
  std::string said;
  if (child > 0) {
    std::array<char, 4096> some{};
    ssize_t count = 0;
    while ((count = ::read(answer[0], some.data(), some.size())) > 0 || (count < 0 && errno == EINTR)) {
      if (count > 0) said.append(some.data(), static_cast<std::size_t>(count));
    }
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  ::close(answer[0]);
  if (child < 0) throw base::io_error(kWhere, "no process can be started", problem);
  return said;
}

void take_lowest_priority() {
  ::prctl(PR_SET_NAME, "gpiot");  // of a process that was started by its link it would be "exe"
  constexpr int kNice = 19;
  constexpr int kThisProcess = 1;      // IOPRIO_WHO_PROCESS of linux/ioprio.h
  constexpr int kIdleClass = 3 << 13;  // IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0)
  ::setpriority(PRIO_PROCESS, 0, kNice);
  // Where sessions are scheduled as groups (sched(7), autogroup), a new one has a full share whatever its processes
  // are.
  std::ofstream("/proc/self/autogroup") << kNice;
  const sched_param none{};
  ::sched_setscheduler(0, SCHED_IDLE, &none);
  ::syscall(SYS_ioprio_set, kThisProcess, 0, kIdleClass);
}

void talk_to_log(const std::filesystem::path& log) {
  std::fflush(stdout);
  std::fflush(stderr);
  const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
  const bool moved = file >= 0 && ::dup2(file, STDOUT_FILENO) >= 0 && ::dup2(file, STDERR_FILENO) >= 0;
  const int problem = errno;
  if (file >= 0) ::close(file);
  if (!moved) throw base::io_error(kWhere, "the log cannot be written: " + log.string(), problem);
}

std::string process_start(pid_t process) {
  constexpr std::size_t kField = 19;  // starttime, counted from the state behind the name, which may hold anything
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  const std::string line{std::istreambuf_iterator<char>(file), {}};
  const auto name_end = line.rfind(") ");
  if (process <= 0 || name_end == std::string::npos) return {};
  const auto fields = base::split(line.substr(name_end + 2), ' ');
  const bool is_dead = !fields.empty() && (fields[0] == "Z" || fields[0] == "X");
  return is_dead || fields.size() <= kField ? "" : fields[kField];
}

bool end_process(pid_t process, const std::string& start, int patience_s) {
  const int handle = process > 0 ? open_process(process) : -1;
  if (handle < 0) return process_start(process) != start;
  // Looked at behind the handle: the number cannot go to another process unseen.
  bool gone = process_start(process) != start;
  for (const int signal : {SIGTERM, SIGKILL}) {
    if (gone) break;
    ::syscall(SYS_pidfd_send_signal, handle, signal, nullptr, 0);
    gone = ended_within(handle, patience_s * 1000);
  }
  ::close(handle);
  return gone;
}

}  // namespace gpiot::apps
