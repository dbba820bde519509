#pragma once

#include <string>

#include "gpiot/base/cancel.h"

namespace gpiot::apps {

/// Checks this machine and prints one line per check; with `escape` runs every attempt of runtime/escape against the
/// sandbox and prints a table, the total, and what its level is known not to stop. `level`: auto, A or B. `json`: one
/// event per line instead. Returns 0; 4 when a check failed or an attempt was not held. Errors: Cancelled; Format (a
/// broken escape suite).
[[nodiscard]] int run_doctor(bool escape, const std::string& level, bool json, base::CancelToken& cancel);

}  // namespace gpiot::apps
