#include "gpiot/sandbox/sandbox.h"

#include <optional>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"
#include "gpiot/sandbox/cgroup.h"
#include "gpiot/sandbox/level_a.h"
#include "gpiot/sandbox/level_b.h"
#include "gpiot/sandbox/python_location.h"
#include "gpiot/sandbox/run_loop.h"

namespace gpiot::sandbox {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;

/// What the program of the self-test writes when it is where it should be: seven checks that both levels pass, and some
/// of the level's own. Its argument is the file.
constexpr const char* kProof = R"(
import ctypes, os, socket, sys
def refused(action):
    try:
        action()
    except OSError:
        return True
    return False
call = ctypes.CDLL(None).prctl
checks = [
    call(39, 0, 0, 0, 0) == 1,
    call(21, 0, 0, 0, 0) == 2,
    refused(lambda: os.listdir('/home')) and refused(lambda: os.listdir('/root')),
    refused(lambda: open('/etc/passwd')),
    refused(lambda: socket.socket(socket.AF_INET)),
    refused(lambda: open('/usr/gpiot-write-test', 'w')),
    refused(lambda: open('/gpiot-write-test', 'w')),
]
if sys.argv[2] == 'A':
    checks += [os.getuid() == 65534, len([p for p in os.listdir('/proc') if p.isdigit()]) < 5]
else:
    open(sys.argv[1], 'w').close()
    checks += [refused(lambda: os.listdir('/proc')), refused(lambda: socket.socket(socket.AF_UNIX)),
               refused(lambda: os.kill(os.getppid(), 0)), refused(lambda: os.chmod(sys.argv[1], 0o600))]
open(sys.argv[1], 'w').write(''.join('01'[c] for c in checks) + ' ' + sys.version.split()[0])
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

LevelChoice level_choice(std::string_view text) {
  if (text.empty() || text == "auto") return LevelChoice::Auto;
  if (text == "A") return LevelChoice::A;
  if (text == "B") return LevelChoice::B;
  throw Error(ErrorCode::InvalidArgument, "sandbox.level",
              "no such level of the sandbox: got " + base::printable(std::string(text)) + ", expected auto, A or B");
}

core::RunOutcome Sandbox::run(const core::RunRequest& request, const base::CancelToken& cancel) {
  return run_once(self_test().level.front(), request, cancel);
}

core::RunOutcome Sandbox::run_once(char level, const core::RunRequest& request, const base::CancelToken& cancel) const {
  const auto whole = checked(request);
  const auto python = locate_python(options_.python_environment, options_.system_python);
  std::optional<Cgroup> cgroup;
  if (options_.weakening.no_cgroup) {
    cgroup.emplace();
  } else {
    cgroup.emplace(whole.limits);
  }
  const auto jail = level == 'A' ? start_level_a(options_.bwrap.string(), python, whole, options_.weakening)
                                 : start_level_b(python, whole, options_.weakening);
  cgroup->enter(jail->init_pid());
  auto outcome = run_to_end(*jail, *cgroup, whole, cancel);
  collect(*jail, whole, outcome);
  return outcome;
}

SandboxFacts Sandbox::test_level(char level) const {
  SandboxFacts facts;
  facts.level = level;
  facts.means = level == 'A' ? "bubblewrap " + check_bwrap(options_.bwrap.string()) : check_level_b(options_.weakening);
  core::RunRequest request;
  request.arguments = {"-S", "-c", kProof, "/out/proof", facts.level};
  request.collect = {"proof"};
  request.limits.wall_ms = 20'000;
  facts.cgroups = options_.weakening.no_cgroup ? "none" : Cgroup(request.limits).describe();
  const auto outcome = run_once(level, request, base::CancelToken());
  const auto found = outcome.files.find("proof");
  const std::string proof = found == outcome.files.end() ? "" : found->second;
  const auto checks = proof.substr(0, proof.find(' '));
  const bool weakened = options_.weakening.share_network || options_.weakening.no_seccomp;
  const bool passed = !checks.empty() && checks.find('0') == std::string::npos;
  if (!outcome.ok() || (!weakened && !passed)) {
    throw Error(ErrorCode::Sandbox, "sandbox.self_test",
                "level " + facts.level + " does not isolate: got \"" + base::printable(proof) + "\" and exit code " +
                    std::to_string(outcome.exit_code) + " " + base::trim(base::printable(outcome.stderr_text)) +
                    ", expected passed checks",
                "run `gpiot doctor`");
  }
  facts.memory_method = outcome.memory_method;
  facts.python_version = proof.substr(proof.find(' ') + 1);
  return facts;
}

const SandboxFacts& Sandbox::self_test() {
  std::call_once(tested_, [this] {
    if (options_.level != LevelChoice::Auto) {
      facts_ = test_level(options_.level == LevelChoice::A ? 'A' : 'B');
      return;
    }
    try {
      facts_ = test_level('A');
      return;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::Sandbox) throw;
      const std::string why = error.what();
      try {
        facts_ = test_level('B');
      } catch (const Error& second) {
        throw Error(ErrorCode::Sandbox, "sandbox.self_test",
                    "no safe sandbox: got for level A: " + why + "; for level B: " + second.what() +
                        "; expected one of them to work",
                    error.remedy());
      }
      facts_.warning = "the weaker sandbox, level B (" + facts_.means +
                       "), is in use: no network and no files of others, but no namespaces; "
                       "docs/decisions/0006-level-b.md says what it cannot stop. Level A does not work here: " +
                       why;
    }
  });
  return facts_;
}

}  // namespace gpiot::sandbox
