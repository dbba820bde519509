#pragma once

#include <string>
#include <vector>

#include "gpiot/sandbox/descriptor.h"

namespace gpiot::sandbox {

/// The two system call filters of level A, compiled once, as BPF programs in new memory files for
/// `bwrap --add-seccomp-fd`.
/// The first is an allow-list of calls by number: unknown ones fail with ENOSYS, so that libraries fall back.
/// The second denies by argument: socket families other than AF_UNIX (EAFNOSUPPORT), new namespaces, terminal
/// input, foreign personalities. Foreign ABIs (x32, ia32) are killed. The kernel takes the stricter answer.
/// Errors: Sandbox when libseccomp refuses.
[[nodiscard]] std::vector<Descriptor> seccomp_filters();

/// The filters of level B, compiled once, as BPF programs: the same two, and a third for what no namespace hides
/// there. It refuses sockets but a pair of AF_UNIX streams, messages with addresses or descriptors; changes to mode,
/// owner, times and attributes of files, which Landlock does not see; leaving the session, other identities, other
/// processes' limits and priorities; and hiding from the watcher (PR_SET_DUMPABLE). Of ioctl and fcntl it leaves a few.
/// Errors: as above.
[[nodiscard]] const std::vector<std::string>& bare_seccomp_filters();

/// A program of `bare_seccomp_filters` or `signal_filter`, as the kernel takes it. Raw calls only.
[[nodiscard]] bool install_filter(const std::string& program) noexcept;

/// Where Landlock cannot scope signals (before ABI 6): a filter that lets `own` signal itself and its group (0), and
/// nobody anything else. Raw calls only. False with errno when the kernel refuses.
[[nodiscard]] bool install_signal_filter(int own) noexcept;

}  // namespace gpiot::sandbox
