#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gpiot/core/program_runner.h"
#include "gpiot/sandbox/python_location.h"

namespace gpiot::sandbox {

/// Holes for the tests that prove the escape suite can fail. Never set outside tests.
struct Weakening {
  bool share_network = false;
  bool no_seccomp = false;
  std::vector<std::string> writable_host_folders;  ///< bound read-write at their own path
};

/// File descriptors of the child, as bwrap is told of them.
struct BwrapDescriptors {
  int info = -1;                ///< bwrap writes the pid of the sandbox's init here
  int block = -1;               ///< bwrap waits here, all set up, for one byte
  std::vector<int> seccomp;     ///< compiled filters
};

/// A file that exists in every sandbox and nowhere else: tells that the new root is in place.
inline constexpr const char* kReadyMarker = ".gpiot-sandbox";
/// The unprivileged user and group inside.
inline constexpr unsigned kInsideUser = 65534;

/// The command line of bwrap, argv[0] first, for `python -I -B <request.arguments>`.
/// Source: docs of bubblewrap 0.8; threats 1 to 7 of the security notes.
[[nodiscard]] std::vector<std::string> bwrap_arguments(const std::string& bwrap, const PythonLocation& python,
                                                       const core::RunRequest& request,
                                                       const BwrapDescriptors& descriptors,
                                                       const Weakening& weakening);

}  // namespace gpiot::sandbox
