#include "gpiot/weights/widen.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/weights/gguf_reader.h"
#include "gpiot/weights/widen_plan.h"

namespace gpiot::weights {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "weights.widen";
constexpr std::uint64_t kMaxHeaderBytes = 1ULL << 30;
constexpr std::size_t kBufferBytes = 4 << 20;

Error is_there(const std::filesystem::path& out) {
  return {ErrorCode::InvalidArgument, kWhere, fmt::format("{} is there already: nothing was written", out.string()),
          "'gpiot model list' shows whether it is known; else move it away"};
}

/// A file that is written under another name; it vanishes unless finish() was called.
class NewFile {
 public:
  explicit NewFile(std::filesystem::path path) : path_(std::move(path)), partial_(path_.string() + ".partial") {
    file_ = ::open(partial_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (file_ < 0) throw base::io_error(kWhere, "cannot write " + partial_, errno);
    buffer_.reserve(kBufferBytes);
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile() {
    ::close(file_);
    if (!finished_) ::unlink(partial_.c_str());
  }

  void add(std::string_view bytes) {
    position_ += bytes.size();
    if (buffer_.size() + bytes.size() > kBufferBytes) flush();
    buffer_ += bytes;
  }
  void add_zeros(std::uint64_t count) {
    static constexpr char kZeros[4096] = {};
    for (; count > 0; count -= std::min<std::uint64_t>(count, sizeof kZeros))
      add({kZeros, std::min<std::uint64_t>(count, sizeof kZeros)});
  }
  [[nodiscard]] std::uint64_t position() const { return position_; }
  [[nodiscard]] const std::string& partial() const { return partial_; }

  /// All bytes are on the disk.
  void sync() {
    flush();
    if (::fsync(file_) != 0) throw base::io_error(kWhere, "cannot sync " + partial_, errno);
  }
  void finish() {
    if (::renameat2(AT_FDCWD, partial_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) != 0) {
      if (errno == EEXIST) throw is_there(path_);
      // File systems that cannot do it in one move.
      if (errno != EINVAL && errno != ENOSYS) throw base::io_error(kWhere, "cannot rename to " + path_.string(), errno);
      if (std::filesystem::exists(std::filesystem::symlink_status(path_))) throw is_there(path_);
      if (::rename(partial_.c_str(), path_.c_str()) != 0)
        throw base::io_error(kWhere, "cannot rename to " + path_.string(), errno);
    }
    finished_ = true;
  }

 private:
  void flush() {
    const char* next = buffer_.data();
    for (std::size_t left = buffer_.size(); left > 0;) {
      const ssize_t count = ::write(file_, next, left);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) throw base::io_error(kWhere, "cannot write " + partial_, errno);
      next += count;
      left -= static_cast<std::size_t>(count);
    }
    buffer_.clear();
  }

  std::filesystem::path path_;
  std::string partial_;
  int file_ = -1;
  bool finished_ = false;
  std::uint64_t position_ = 0;
  std::string buffer_;
};

void put(std::string& header, std::uint64_t at, std::uint64_t value, std::uint64_t bytes = 8) {
  std::memcpy(header.data() + at, &value, bytes);  // little-endian, as the file
}

/// The header of the copy. It is as long as that of the original: numbers change, and no text.
std::string header_of(const CopyPlan& plan, GgufReader& reader) {
  if (plan.summary.data_offset > kMaxHeaderBytes)
    reader.fail(fmt::format("the header is too long: got {} bytes", plan.summary.data_offset));
  std::string header(plan.summary.data_offset, '\0');
  reader.bytes(header.data(), header.size(), "the header");
  put(header, plan.ffn_width.at, plan.widening.before + plan.widening.added, plan.ffn_width.bytes);
  const std::uint64_t mask = plan.summary.alignment - 1;
  std::uint64_t offset = 0;
  for (const TensorCopy& copy : plan.copies) {
    put(header, copy.tensor->offset_at, offset);
    if (copy.grown) {
      const std::uint64_t size = copy.tensor->dimensions[*copy.grown] + plan.widening.added;
      put(header, copy.tensor->dimensions_at + 8 * *copy.grown, size);
    }
    offset += (copy.bytes() + mask) & ~mask;
  }
  return header;
}

void copy_bytes(GgufReader& reader, NewFile& file, std::uint64_t count, std::string& room) {
  while (count > 0) {
    room.resize(std::min<std::uint64_t>(count, 1 << 20));
    reader.bytes(room.data(), room.size(), "a tensor");
    file.add(room);
    count -= room.size();
  }
}

void check_room(const std::filesystem::path& folder, std::uint64_t needed) {
  std::error_code failure;
  const auto space = std::filesystem::space(folder, failure);
  if (failure) throw base::io_error(kWhere, "cannot write in " + folder.string(), failure.value());
  if (space.available >= needed) return;
  throw Error(
      ErrorCode::Io, kWhere,
      fmt::format("the disk is full: got {} bytes free in {}, expected {}", space.available, folder.string(), needed),
      "free some space and run the same command again");
}

}  // namespace

void widen_ffn(const std::filesystem::path& in, const std::filesystem::path& out, std::uint64_t width,
               const std::function<void(double)>& on_progress) {
  const auto plan = plan_copy(in, width);
  if (std::filesystem::exists(std::filesystem::symlink_status(out))) throw is_there(out);
  check_room(out.has_parent_path() ? out.parent_path() : std::filesystem::path("."), plan->widening.file_bytes);
  GgufReader reader(in);
  NewFile file(out);
  file.add(header_of(*plan, reader));
  std::string room;
  for (const TensorCopy& copy : plan->copies) {
    reader.skip(plan->summary.data_offset + copy.tensor->offset - reader.position(), "a tensor");
    for (std::uint64_t row = 0; row < copy.rows; ++row) {
      copy_bytes(reader, file, copy.row_bytes, room);
      file.add_zeros(copy.zero_bytes);
    }
    file.add_zeros(-file.position() & (plan->summary.alignment - 1));
    if (on_progress) on_progress(static_cast<double>(file.position()) / static_cast<double>(plan->widening.file_bytes));
  }
  file.sync();
  (void)check_gguf(file.partial());
  file.finish();
}

}  // namespace gpiot::weights
