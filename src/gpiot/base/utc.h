#pragma once

#include <string>

namespace gpiot::base {

/// Now, as ISO 8601 in UTC: "2026-01-31T08:15:00Z".
[[nodiscard]] std::string utc_now();

}  // namespace gpiot::base
