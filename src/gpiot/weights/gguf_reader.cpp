#include "gpiot/weights/gguf_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "gpiot/base/error.h"

namespace gpiot::weights {
namespace {

constexpr std::string_view kWhere = "weights.check";
constexpr std::size_t kBufferBytes = 1 << 20;

}  // namespace

GgufReader::GgufReader(const std::filesystem::path& path) : path_(path) {
  file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file_ < 0) {
    const bool missing = errno == ENOENT || errno == ENOTDIR;
    throw base::Error(missing ? base::ErrorCode::NotFound : base::ErrorCode::Io, kWhere,
                      missing ? fmt::format("no such model file: {}", path.string())
                              : fmt::format("cannot open {}: {}", path.string(), std::strerror(errno)));
  }
  struct stat facts{};
  if (::fstat(file_, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    ::close(file_);
    throw base::Error(base::ErrorCode::Format, kWhere,
                      fmt::format("{} is not a model: got a folder or device, expected a file", path.string()));
  }
  file_bytes_ = static_cast<std::uint64_t>(facts.st_size);
}

GgufReader::~GgufReader() { ::close(file_); }

void GgufReader::fail(std::string_view problem) const {
  throw base::Error(base::ErrorCode::Format, kWhere, fmt::format("{}: {}", path_.string(), problem),
                    "name a GGUF file, or a model of 'gpiot model list'");
}

void GgufReader::fail_cut(std::uint64_t needed, std::string_view what) const {
  throw base::Error(base::ErrorCode::Format, kWhere,
                    fmt::format("{} is cut short in {}: got {} bytes, expected at least {}", path_.string(), what,
                                file_bytes_, needed),
                    "fetch the file again: the download was probably interrupted");
}

void GgufReader::require(std::uint64_t count, std::string_view what) const {
  if (count <= remaining()) return;
  const bool overflows = count > std::numeric_limits<std::uint64_t>::max() - position_;
  fail_cut(overflows ? std::numeric_limits<std::uint64_t>::max() : position_ + count, what);
}

void GgufReader::fill() {
  buffer_.resize(kBufferBytes);
  buffer_start_ = position_;
  ssize_t count = -1;
  do {
    count = ::pread(file_, buffer_.data(), buffer_.size(), static_cast<off_t>(position_));
  } while (count < 0 && errno == EINTR);
  if (count <= 0) {
    throw base::Error(
        base::ErrorCode::Io, kWhere,
        fmt::format("cannot read {}: {}", path_.string(), count < 0 ? std::strerror(errno) : "it shrank"));
  }
  buffer_.resize(static_cast<std::size_t>(count));
}

void GgufReader::bytes(void* destination, std::uint64_t count, std::string_view what) {
  require(count, what);
  auto* out = static_cast<char*>(destination);
  while (count > 0) {
    const bool buffered = position_ >= buffer_start_ && position_ < buffer_start_ + buffer_.size();
    if (!buffered) fill();
    const std::uint64_t offset = position_ - buffer_start_;
    const std::uint64_t part = std::min<std::uint64_t>(count, buffer_.size() - offset);
    std::memcpy(out, buffer_.data() + offset, part);
    out += part;
    position_ += part;
    count -= part;
  }
}

void GgufReader::skip(std::uint64_t count, std::string_view what) {
  require(count, what);
  position_ += count;
}

std::string GgufReader::text(std::string_view what, std::uint64_t limit) {
  const auto length = number<std::uint64_t>(what);
  require(length, what);
  if (length > limit) fail(fmt::format("{} is too long: got {} bytes, expected at most {}", what, length, limit));
  std::string value(length, '\0');
  bytes(value.data(), length, what);
  return value;
}

std::string GgufReader::peek() {
  const std::uint64_t before = position_;
  std::string head(std::min<std::uint64_t>(16, remaining()), '\0');
  bytes(head.data(), head.size(), "the first bytes");
  position_ = before;
  return head;
}

}  // namespace gpiot::weights
