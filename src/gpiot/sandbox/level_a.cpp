#include "gpiot/sandbox/level_a.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"
#include "gpiot/sandbox/root_stage.h"
#include "gpiot/sandbox/seccomp_filter.h"
#include "gpiot/sandbox/spawn.h"

namespace gpiot::sandbox {
namespace {

using base::Error;
using base::ErrorCode;
using Clock = std::chrono::steady_clock;
constexpr auto kSetupTime = std::chrono::seconds(10);
constexpr const char* kRemedy =
    "run `gpiot doctor`; user namespaces must be allowed (sysctl kernel.unprivileged_userns_clone=1, on Ubuntu the "
    "packaged /usr/bin/bwrap)";

void write_whole(const Descriptor& file, const std::string& text) {
  if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::lseek(file.get(), 0, SEEK_SET) != 0) {
    throw Error(ErrorCode::Sandbox, "sandbox.start", std::string("cannot pass options: ") + std::strerror(errno));
  }
}

bool learn_init(Jail& jail) {
  if (jail.init_pid() > 0) return true;
  const auto& info = jail.read_info();
  // {"child-pid": 4711, ...}: the closing brace says that the number is whole.
  const auto at = info.find("\"child-pid\":");
  if (at == std::string::npos || info.find('}') == std::string::npos) return false;
  const auto pid = static_cast<pid_t>(std::strtol(info.c_str() + at + 12, nullptr, 10));
  if (pid <= 1) jail.fail("bubblewrap named no process: got " + info, kRemedy);
  jail.set_init(pid);
  return true;
}

bool open_folders(Jail& jail) {
  const auto root = "/proc/" + std::to_string(jail.init_pid()) + "/root/";
  if (::access((root + kReadyMarker).c_str(), F_OK) != 0) return false;
  std::vector<Descriptor> folders;
  for (const auto* name : {"out", "tmp", "dev/shm"}) {
    folders.emplace_back(::open((root + name).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (!folders.back().valid()) jail.fail(std::string("cannot open /out: ") + std::strerror(errno), kRemedy);
  }
  jail.set_folders(std::move(folders));
  return true;
}

void wait_until_ready(Jail& jail) {
  const auto deadline = Clock::now() + kSetupTime;
  while (Clock::now() < deadline) {
    if (learn_init(jail) && open_folders(jail)) return;
    if (jail.has_ended(0)) jail.fail("bubblewrap ended before the program could start", kRemedy);
    ::usleep(200);
  }
  jail.fail("bubblewrap was not ready in 10 s", kRemedy);
}

/// Set from outside: bwrap has no options for them.
void set_limits(pid_t init, const core::ResourceLimits& limits) {
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
      if (::prlimit(init, static_cast<__rlimit_resource>(resource), &both, nullptr) != 0) failure = errno;
    }
  }).join();
  if (failure != 0) {
    throw Error(ErrorCode::Sandbox, "sandbox.limits",
                "cannot set a resource limit: got " + std::string(std::strerror(failure)) + ", expected success");
  }
}

}  // namespace

std::unique_ptr<Jail> start_level_a(const std::string& bwrap, const PythonLocation& python,
                                    const core::RunRequest& request, const Weakening& weakening) {
  JailPipes pipes;
  std::vector<Descriptor> filters;
  if (!weakening.no_seccomp) filters = seccomp_filters();
  const Descriptor options(::memfd_create("gpiot-options", MFD_CLOEXEC));
  std::vector<int> inherited = {pipes.input.read.get(), pipes.output.write.get(), pipes.errors.write.get(),
                                pipes.info.write.get(), pipes.block.read.get(),   options.get()};
  BwrapDescriptors numbers{.arguments = 5, .info = 3, .block = 4, .seccomp = {}};
  for (const auto& filter : filters) {
    numbers.seccomp.push_back(static_cast<int>(inherited.size()));
    inherited.push_back(filter.get());
  }
  const RootStage stage(sources_to_stage(python, request), weakening.writable_host_folders);
  write_whole(options, bwrap_options(python, request, numbers, weakening, stage));
  Starter as_nobody;
  if (stage.active()) {
    as_nobody = [&stage](char* const* argv, const std::vector<int>& given) { return stage.spawn(argv, given); };
  }
  const Launch launch(bwrap_command(bwrap, python, request, numbers), inherited, as_nobody);
  auto jail = std::make_unique<Jail>('A', launch, std::move(pipes));
  wait_until_ready(*jail);
  set_limits(jail->init_pid(), request.limits);
  return jail;
}

std::string check_bwrap(const std::string& path) {
  if (::access(path.c_str(), X_OK) != 0) {
    throw Error(ErrorCode::Sandbox, "sandbox.self_test", "bubblewrap is missing: expected " + path,
                "apt-get install bubblewrap");
  }
  auto said_by = make_pipe();
  const Descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  const pid_t child = spawn({path, "--version"}, {nothing.get(), said_by.write.get(), nothing.get()});
  said_by.write.reset();
  pollfd entry{said_by.read.get(), POLLIN, 0};
  std::array<char, 128> text{};
  const ssize_t count = ::poll(&entry, 1, 5000) > 0 ? ::read(said_by.read.get(), text.data(), text.size() - 1) : 0;
  ::waitpid(child, nullptr, 0);
  // "bubblewrap 0.8.0": 0.8 is the first with --disable-userns.
  const std::string said = base::trim(std::string(text.data(), count > 0 ? static_cast<std::size_t>(count) : 0));
  const auto version = said.substr(said.rfind(' ') + 1);
  const auto parts = base::split(version, '.');
  if (parts.size() < 2 || (std::atoi(parts[0].c_str()) == 0 && std::atoi(parts[1].c_str()) < 8)) {
    throw Error(ErrorCode::Sandbox, "sandbox.self_test",
                "bubblewrap is too old: got \"" + base::printable(said) + "\", expected 0.8 or newer",
                "install bubblewrap 0.8 or newer (Debian 12, Ubuntu 24.04 have it)");
  }
  return version;
}

}  // namespace gpiot::sandbox
