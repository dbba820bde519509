#include "gpiot/sandbox/jail.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>
#include <utility>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"
#include "gpiot/sandbox/guardian.h"
#include "gpiot/sandbox/seccomp_filter.h"
#include "gpiot/sandbox/spawn.h"

namespace gpiot::sandbox {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kSetupTime = std::chrono::seconds(10);
constexpr auto kReapTime = std::chrono::seconds(2);

struct Pipe {
  Descriptor read, write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw base::Error(base::ErrorCode::Sandbox, "sandbox.start",
                      std::string("cannot make a pipe: ") + std::strerror(errno));
  }
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

void make_nonblocking(const Descriptor& descriptor) {
  ::fcntl(descriptor.get(), F_SETFL, ::fcntl(descriptor.get(), F_GETFL) | O_NONBLOCK);
}

Descriptor open_pidfd(pid_t pid) { return Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))); }

double cpu_ms_of(const rusage& usage) {
  const auto ms = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

std::string read_some(const Descriptor& descriptor) {
  std::array<char, 4096> part{};
  const ssize_t count = ::read(descriptor.get(), part.data(), part.size());
  return count > 0 ? std::string(part.data(), static_cast<std::size_t>(count)) : std::string();
}

void write_whole(const Descriptor& file, const std::string& text) {
  if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::lseek(file.get(), 0, SEEK_SET) != 0) {
    throw base::Error(base::ErrorCode::Sandbox, "sandbox.start",
                      std::string("cannot pass options: ") + std::strerror(errno));
  }
}

bool readable(int fd, int timeout_ms) {
  pollfd entry{fd, POLLIN, 0};
  return ::poll(&entry, 1, timeout_ms) > 0;
}

}  // namespace

Jail::Jail(const std::string& bwrap, const PythonLocation& python, const core::RunRequest& request,
           const Weakening& weakening) {
  auto life = make_pipe();
  auto input = make_pipe();
  auto output = make_pipe();
  auto errors = make_pipe();
  auto info = make_pipe();
  auto block = make_pipe();
  std::vector<Descriptor> filters;
  if (!weakening.no_seccomp) filters = seccomp_filters();

  const Descriptor options(::memfd_create("gpiot-options", MFD_CLOEXEC));
  std::vector<int> inherited = {input.read.get(), output.write.get(), errors.write.get(),
                                info.write.get(), block.read.get(),   options.get()};
  BwrapDescriptors numbers{.arguments = 5, .info = 3, .block = 4, .seccomp = {}};
  for (const auto& filter : filters) {
    numbers.seccomp.push_back(static_cast<int>(inherited.size()));
    inherited.push_back(filter.get());
  }
  const RootStage stage(sources_to_stage(python, request), weakening.writable_host_folders);
  write_whole(options, bwrap_options(python, request, numbers, weakening, stage));
  const Launch launch(bwrap_command(bwrap, python, request, numbers), inherited, &stage);
  guardian_pid_ = start_guarded(launch, life.read.get(), errors.write.get());
  guardian_fd_ = open_pidfd(guardian_pid_);
  life_ = std::move(life.write);
  input_ = std::move(input.write);
  output_ = std::move(output.read);
  errors_ = std::move(errors.read);
  info_fd_ = std::move(info.read);
  go_fd_ = std::move(block.write);
  for (const auto* end : {&input_, &output_, &errors_, &info_fd_}) make_nonblocking(*end);
  // Our copies of the child's ends go now, or a dead bwrap would look alive.
  for (auto* end : {&output.write, &errors.write, &info.write, &input.read, &block.read}) end->reset();
  try {
    wait_until_ready();
    set_limits(request.limits);
  } catch (...) {
    kill_all();
    (void)reap();
    throw;
  }
}

Jail::~Jail() {
  kill_all();
  (void)reap();
}

void Jail::wait_until_ready() {
  const auto deadline = Clock::now() + kSetupTime;
  while (Clock::now() < deadline) {
    if (learn_init_pid() && open_folders()) return;
    if (readable(guardian_fd_.get(), 0)) fail("bubblewrap ended before the program could start");
    ::usleep(200);
  }
  fail("bubblewrap was not ready in 10 s");
}

bool Jail::learn_init_pid() {
  if (init_pid_ > 0) return true;
  info_ += read_some(info_fd_);
  // {"child-pid": 4711, ...}: the closing brace says that the number is whole.
  const auto at = info_.find("\"child-pid\":");
  if (at == std::string::npos || info_.find('}') == std::string::npos) return false;
  init_pid_ = static_cast<pid_t>(std::strtol(info_.c_str() + at + 12, nullptr, 10));
  if (init_pid_ <= 1) fail("bubblewrap named no process: got " + info_);
  init_fd_ = open_pidfd(init_pid_);
  return true;
}

