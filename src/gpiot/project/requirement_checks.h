#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "gpiot/core/requirement.h"

namespace gpiot::project {

/// "requirement.md line 7, data.rate_hz": where a key stands, for messages.
using Locator = std::function<std::string(std::string_view key)>;

/// Checks the values of a requirement whose keys and types are right. Errors: Format, Unsupported, Capacity.
void check_requirement(const core::Requirement& requirement, const Locator& locate);

/// Checks the statement alone: not empty, no control bytes, short enough. Errors: Format, Capacity.
void check_statement(std::string_view statement, std::string_view name);

}  // namespace gpiot::project
