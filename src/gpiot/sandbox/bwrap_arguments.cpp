#include "gpiot/sandbox/bwrap_arguments.h"

#include <cstdlib>
#include <filesystem>
#include <initializer_list>

namespace gpiot::sandbox {
namespace {

namespace fs = std::filesystem;
using Arguments = std::vector<std::string>;

void add(Arguments& to, std::initializer_list<std::string> more) { to.insert(to.end(), more); }

void add_isolation(Arguments& to, const Weakening& weakening) {
  add(to, {"--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"});
  if (!weakening.share_network) add(to, {"--unshare-net"});
  add(to, {"--disable-userns", "--new-session", "--die-with-parent", "--cap-drop", "ALL"});
  const auto user = std::to_string(kInsideUser);
  add(to, {"--uid", user, "--gid", user, "--hostname", "gpiot"});
}

void add_environment(Arguments& to) {
  add(to, {"--clearenv"});
  for (const auto& [name, value] : environment_inside()) add(to, {"--setenv", name, value});
}

void add_system(Arguments& to, const PythonLocation& python, const RootStage& stage) {
  add(to, {"--ro-bind", "/usr", "/usr"});
  for (const auto* name : {"lib", "lib64", "bin"}) {
    const auto path = fs::path("/") / name;
    std::error_code failure;
    if (fs::is_symlink(path, failure)) {
      add(to, {"--symlink", fs::read_symlink(path, failure).string(), path.string()});
    } else if (fs::exists(path, failure)) {
      add(to, {"--ro-bind", path.string(), path.string()});
    }
  }
  // Debian points libblas.so.3 and liblapack.so.3 through /etc/alternatives.
  for (const auto* path : {"/etc/ld.so.cache", "/etc/alternatives"}) add(to, {"--ro-bind-try", path, path});
  for (const auto& prefix : python.prefixes) add(to, {"--ro-bind", stage.path_of(prefix), prefix.string()});
  if (!python.environment.empty()) add(to, {"--ro-bind", stage.path_of(python.environment), "/venv"});
}

void add_scratch(Arguments& to, const core::ResourceLimits& limits) {
  const auto size = std::to_string(limits.disk_bytes);
  add(to, {"--proc", "/proc", "--dev", "/dev"});
  for (const auto* path : {"/dev/shm", "/tmp", "/out"}) {
    add(to, {"--perms", "0700", "--size", size, "--tmpfs", path});
  }
}

/// The device nodes are the host's own; their owner, root, is never the sandbox's user (see RootStage).
void seal(Arguments& to) {
  // bwrap leaves /proc/sys open to an owner's mode bits.
  add(to, {"--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/"});
}

}  // namespace

std::vector<std::pair<std::string, std::string>> environment_inside() {
  std::vector<std::pair<std::string, std::string>> variables = {
      {"PATH", "/venv/bin:/usr/bin:/bin"},
      {"HOME", "/tmp"},
      {"TMPDIR", "/tmp"},
      {"USER", "sandbox"},
      {"LOGNAME", "sandbox"},
      {"LANG", "C.UTF-8"},
      {"PYTHONHASHSEED", "0"},
      {"OMP_NUM_THREADS", "1"},
      {"OPENBLAS_NUM_THREADS", "1"},
      {"MKL_NUM_THREADS", "1"},
      {"MPLCONFIGDIR", "/tmp"},
      {"MPLBACKEND", "Agg"},
  };
  // Some virtual machines hide the CPU's caches, and OpenBLAS then stops at import: the user's cure is passed on.
  if (const char* core_type = std::getenv("OPENBLAS_CORETYPE")) {
    variables.emplace_back("OPENBLAS_CORETYPE", core_type);
    if (const char* size = std::getenv("OPENBLAS_L2_SIZE")) variables.emplace_back("OPENBLAS_L2_SIZE", size);
  }
  return variables;
}

std::string bwrap_options(const PythonLocation& python, const core::RunRequest& request,
                          const BwrapDescriptors& descriptors, const Weakening& weakening, const RootStage& stage) {
  Arguments to;
  add_isolation(to, weakening);
  add_environment(to);
  add_system(to, python, stage);
  add_scratch(to, request.limits);
  for (const auto& mount : request.mounts) add(to, {"--ro-bind", stage.path_of(mount.host), mount.inside});
  for (const auto& folder : weakening.writable_host_folders)
    add(to, {"--bind", stage.path_of(folder), folder.string()});
  add(to, {"--dir", std::string("/") + kReadyMarker});
  seal(to);
  add(to, {"--chdir", "/out"});
  add(to, {"--info-fd", std::to_string(descriptors.info), "--block-fd", std::to_string(descriptors.block)});
  for (const int fd : descriptors.seccomp) add(to, {"--add-seccomp-fd", std::to_string(fd)});
  std::string text;
  for (const auto& option : to) text.append(option).push_back('\0');
  return text;
}

std::vector<fs::path> sources_to_stage(const PythonLocation& python, const core::RunRequest& request) {
  auto sources = python.prefixes;
  if (!python.environment.empty()) sources.push_back(python.environment);
  for (const auto& mount : request.mounts) sources.push_back(mount.host);
  return sources;
}

Arguments bwrap_command(const std::string& bwrap, const PythonLocation& python, const core::RunRequest& request,
                        const BwrapDescriptors& descriptors) {
  Arguments to = {bwrap, "--args", std::to_string(descriptors.arguments), "--", python.inside, "-I", "-B"};
  to.insert(to.end(), request.arguments.begin(), request.arguments.end());
  return to;
}

}  // namespace gpiot::sandbox
