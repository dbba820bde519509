#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "gpiot/store/database.h"
#include "gpiot/store/vector_file.h"

namespace gpiot::store {

/// All vectors of the store in eight bits, read from the database. An id is that of a vector, not of a passage.
[[nodiscard]] VectorFile read_vectors(Database& database);
/// The same from the file beside the database where that shows the state of this transaction, else from the database.
[[nodiscard]] VectorFile vectors_now(Database& database, const std::filesystem::path& folder);

/// Orders `found` anew by the vectors as they were made, in 32 bits; the best `count` of them.
[[nodiscard]] std::vector<Near> rescored(Database& database, std::span<const Near> found, std::span<const float> query,
                                         std::size_t count);

}  // namespace gpiot::store
