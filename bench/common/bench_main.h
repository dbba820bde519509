#pragma once

#include <functional>

#include "gpiot/base/json.h"

namespace gpiot::bench {

/// The end of a bench's main: what `run` gives as JSON on stdout, an error as a line on stderr. The exit status of it:
/// that of the error's code, 1 for others.
[[nodiscard]] int print_result(const std::function<base::Json()>& run);

}  // namespace gpiot::bench
