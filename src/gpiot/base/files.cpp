#include "gpiot/base/files.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "gpiot/base/error.h"

namespace gpiot::base {
namespace {

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

std::string reason(int error_number) {
  if (error_number == ENOSPC || error_number == EDQUOT) return "the disk is full";
  if (error_number == EROFS) return "the file system is read-only";
  return std::strerror(error_number);
}

[[noreturn]] void throw_io(std::string_view where, std::string_view action, const std::filesystem::path& path) {
  const int number = errno;
  const bool full = number == ENOSPC || number == EDQUOT;
  throw Error(ErrorCode::Io, where, std::string(action) + " " + path.string() + ": " + reason(number),
              full ? "free some space and run the same command again: it goes on where it stopped" : "");
}

std::string read_descriptor(int fd, const std::filesystem::path& path, std::string_view where,
                            std::uint64_t limit_bytes) {
  std::string content;
  std::array<char, 1 << 16> part{};
  while (true) {
    const ssize_t count = ::read(fd, part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_io(where, "cannot read", path);
    if (count == 0) return content;
    content.append(part.data(), static_cast<std::size_t>(count));
    if (content.size() > limit_bytes) {
      throw Error(ErrorCode::Capacity, where,
                  path.string() + " is too large: expected at most " + std::to_string(limit_bytes) + " bytes");
    }
  }
}

}  // namespace

std::string read_file(const std::filesystem::path& path, std::string_view where, std::uint64_t limit_bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) {
      throw Error(ErrorCode::NotFound, where, "no such file: " + path.string());
    }
    throw_io(where, "cannot open", path);
  }
  return read_descriptor(file.get(), path, where, limit_bytes);
}

void write_file_atomic(const std::filesystem::path& path, std::string_view content, std::string_view where) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) {
    throw Error(ErrorCode::Io, where, "cannot make the folder " + folder.string() + ": " + reason(failure.value()));
  }
  const auto temporary = folder / ("." + path.filename().string() + "." + std::to_string(::getpid()) + ".partial");
  {
    const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (file.get() < 0) throw_io(where, "cannot write", path);
    std::size_t done = 0;
    while (done < content.size()) {
      const ssize_t count = ::write(file.get(), content.data() + done, content.size() - done);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) {
        const int number = errno;
        ::unlink(temporary.c_str());
        errno = number;
        throw_io(where, "cannot write", path);
      }
      done += static_cast<std::size_t>(count);
    }
    if (::fsync(file.get()) != 0) throw_io(where, "cannot sync", path);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) throw_io(where, "cannot rename to", path);
  const Descriptor parent(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.get() >= 0) ::fsync(parent.get());
}

std::string read_untrusted_file(const std::filesystem::path& root, const std::string& relative, std::string_view where,
                                std::uint64_t limit_bytes) {
  const Descriptor folder(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) throw_io(where, "cannot open the folder", root);
  open_how how{};
  how.flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const Descriptor file(
      static_cast<int>(::syscall(SYS_openat2, folder.get(), relative.c_str(), &how, sizeof(how))));
  const auto shown = root / relative;
  if (file.get() < 0) {
    if (errno == ENOENT) throw Error(ErrorCode::NotFound, where, "no such file: " + shown.string());
    throw Error(ErrorCode::Format, where,
                shown.string() + " cannot be read safely: got " + std::strerror(errno) + ", expected a regular file");
  }
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_nlink != 1) {
    throw Error(ErrorCode::Format, where, shown.string() + " is not a regular file of its own");
  }
  if (static_cast<std::uint64_t>(facts.st_size) > limit_bytes) {
    throw Error(ErrorCode::Capacity, where,
                shown.string() + " is too large: got " + std::to_string(facts.st_size) + " bytes, expected at most " +
                    std::to_string(limit_bytes));
  }
  return read_descriptor(file.get(), shown, where, limit_bytes);
}

}  // namespace gpiot::base
