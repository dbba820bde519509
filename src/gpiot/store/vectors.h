#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "gpiot/store/database.h"
#include "gpiot/store/vector_file.h"

namespace gpiot::store {

/// All vectors of all passages in eight bits, read from the database.
[[nodiscard]] VectorFile read_vectors(Database& database);
/// The same from the file beside the database where that shows the state of this transaction, else from the database.
[[nodiscard]] VectorFile vectors_now(Database& database, const std::filesystem::path& folder);

/// The first `count` of `found` ordered anew by their sixteen bits and the query's 32; the others follow as they were.
[[nodiscard]] std::vector<Near> rescored(const VectorRows& rows, std::vector<Near> found, std::span<const float> query,
                                         std::size_t count, float prior_weight = 0);

}  // namespace gpiot::store
