#pragma once

#include <cstdint>
#include <filesystem>

#include "gpiot/sandbox/descriptor.h"

namespace gpiot::sandbox {

/// What of the kernel's Landlock is to be had: its ABI, 1 to the newest known here (10); 0 where it is missing or off.
[[nodiscard]] int landlock_abi();

/// Rights on a file or on everything beneath a folder.
enum class Access {
  Read,     ///< read files, list folders
  Execute,  ///< the same, and run programs
  Use,      ///< read and write one existing file: a device
  Write,    ///< read, list, make and remove regular files, folders and links; run nothing, no pipe, socket or device
};

/// A rule set for one run: all that Landlock of this ABI can deny is denied, files and network; from ABI 6 on signals
/// to processes outside too. Source: Documentation/userspace-api/landlock.rst of Linux 7.2.
class LandlockRuleset {
 public:
  /// `abi`: 1 to `landlock_abi()`. Errors: Sandbox.
  explicit LandlockRuleset(int abi);
  /// Paths that do not exist are passed over. Errors: Sandbox when the kernel refuses the rule.
  void allow(const std::filesystem::path& path, Access access);
  /// For landlock_restrict_self.
  [[nodiscard]] int fd() const { return ruleset_.get(); }

 private:
  std::uint64_t handled_ = 0;
  Descriptor ruleset_;
};

/// Confines the calling thread and its children for good; raw calls only, so that a forked process may call it. It
/// needs no_new_privs. False with errno when the kernel refuses.
[[nodiscard]] bool restrict_self(int ruleset) noexcept;

}  // namespace gpiot::sandbox
