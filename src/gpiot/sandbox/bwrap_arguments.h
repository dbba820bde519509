#pragma once

#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "gpiot/core/program_runner.h"
#include "gpiot/sandbox/python_location.h"
#include "gpiot/sandbox/root_stage.h"

namespace gpiot::sandbox {

/// Holes for the tests that prove the escape suite can fail. Never set outside tests.
struct Weakening {
  bool share_network = false;
  bool no_seccomp = false;
  std::vector<std::filesystem::path> writable_host_folders;  ///< bound read-write at their own path
  int landlock_abi_at_most = std::numeric_limits<int>::max();
  bool no_cgroup = false;
};

/// File descriptors of the child, as bwrap is told of them.
struct BwrapDescriptors {
  int arguments = -1;        ///< bwrap reads its own options here, so that no host path is on its command line
  int info = -1;             ///< bwrap writes the pid of the sandbox's init here
  int block = -1;            ///< bwrap waits here, all set up, for one byte
  std::vector<int> seccomp;  ///< compiled filters
};

/// A file that exists in every sandbox and nowhere else: tells that the new root is in place.
inline constexpr const char* kReadyMarker = ".gpiot-sandbox";
/// The unprivileged user and group inside.
inline constexpr unsigned kInsideUser = 65534;

/// The options of bwrap, to be read from `descriptors.arguments`, each ended by a NUL byte.
/// Source: docs of bubblewrap 0.8; threats 1 to 7 of the security notes.
/// `stage` knows the path by which bwrap finds each source of `sources_to_stage`.
[[nodiscard]] std::string bwrap_options(const PythonLocation& python, const core::RunRequest& request,
                                        const BwrapDescriptors& descriptors, const Weakening& weakening,
                                        const RootStage& stage);

/// The whole environment of the program, with the paths of level A.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> environment_inside();

/// Host folders and files, beyond the system's own, that the sandbox shows.
[[nodiscard]] std::vector<std::filesystem::path> sources_to_stage(const PythonLocation& python,
                                                                  const core::RunRequest& request);

/// The command line, argv[0] first: `bwrap --args N -- python -I -B <arguments of the request>`.
[[nodiscard]] std::vector<std::string> bwrap_command(const std::string& bwrap, const PythonLocation& python,
                                                     const core::RunRequest& request,
                                                     const BwrapDescriptors& descriptors);

}  // namespace gpiot::sandbox
