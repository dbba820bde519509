#include "gpiot/store/vectors.h"

#include <algorithm>
#include <cmath>
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
  VectorFile::Columns columns;
  std::vector<float> vector(dimension);
  auto rows = database.prepare(
      "SELECT v.id, v.components, p.id, p.prior FROM vector v JOIN passage_vector pv ON pv.vector = v.id "
      "JOIN passage p ON p.id = pv.passage WHERE v.components IS NOT NULL ORDER BY v.id, p.id");
  while (rows.step()) {
    if (!floats_of(rows.blob(1), vector)) continue;
    columns.vectors.push_back(rows.integer(0));
    columns.passages.push_back(rows.integer(2));
    columns.log_priors.push_back(static_cast<float>(std::log(std::max(rows.real(3), 1e-6))));
    columns.components.resize(columns.components.size() + dimension);
    columns.rests.resize(columns.components.size());
    const auto components = std::span(columns.components).last(dimension);
    columns.scales.push_back(quantise(vector, components));
    quantise_rest(vector, components, columns.scales.back(), std::span(columns.rests).last(dimension));
  }
  return VectorFile::hold(dimension, generation_of(database), std::move(columns));
}

VectorFile vectors_now(Database& database, const std::filesystem::path& folder) {
  auto beside = VectorFile::map(vectors_file(folder));
  const bool fits =
      beside.generation() == generation_of(database) && beside.rows().dimension == making_of(database).dimension;
  return fits ? std::move(beside) : read_vectors(database);
}

std::vector<Near> rescored(const VectorRows& rows, std::vector<Near> found, std::span<const float> query,
                           std::size_t count, float prior_weight) {
  count = std::min(count, found.size());
  std::vector<float> vector(rows.dimension);
  for (auto& near : std::span(found).first(count)) {
    const auto at = near.row * rows.dimension;
    for (std::size_t i = 0; i < rows.dimension; ++i)
      vector[i] = static_cast<float>(rows.components[at + i]) + static_cast<float>(rows.rests[at + i]) / kRests;
    near.score = rows.scales[near.row] * dot_float(vector.data(), query.data(), rows.dimension) +
                 prior_weight * rows.log_priors[near.row];
  }
  std::ranges::stable_sort(std::span(found).first(count),
                           [](const Near& a, const Near& b) { return a.score > b.score; });
  return found;
}

}  // namespace gpiot::store
