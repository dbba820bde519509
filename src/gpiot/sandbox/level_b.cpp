#include "gpiot/sandbox/level_b.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "gpiot/base/error.h"
#include "gpiot/sandbox/bare_stage.h"
#include "gpiot/sandbox/landlock.h"
#include "gpiot/sandbox/process_watch.h"
#include "gpiot/sandbox/seccomp_filter.h"

namespace gpiot::sandbox {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kSetupTime = std::chrono::seconds(10);
constexpr const char* kRemedy = "run `gpiot doctor`";
/// First Landlock that scopes signals.
constexpr int kAbiWithSignals = 6;

unsigned user_of(Identity identity) { return identity == Identity::Nobody ? kInsideUser : ::geteuid(); }

/// Above all numbers that the program is given, so that putting those in place overwrites none.
Descriptor high_copy(const Descriptor& from) { return Descriptor(::fcntl(from.get(), F_DUPFD_CLOEXEC, 64)); }

LandlockRuleset rules_for(int abi, const PythonLocation& python, const core::RunRequest& request,
                          const RunFolder& folder, const Weakening& weakening) {
  LandlockRuleset rules(abi);
  for (const auto* path : {"/usr", "/lib", "/lib64", "/bin"}) rules.allow(path, Access::Execute);
  // As in level A: the loader's cache, and the links through which Debian names BLAS and LAPACK.
  for (const auto* path : {"/etc/ld.so.cache", "/etc/alternatives"}) rules.allow(path, Access::Read);
  for (const auto& prefix : python.prefixes) rules.allow(prefix, Access::Execute);
  if (!python.environment.empty()) rules.allow(python.environment, Access::Execute);
  for (const auto* path : {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}) {
    rules.allow(path, Access::Use);
  }
  for (const auto& mount : request.mounts) rules.allow(mount.host, Access::Read);
  rules.allow(folder.path(), Access::Read);
  rules.allow(folder.path() / "out", Access::Write);
  rules.allow(folder.path() / "tmp", Access::Write);
  for (const auto& path : weakening.writable_host_folders) rules.allow(path, Access::Write);
  return rules;
}

std::vector<std::string> command(const PythonLocation& python, const core::RunRequest& request,
                                 const RunFolder& folder) {
  std::vector<std::string> arguments = {python.outside, "-I", "-B"};
  for (const auto& argument : request.arguments) arguments.push_back(folder.real(argument));
  return arguments;
}

std::vector<std::string> environment(const PythonLocation& python, const RunFolder& folder) {
  const auto bin = python.environment.empty() ? std::string() : python.environment.string() + "/bin:";
  std::vector<std::string> lines;
  for (const auto& [name, value] : environment_inside()) {
    const auto real = name == "PATH" ? bin + "/usr/bin:/bin" : folder.real(value);
    lines.push_back(name + "=" + real);
  }
  return lines;
}

/// " 4711\n": the number of the program's first process.
void wait_until_ready(Jail& jail) {
  const auto deadline = Clock::now() + kSetupTime;
  while (Clock::now() < deadline) {
    const auto& info = jail.read_info();
    if (info.ends_with('\n')) return jail.set_init(static_cast<pid_t>(std::strtol(info.c_str(), nullptr, 10)));
    if (jail.has_ended(0)) jail.fail("level B ended before the program could start", kRemedy);
    ::usleep(100);
  }
  jail.fail("level B was not ready in 10 s", kRemedy);
}

}  // namespace

std::unique_ptr<Jail> start_level_b(const PythonLocation& python, const core::RunRequest& request,
                                    const Weakening& weakening) {
  const int abi = std::min(landlock_abi(), weakening.landlock_abi_at_most);
  const auto identity = identity_for_level_b();
  const auto user = user_of(identity);
  (void)bare_seccomp_filters();  // compiled before the fork
  auto folder = std::make_unique<RunFolder>(request.mounts, user);
  JailPipes pipes;
  const auto info = high_copy(pipes.info.write);
  const auto block = high_copy(pipes.block.read);
  const auto out = high_copy(folder->out());
  const Confinement confinement{.rules = rules_for(abi, python, request, *folder, weakening),
                                .scopes_signals = abi >= kAbiWithSignals,
                                .filter_calls = !weakening.no_seccomp,
                                .identity = identity,
                                .limits = limits_of(request.limits, tasks_of_user(user)),
                                .environment = environment(python, *folder),
                                .folder = out.get(),
                                .info = info.get(),
                                .block = block.get()};
  const Launch launch(command(python, request, *folder),
                      {pipes.input.read.get(), pipes.output.write.get(), pipes.errors.write.get()},
                      [&confinement](char* const* argv, const std::vector<int>& inherited) {
                        return spawn_confined(confinement, argv, inherited);
                      });
  auto jail = std::make_unique<Jail>('B', launch, std::move(pipes));
  jail->set_folder(std::move(folder));
  wait_until_ready(*jail);
  return jail;
}

std::string check_level_b(const Weakening& weakening) {
  const int abi = std::min(landlock_abi(), weakening.landlock_abi_at_most);
  if (abi == 0) {
    throw base::Error(
        base::ErrorCode::Sandbox, "sandbox.self_test",
        "the kernel has no Landlock: expected Linux 5.13 or newer with it in the list of security modules",
        "add landlock to the kernel's lsm= list, or use bubblewrap (level A)");
  }
  const auto identity = identity_for_level_b();
  return "Landlock ABI " + std::to_string(abi) +
         (identity == Identity::Nobody     ? ", as nobody"
          : identity == Identity::BareRoot ? ", as root without capabilities"
                                           : ", as this user");
}

}  // namespace gpiot::sandbox
