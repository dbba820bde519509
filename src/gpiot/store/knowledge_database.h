#pragma once

#include <filesystem>
#include <optional>

#include "gpiot/store/database.h"
#include "gpiot/store/knowledge.h"

namespace gpiot::store {

/// The file of a knowledge base in its folder, and that of the vectors beside it.
[[nodiscard]] std::filesystem::path database_file(const std::filesystem::path& folder);
[[nodiscard]] std::filesystem::path words_file(const std::filesystem::path& folder);
[[nodiscard]] std::filesystem::path vectors_file(const std::filesystem::path& folder);

/// Opens the store for writing; made where there is none, with `making` written down. Errors: Model, naming both, when
/// it was made with another encoder or chunking; Format for another version of the schema; those of Database.
[[nodiscard]] Database open_to_write(const std::filesystem::path& folder, const Making& making);
/// Opens what is there for a change that needs no encoder. Errors: as to read.
[[nodiscard]] Database open_to_change(const std::filesystem::path& folder);
/// Opens it for reading. Errors: NotFound with the remedy where there is none; the rest as above.
[[nodiscard]] Database open_to_read(const std::filesystem::path& folder);

[[nodiscard]] Making making_of(Database& database);
/// Errors: Model when vectors of `making` do not fit those of the store.
void require_same_encoder(const Making& store, const Making& making);

/// What is wrong with the store, a line each; empty = it is whole. Reads all of it.
[[nodiscard]] std::vector<std::string> faults_of(Database& database);

/// Counts up with every change of the vectors.
[[nodiscard]] std::int64_t generation_of(Database& database);

/// All sources in the order of building, with their counts.
[[nodiscard]] std::vector<Source> sources_of(Database& database);
[[nodiscard]] std::optional<Source> find_source(Database& database, const std::string& name);

}  // namespace gpiot::store
