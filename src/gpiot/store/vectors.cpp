#include "gpiot/store/vectors.h"

#include <algorithm>
#include <cstring>

#include "gpiot/store/knowledge_database.h"

namespace gpiot::store {
namespace {

/// The floats of a blob; empty where it is not as long as a vector is.
bool floats_of(std::span<const std::byte> blob, std::vector<float>& out) {
  if (blob.size() != out.size() * sizeof(float)) return false;
  std::memcpy(out.data(), blob.data(), blob.size());
  return true;
}

}  // namespace

VectorFile read_vectors(Database& database) {
  const auto dimension = making_of(database).dimension;
  std::vector<std::int64_t> ids;
  std::vector<float> scales;
  std::vector<std::int8_t> components;
  std::vector<float> vector(dimension);
  auto rows = database.prepare("SELECT id, components FROM vector WHERE components IS NOT NULL ORDER BY id");
  while (rows.step()) {
    if (!floats_of(rows.blob(1), vector)) continue;
    ids.push_back(rows.integer(0));
    components.resize(components.size() + dimension);
    scales.push_back(quantise(vector, std::span(components).last(dimension)));
  }
  return VectorFile::hold(dimension, generation_of(database), std::move(ids), std::move(scales), std::move(components));
}

VectorFile vectors_now(Database& database, const std::filesystem::path& folder) {
  auto beside = VectorFile::map(vectors_file(folder));
  const bool fits = beside.generation() == generation_of(database) &&
                    beside.rows().dimension == making_of(database).dimension;
  return fits ? std::move(beside) : read_vectors(database);
}

std::vector<Near> rescored(Database& database, std::span<const Near> found, std::span<const float> query,
                           std::size_t count) {
  std::vector<Near> out;
  std::vector<float> vector(query.size());
  auto row = database.prepare("SELECT components FROM vector WHERE id = ?1");
  for (const auto& near : found) {
    row.bind(1, near.id);
    if (row.step() && floats_of(row.blob(0), vector)) {
      out.push_back({near.id, dot_float(vector.data(), query.data(), query.size())});
    }
    row.reset();
  }
  std::ranges::stable_sort(out, [](const Near& a, const Near& b) { return a.score > b.score; });
  if (out.size() > count) out.resize(count);
  return out;
}

}  // namespace gpiot::store
