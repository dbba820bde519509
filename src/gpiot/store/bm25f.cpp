#include "gpiot/store/bm25f.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "gpiot/store/database.h"

namespace gpiot::store {
namespace {

constexpr std::string_view kWhere = "store.search";
constexpr double kSaturation = 1.2;   // k1
constexpr float kLengthShare = 0.3F;  // b
constexpr double kLeastIdf = 1e-6;

/// Numbers of up to five bytes (they have 32 bits), high bits first: a byte below 128 is the last of its number.
WordColumns lengths_from(std::span<const std::byte> bytes) {
  WordColumns lengths{};
  std::size_t column = 0;
  std::uint32_t number = 0;
  for (const auto byte : bytes) {
    const auto bits = std::to_integer<std::uint32_t>(byte);
    number = (number << 7U) | (bits & 0x7fU);
    if (bits >= 0x80U) continue;
    if (column < kWordColumns) lengths[column++] = static_cast<float>(number);
    number = 0;
  }
  return lengths;
}

}  // namespace

double rarity(std::int64_t rows, std::int64_t with) {
  const auto there = static_cast<double>(with);
  return std::max(std::log((static_cast<double>(rows) - there + 0.5) / (there + 0.5)), kLeastIdf);
}

double saturated(double frequency) { return frequency * (kSaturation + 1) / (frequency + kSaturation); }

void ColumnShares::bring_up_to_date() {
  Statement state(handle_,
                  "SELECT (SELECT value FROM meta WHERE key = 'generation'), (SELECT count(*) FROM passage), "
                  "(SELECT max(id) FROM passage)",
                  kWhere);
  state.step();
  if (state.integer(0) == generation_) return;
  // Ids may have gaps, but what lies far beyond the number of passages is not worth its bytes.
  const auto most = 8 * state.integer(1) + 1024;
  generation_ = -1;
  held_.assign(static_cast<std::size_t>(std::clamp(state.integer(2) + 1, std::int64_t{0}, most)), {});
  read_lengths();
  for (auto& passage : held_) passage = of(passage);
  generation_ = state.integer(0);
}

const WordColumns* ColumnShares::held(std::int64_t passage) const {
  const auto place = static_cast<std::size_t>(passage);
  return passage >= 0 && place < held_.size() ? &held_[place] : nullptr;
}

WordColumns ColumnShares::of_passage(std::int64_t passage) const {
  if (const auto* there = held(passage)) return *there;
  Statement row(handle_, "SELECT sz FROM passage_words_docsize WHERE id = ?1", kWhere);
  row.bind(1, passage);
  return of(row.step() ? lengths_from(row.blob(0)) : WordColumns{});
}

WordColumns ColumnShares::of(const WordColumns& lengths) const {
  WordColumns shares{};
  for (std::size_t i = 0; i < kWordColumns; ++i)
    shares[i] = 1 / (1 - kLengthShare + kLengthShare * lengths[i] / mean_[i]);
  return shares;
}

void ColumnShares::read_lengths() {
  std::array<double, kWordColumns> sum{}, filled{};
  Statement rows(handle_, "SELECT id, sz FROM passage_words_docsize WHERE id >= 0", kWhere);
  while (rows.step()) {
    const auto lengths = lengths_from(rows.blob(1));
    for (std::size_t i = 0; i < kWordColumns; ++i) {
      sum[i] += lengths[i];
      filled[i] += lengths[i] > 0 ? 1 : 0;
    }
    const auto place = static_cast<std::size_t>(rows.integer(0));
    if (place < held_.size()) held_[place] = lengths;
  }
  for (std::size_t i = 0; i < kWordColumns; ++i) mean_[i] = filled[i] > 0 ? static_cast<float>(sum[i] / filled[i]) : 1;
}

}  // namespace gpiot::store
