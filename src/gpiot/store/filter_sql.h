#pragma once

#include <string>

#include "gpiot/store/database.h"
#include "gpiot/store/knowledge_reader.h"

namespace gpiot::store {

/// " JOIN ...": what a filter looks at, to stand after a table p of passages.
[[nodiscard]] std::string filter_joins();
/// " AND ..." over those tables, with parameters from `first` on; empty where the filter lets all through.
[[nodiscard]] std::string filter_conditions(const Filter& filter, int first);
/// Binds those parameters.
void bind_filter(Statement& statement, const Filter& filter, int first);

}  // namespace gpiot::store
