#include "gpiot/llm/prompt_store.h"

#include <algorithm>
#include <vector>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"

namespace gpiot::llm {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHashLength = 64;
constexpr std::string_view kSuffix = ".state";
constexpr std::string_view kWhere = "llm.prompt_store";

std::string_view bytes_of(std::span<const std::int32_t> tokens) {
  return {reinterpret_cast<const char*>(tokens.data()), tokens.size_bytes()};
}

struct Kept {
  fs::file_time_type used;
  std::uint64_t bytes;
  fs::path path;
};

std::vector<Kept> kept_in(const fs::path& folder) {
  std::vector<Kept> files;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    if (entry.path().extension() != kSuffix) continue;
    const auto used = entry.last_write_time(failure);
    const auto bytes = entry.file_size(failure);
    if (!failure) files.push_back({used, bytes, entry.path()});
  }
  std::ranges::sort(files, {}, &Kept::used);
  return files;
}

}  // namespace

PromptStore::PromptStore(fs::path folder, std::string identity, std::uint64_t most_bytes)
    : folder_(std::move(folder)), identity_(std::move(identity)), most_bytes_(most_bytes) {}

fs::path PromptStore::file_of(std::span<const std::int32_t> tokens) const {
  return folder_ / (base::sha256_hex(identity_ + '\0' + std::string(bytes_of(tokens))) + std::string(kSuffix));
}

std::optional<std::string> PromptStore::load(std::span<const std::int32_t> tokens) const try {
  if (!enabled()) return std::nullopt;
  const auto path = file_of(tokens);
  std::error_code failure;
  if (!fs::exists(path, failure)) return std::nullopt;
  auto content = base::read_file(path, kWhere, most_bytes_);
  if (content.size() <= kHashLength) return std::nullopt;
  const std::string hash = content.substr(0, kHashLength);
  content.erase(0, kHashLength);
  if (base::sha256_hex(content) != hash) return std::nullopt;
  fs::last_write_time(path, fs::file_time_type::clock::now(), failure);
  return content;
} catch (const base::Error&) {
  return std::nullopt;  // a cache: the prompt is read again
}

void PromptStore::save(std::span<const std::int32_t> tokens, std::string_view state) const try {
  if (!enabled() || state.empty() || state.size() > most_bytes_ / 2) return;
  make_room(state.size() + kHashLength);
  base::write_file_atomic(file_of(tokens), base::sha256_hex(state) + std::string(state), kWhere);
} catch (const base::Error&) {
  // A full or read-only disk costs time, nothing else.
}

void PromptStore::make_room(std::uint64_t bytes) const {
  const auto files = kept_in(folder_);
  std::uint64_t total = bytes;
  for (const auto& file : files) total += file.bytes;
  std::error_code failure;
  for (const auto& file : files) {
    if (total <= most_bytes_) return;
    if (fs::remove(file.path, failure)) total -= file.bytes;
  }
}

}  // namespace gpiot::llm