bool Jail::open_folders() {
  const auto root = "/proc/" + std::to_string(init_pid_) + "/root/";
  if (::access((root + kReadyMarker).c_str(), F_OK) != 0) return false;
  const auto open_folder = [&](const char* name) {
    return Descriptor(::open((root + name).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  };
  out_ = open_folder("out");
  tmp_ = open_folder("tmp");
  shm_ = open_folder("dev/shm");
  if (!out_.valid() || !tmp_.valid() || !shm_.valid()) fail(std::string("cannot open /out: ") + std::strerror(errno));
  return true;
}

void Jail::set_limits(const core::ResourceLimits& limits) const {
  const auto most_seconds = static_cast<std::uint64_t>(limits.cpu_ms) / 1000 + 2;
  const std::pair<int, std::uint64_t> values[] = {
      // Two more than asked: bwrap's init and the launcher share the sandbox's own count.
      {RLIMIT_NPROC, static_cast<std::uint64_t>(limits.processes) + 2},
      {RLIMIT_NOFILE, 1024},
      {RLIMIT_FSIZE, limits.disk_bytes},
      {RLIMIT_CORE, 0},
      {RLIMIT_MEMLOCK, 64ULL << 10},
      // The loop counts the whole tree; this is only the net, per process.
      {RLIMIT_CPU, most_seconds},
  };
  int failure = 0;
  // A root without CAP_SYS_RESOURCE, as in containers, may limit a process only as its user: one thread becomes that.
  std::thread([&] {
    if (::geteuid() == 0) {
      ::syscall(SYS_setresgid, kInsideUser, kInsideUser, kInsideUser);
      ::syscall(SYS_setresuid, kInsideUser, kInsideUser, kInsideUser);
    }
    for (const auto& [resource, value] : values) {
      const rlimit both{value, value};
      if (::prlimit(init_pid_, static_cast<__rlimit_resource>(resource), &both, nullptr) != 0) failure = errno;
    }
  }).join();
  if (failure != 0) {
    throw base::Error(base::ErrorCode::Sandbox, "sandbox.limits",
                      "cannot set a resource limit: got " + std::string(std::strerror(failure)) + ", expected success");
  }
}

void Jail::fail(const std::string& problem) {
  readable(errors_.get(), 50);
  const auto said = base::trim(base::printable(read_some(errors_)));
  throw base::Error(base::ErrorCode::Sandbox, "sandbox.start",
                    problem + (said.empty() ? "" : ": it said \"" + said + "\""),
                    "run `gpiot doctor`; user namespaces must be allowed (sysctl kernel.unprivileged_userns_clone=1, "
                    "on Ubuntu the packaged /usr/bin/bwrap)");
}

void Jail::go() {
  const char byte = 1;
  (void)!::write(go_fd_.get(), &byte, 1);
  go_fd_.reset();
}

void Jail::kill_all() noexcept {
  if (init_fd_.valid()) ::syscall(SYS_pidfd_send_signal, init_fd_.get(), SIGKILL, nullptr, 0);
  life_.reset();
}

JailEnd Jail::reap() {
  if (guardian_pid_ <= 0) return end_;
  // The guardian ends when the last process of the sandbox is reaped. Its time is the sum of theirs and its own.
  end_.all_gone = readable(guardian_fd_.get(), static_cast<int>(std::chrono::milliseconds(kReapTime).count()));
  if (!end_.all_gone) ::kill(guardian_pid_, SIGKILL);
  int status = 0;
  rusage usage{};
  while (::wait4(guardian_pid_, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  end_.cpu_ms = cpu_ms_of(usage);
  end_.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  guardian_pid_ = -1;
  return end_;
}

DiskUse Jail::disk_use() const {
  DiskUse use;
  for (const auto* folder : {&out_, &tmp_, &shm_}) {
    struct statfs facts{};
    if (::fstatfs(folder->get(), &facts) != 0) continue;
    use.bytes += (facts.f_blocks - facts.f_bfree) * static_cast<std::uint64_t>(facts.f_bsize);
    use.files = std::max<std::uint64_t>(use.files, facts.f_files - facts.f_ffree);
  }
  return use;
}

std::string Jail::out_folder() const { return "/proc/self/fd/" + std::to_string(out_.get()); }

}  // namespace gpiot::sandbox
