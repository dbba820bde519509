#include "gpiot/store/word_file.h"

#include <algorithm>
#include <cstring>
#include <ranges>
#include <string>
#include <utility>

#include "gpiot/base/files.h"

namespace gpiot::store {
namespace {

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

}  // namespace

WordRows::Postings WordRows::with(std::string_view word) const {
  const auto word_at = [&](std::size_t i) {
    const auto part = part_of(letters, first_letters, i);
    return std::string_view(part.data(), part.size());
  };
  const auto all = std::views::iota(std::size_t{0}, first_letters.empty() ? 0 : first_letters.size() - 1);
  const auto found = std::ranges::lower_bound(all, word, {}, word_at);
  if (found == all.end() || word_at(*found) != word) return {};
  return {part_of(places, first_postings, *found), part_of(scores, first_postings, *found)};
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
  ColumnReader columns(bytes.subspan(sizeof(Header)));
  columns.take(out.rows_.passages, header.passages);
  columns.take(out.rows_.priors, header.passages);
  columns.take(out.rows_.first_letters, header.words + 1);
  columns.take(out.rows_.first_postings, header.words + 1);
  columns.take(out.rows_.places, header.postings);
  columns.take(out.rows_.scores, header.postings);
  columns.take(out.rows_.letters, header.letters);
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
  append_column<Header>(bytes, {&header, 1});
  append_column(bytes, rows_.passages);
  append_column(bytes, rows_.priors);
  append_column(bytes, rows_.first_letters);
  append_column(bytes, rows_.first_postings);
  append_column(bytes, rows_.places);
  append_column(bytes, rows_.scores);
  append_column(bytes, rows_.letters);
  base::write_file_atomic(file, bytes, "store.words");
}

}  // namespace gpiot::store
