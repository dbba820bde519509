#pragma once

#include <sys/types.h>

#include "gpiot/sandbox/descriptor.h"

namespace gpiot::sandbox {

/// A child that stands still in a user namespace of its own, without a map yet, until it is killed; it dies with the
/// thread that made it. -1 where the kernel refuses.
[[nodiscard]] pid_t stopped_in_user_namespace();

/// A user namespace in which the disk's root is nobody; invalid where the kernel refuses.
[[nodiscard]] Descriptor make_owner_map();

}  // namespace gpiot::sandbox
