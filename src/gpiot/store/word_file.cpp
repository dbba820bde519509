#include "gpiot/store/word_file.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>
#include <utility>

#include "gpiot/base/files.h"

namespace gpiot::store {
namespace {

static_assert(std::endian::native == std::endian::little, "the file is little-endian");

constexpr char kMagic[8] = {'g', 'p', 'i', 'o', 't', 'w', '1', '\1'};
constexpr std::uint64_t kMost = std::uint64_t{1} << 36;  // of anything, so that no sum overflows

/// After it: passages, priors, first_letters, first_postings, places, scores, letters.
struct Header {
  char magic[8];
  std::int64_t generation;
  std::uint64_t passages, words, postings, letters;
};

std::uint64_t bytes_of(const Header& header) {
  return sizeof(Header) + header.passages * (sizeof(std::int64_t) + sizeof(double)) +
         2 * (header.words + 1) * sizeof(std::uint64_t) + header.postings * (sizeof(std::uint32_t) + sizeof(float)) +
         header.letters;
}

/// From `firsts[i]` to the next one; empty where that lies outside.
template <typename T>
std::span<const T> part_of(std::span<const T> all, std::span<const std::uint64_t> firsts, std::size_t i) {
  const auto begin = firsts[i], end = firsts[i + 1];
  return begin <= end && end <= all.size() ? all.subspan(begin, end - begin) : std::span<const T>();
}

template <typename T>
void append(std::string& out, std::span<const T> values) {
  out.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

}  // namespace

WordRows::Postings WordRows::with(std::string_view word) const {
  const auto word_at = [&](std::size_t i) {
    const auto part = part_of(letters, first_letters, i);
    return std::string_view(part.data(), part.size());
  };
  std::size_t low = 0, high = first_letters.empty() ? 0 : first_letters.size() - 1;
  const std::size_t words = high;
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    (word_at(middle) < word ? low : high) = word_at(middle) < word ? middle + 1 : middle;
  }
  if (low == words || word_at(low) != word) return {};
  return {part_of(places, first_postings, low), part_of(scores, first_postings, low)};
}

WordFile WordFile::map(const std::filesystem::path& file) {
  WordFile out;
  out.mapped_ = MappedFile::map(file);
  const auto bytes = out.mapped_.bytes();
  if (bytes.size() < sizeof(Header)) return out;
  Header header{};
  std::memcpy(&header, bytes.data(), sizeof(header));
  const bool sound = std::memcmp(header.magic, kMagic, sizeof(kMagic)) == 0 &&
                     std::max({header.passages, header.words, header.postings, header.letters}) < kMost &&
                     bytes_of(header) == bytes.size();
  if (!sound) return out;
  const auto* at = bytes.data() + sizeof(Header);
  const auto take = [&]<typename T>(std::span<const T>& column, std::size_t count) {
    column = {reinterpret_cast<const T*>(at), count};
    at += column.size_bytes();
  };
  take(out.rows_.passages, header.passages);
  take(out.rows_.priors, header.passages);
  take(out.rows_.first_letters, header.words + 1);
  take(out.rows_.first_postings, header.words + 1);
  take(out.rows_.places, header.postings);
  take(out.rows_.scores, header.postings);
  take(out.rows_.letters, header.letters);
  out.generation_ = header.generation;
  return out;
}

WordFile WordFile::hold(std::int64_t generation, Columns columns) {
  WordFile out;
  out.columns_ = std::move(columns);
  const auto& own = out.columns_;
  out.rows_ = {own.passages, own.priors, own.first_letters, own.first_postings, own.places, own.scores, own.letters};
  out.generation_ = generation;
  return out;
}

void WordFile::write(const std::filesystem::path& file) const {
  Header header{};
  std::memcpy(header.magic, kMagic, sizeof(kMagic));
  header.generation = generation_;
  header.passages = rows_.passages.size();
  header.words = rows_.first_letters.size() - 1;
  header.postings = rows_.places.size();
  header.letters = rows_.letters.size();
  std::string bytes;
  bytes.reserve(bytes_of(header));
  append<Header>(bytes, {&header, 1});
  append(bytes, rows_.passages);
  append(bytes, rows_.priors);
  append(bytes, rows_.first_letters);
  append(bytes, rows_.first_postings);
  append(bytes, rows_.places);
  append(bytes, rows_.scores);
  append(bytes, rows_.letters);
  base::write_file_atomic(file, bytes, "store.words");
}

}  // namespace gpiot::store
