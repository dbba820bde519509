#pragma once

#include <span>
#include <vector>

namespace gpiot::sandbox {

/// Names of the system calls the sandbox allows, in groups; those that do not exist on this architecture are skipped.
/// Absent on purpose: io_uring_*, userfaultfd, bpf, perf_event_open, keyctl and its kin, ptrace, process_vm_*,
/// process_madvise, pidfd_getfd, kcmp, the mount calls old and new, chroot, pivot_root, unshare, setns, kexec_*,
/// *_module, reboot, open_by_handle_at, memfd_*, SysV and POSIX queues and shared memory, swapon, quotactl, clone3.
[[nodiscard]] std::span<const std::span<const char* const>> allowed_calls();

/// Calls that level B refuses as a whole, with the error that libraries expect of a system without them.
struct DeniedCalls {
  int error_number;
  std::span<const char* const> names;
};
[[nodiscard]] std::vector<DeniedCalls> calls_denied_at_b();

}  // namespace gpiot::sandbox
