#pragma once

#include <vector>

#include "gpiot/sandbox/descriptor.h"

namespace gpiot::sandbox {

/// The two system call filters, compiled once, as BPF programs in new memory files for `bwrap --add-seccomp-fd`.
/// The first is an allow-list of calls by number: unknown ones fail with ENOSYS, so that libraries fall back.
/// The second denies by argument: socket families other than AF_UNIX (EAFNOSUPPORT), new namespaces, terminal
/// input, foreign personalities. Foreign ABIs (x32, ia32) are killed. The kernel takes the stricter answer.
/// Errors: Sandbox when libseccomp refuses.
[[nodiscard]] std::vector<Descriptor> seccomp_filters();

}  // namespace gpiot::sandbox
