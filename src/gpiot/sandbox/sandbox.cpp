#include "gpiot/sandbox/sandbox.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"
#include "gpiot/sandbox/cgroup.h"
#include "gpiot/sandbox/jail.h"
#include "gpiot/sandbox/python_location.h"
#include "gpiot/sandbox/run_loop.h"
#include "gpiot/sandbox/spawn.h"

namespace gpiot::sandbox {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;

/// What the program of the self-test prints when it is where it should be.
constexpr const char* kProof = R"(
import os, socket, sys
def refused(action):
    try:
        action()
    except OSError:
        return True
    return False
checks = [
    os.getuid() == 65534,
    len([p for p in os.listdir('/proc') if p.isdigit()]) < 5,
    not os.path.exists('/home') and not os.path.exists('/root'),
    refused(lambda: socket.socket(socket.AF_INET)),
    refused(lambda: open('/usr/gpiot-write-test', 'w')),
    refused(lambda: open('/gpiot-write-test', 'w')),
    'Seccomp:\t2' in open('/proc/self/status').read(),
]
open('/out/proof', 'w').write(''.join('01'[c] for c in checks) + ' ' + sys.version.split()[0])
)";

/// Zeroes are defaults; mounts are whole, absolute and in the two places the interface promises.
core::RunRequest checked(core::RunRequest request) {
  const core::ResourceLimits standard;
  auto& limits = request.limits;
  if (limits.wall_ms <= 0) limits.wall_ms = standard.wall_ms;
  if (limits.cpu_ms <= 0) limits.cpu_ms = standard.cpu_ms;
  if (limits.memory_bytes == 0) limits.memory_bytes = standard.memory_bytes;
  if (limits.processes <= 0) limits.processes = standard.processes;
  if (limits.disk_bytes == 0) limits.disk_bytes = standard.disk_bytes;
  if (limits.output_bytes == 0) limits.output_bytes = standard.output_bytes;
  for (auto& mount : request.mounts) {
    const auto inside = fs::path(mount.inside).lexically_normal().string();
    if (inside != mount.inside ||
        (inside != "/app" && inside != "/data" && !inside.starts_with("/app/") && !inside.starts_with("/data/"))) {
      throw Error(
          ErrorCode::InvalidArgument, "sandbox.mount",
          "a mount is misplaced: got " + base::printable(mount.inside) + ", expected a path beneath /app or /data");
    }
    std::error_code failure;
    const auto host = fs::canonical(mount.host, failure);
    if (failure) throw Error(ErrorCode::NotFound, "sandbox.mount", "no such file or folder: " + mount.host.string());
    mount.host = host;
  }
  return request;
}

void collect(const Jail& jail, const core::RunRequest& request, core::RunOutcome& outcome) {
  for (const auto& name : request.collect) {
    try {
      outcome.files[name] =
          base::read_untrusted_file(jail.out_folder(), name, "sandbox.collect", request.collect_limit_bytes);
    } catch (const Error& error) {
      outcome.refused[name] = error.code() == ErrorCode::NotFound   ? "missing"
                              : error.code() == ErrorCode::Capacity ? "too large"
                              : error.code() == ErrorCode::Format   ? "not a regular file"
                                                                    : "not readable";
    }
  }
}

}  // namespace

core::RunOutcome Sandbox::run(const core::RunRequest& request, const base::CancelToken& cancel) {
  self_test();
  return run_once(request, cancel);
}

core::RunOutcome Sandbox::run_once(const core::RunRequest& request, const base::CancelToken& cancel) const {
  const auto whole = checked(request);
  const auto python = locate_python(options_.python_environment, options_.system_python);
  Cgroup cgroup(whole.limits);
  Jail jail(options_.bwrap.string(), python, whole, options_.weakening);
  cgroup.enter(jail.init_pid());
  auto outcome = run_to_end(jail, cgroup, whole, cancel);
  collect(jail, whole, outcome);
  return outcome;
}

std::string Sandbox::check_bwrap() const {
  const auto path = options_.bwrap.string();
  if (::access(path.c_str(), X_OK) != 0) {
    throw Error(ErrorCode::Sandbox, "sandbox.self_test", "bubblewrap is missing: expected " + path,
                "apt-get install bubblewrap");
  }
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw Error(ErrorCode::Sandbox, "sandbox.self_test", "cannot make a pipe");
  const Descriptor read_end(ends[0]);
  Descriptor write_end(ends[1]);
  const Descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  const pid_t child = spawn({path, "--version"}, {nothing.get(), write_end.get(), nothing.get()});
  write_end.reset();
  pollfd entry{read_end.get(), POLLIN, 0};
  std::array<char, 128> text{};
  const ssize_t count = ::poll(&entry, 1, 5000) > 0 ? ::read(read_end.get(), text.data(), text.size() - 1) : 0;
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

const SandboxFacts& Sandbox::self_test() {
  std::call_once(tested_, [this] {
    facts_.bwrap_version = check_bwrap();
    core::RunRequest request;
    request.arguments = {"-S", "-c", kProof};
    request.collect = {"proof"};
    request.limits.wall_ms = 20'000;
    facts_.cgroups = Cgroup(request.limits).describe();
    const auto outcome = run_once(request, base::CancelToken());
    const auto found = outcome.files.find("proof");
    const std::string proof = found == outcome.files.end() ? "" : found->second;
    const bool weakened = options_.weakening.share_network || options_.weakening.no_seccomp;
    if (!outcome.ok() || (!weakened && !proof.starts_with("1111111 "))) {
      throw Error(ErrorCode::Sandbox, "sandbox.self_test",
                  "the sandbox does not isolate: got \"" + base::printable(proof) + "\" and exit code " +
                      std::to_string(outcome.exit_code) + " " + base::trim(base::printable(outcome.stderr_text)) +
                      ", expected seven passed checks",
                  "run `gpiot doctor`");
    }
    facts_.memory_method = outcome.memory_method;
    facts_.python_version = proof.substr(proof.find(' ') + 1);
  });
  return facts_;
}

}  // namespace gpiot::sandbox
