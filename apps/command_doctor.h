#pragma once

#include "gpiot/base/cancel.h"

namespace gpiot::apps {

/// Checks this machine and prints one line per check; with `escape` runs every attempt of runtime/escape against the
/// sandbox and prints a table and the total. `json`: one event per line instead.
/// Returns 0; 4 when a check failed or an attempt was not held. Errors: Cancelled; Format (a broken escape suite).
[[nodiscard]] int run_doctor(bool escape, bool json, base::CancelToken& cancel);

}  // namespace gpiot::apps
