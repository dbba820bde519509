#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "gpiot/sandbox/descriptor.h"

namespace gpiot::sandbox {

/// What root must do before it may start bwrap: a program whose user is the host's root, even without any capability
/// and in a namespace of its own, owns /proc/sys, /dev/null and every file of root. So the sandbox is started as
/// nobody (65534). What nobody could not reach (a folder below /root, a 0700 folder) is cloned as a read-only mount
/// on which root's files belong to nobody (an idmapped mount; a plain one where the file system cannot).
/// For any other user it does nothing.
class RootStage {
 public:
  /// `sources`: canonical host paths to be shown to the sandbox; `writable` ones are for tests only.
  /// Errors: Sandbox when a path cannot be cloned.
  RootStage(const std::vector<std::filesystem::path>& sources, const std::vector<std::filesystem::path>& writable);

  [[nodiscard]] bool active() const { return active_; }
  /// The path by which bwrap finds `host`: itself when not active.
  [[nodiscard]] std::string path_of(const std::filesystem::path& host) const;
  /// Starts argv as nobody with the mounts in place, `inherited[k]` as descriptor k and all others closed.
  /// -1 with errno when it cannot. Only when active.
  [[nodiscard]] pid_t spawn(char* const* argv, const std::vector<int>& inherited) const;

 private:
  struct Tree {
    std::filesystem::path host;
    std::string staged;
    bool is_folder = true;
    Descriptor mount;
  };
  void add(const std::filesystem::path& host, bool writable);

  bool active_ = false;
  std::vector<Tree> trees_;
};

}  // namespace gpiot::sandbox
