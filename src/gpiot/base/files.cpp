#include "gpiot/base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
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

[[noreturn]] void throw_io(std::string_view where, std::string_view action, const std::filesystem::path& path) {
  throw io_error(where, std::string(action) + " " + path.string(), errno);
}

/// Writes all of `content`; false with errno where that fails.
bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t count = ::write(fd, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

Error too_large(std::string_view where, const std::filesystem::path& path, std::uint64_t bytes,
                std::uint64_t limit_bytes) {
  return {ErrorCode::Capacity, where,
          path.string() + " is too large: got " + std::to_string(bytes) + " bytes, expected at most " +
              std::to_string(limit_bytes)};
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

Error io_error(std::string_view where, const std::string& problem, int error_number, const std::string& elsewhere) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return {ErrorCode::Io, where, problem + ": the disk is full",
              "free some space and run the same command again: it goes on where it stopped"};
    case EROFS:
      return {ErrorCode::Io, where, problem + ": the file system is read-only",
              elsewhere.empty() ? "use a folder that can be written" : elsewhere};
    case EACCES:
    case EPERM:
      return {ErrorCode::Io, where, problem + ": no permission",
              elsewhere.empty() ? "use a folder that is yours, or change its permissions" : elsewhere};
    default:
      return {ErrorCode::Io, where, problem + ": " + std::strerror(error_number)};
  }
}

std::string read_file(const std::filesystem::path& path, std::string_view where, std::uint64_t limit_bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) {
      throw Error(ErrorCode::NotFound, where, "no such file: " + path.string());
    }
    throw_io(where, "cannot open", path);
  }
  struct stat facts{};
  if (::fstat(file.get(), &facts) != 0) throw_io(where, "cannot read", path);
  if (!S_ISREG(facts.st_mode)) {
    throw Error(ErrorCode::Format, where,
                path.string() + " is not a file: got a " + (S_ISDIR(facts.st_mode) ? "folder" : "device or pipe") +
                    ", expected a regular file");
  }
  const auto bytes = static_cast<std::uint64_t>(facts.st_size);
  if (bytes > limit_bytes) throw too_large(where, path, bytes, limit_bytes);
  return read_descriptor(file.get(), path, where, limit_bytes);
}

void write_file_atomic(const std::filesystem::path& path, std::string_view content, std::string_view where) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) {
    throw io_error(where, "cannot make the folder " + folder.string(), failure.value());
  }
  const auto temporary = folder / ("." + path.filename().string() + "." + std::to_string(::getpid()) + ".partial");
  const auto give_up = [&](std::string_view action) {
    const int number = errno;
    ::unlink(temporary.c_str());
    throw io_error(where, std::string(action) + " " + path.string(), number);
  };
  {
    const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (file.get() < 0) throw_io(where, "cannot write", path);
    if (!write_all(file.get(), content)) give_up("cannot write");
    if (::fsync(file.get()) != 0) give_up("cannot sync");
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) give_up("cannot rename to");
  const Descriptor parent(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.get() >= 0) ::fsync(parent.get());
}

bool is_unfinished_file(std::string_view name) {
  constexpr std::string_view kEnd = ".partial";
  if (!name.starts_with('.') || !name.ends_with(kEnd)) return false;
  name.remove_suffix(kEnd.size());
  const auto dot = name.rfind('.');
  const auto number = name.substr(dot + 1);
  return dot > 1 && !number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos;
}

void copy_file(const std::filesystem::path& from, const std::filesystem::path& to, std::string_view where) {
  const Descriptor source(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (source.get() < 0) throw_io(where, "cannot open", from);
  const Descriptor target(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (target.get() < 0) throw_io(where, "cannot write", to);
  std::array<char, 1 << 16> part{};
  while (true) {
    const ssize_t count = ::read(source.get(), part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    if (count == 0) return;
    if (count > 0 && write_all(target.get(), {part.data(), static_cast<std::size_t>(count)})) continue;
    const int number = errno;
    ::unlink(to.c_str());
    throw io_error(where, fmt::format("cannot copy {} to {}", from.string(), to.string()), number);
  }
}

void append_line(const std::filesystem::path& path, std::string_view line, std::string_view where) {
  const Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (file.get() < 0) throw_io(where, "cannot write", path);
  const off_t end = ::lseek(file.get(), 0, SEEK_END);
  char last = '\n';
  if (end > 0 && ::pread(file.get(), &last, 1, end - 1) != 1) throw_io(where, "cannot read", path);
  const std::string text = (last == '\n' ? "" : "\n") + std::string(line) + "\n";
  if (write_all(file.get(), text)) return;
  const int number = errno;
  [[maybe_unused]] const int cut = ::ftruncate(file.get(), end);
  throw io_error(where, "cannot write " + path.string(), number);
}

std::string read_untrusted_file(const std::filesystem::path& root, const std::string& relative, std::string_view where,
                                std::uint64_t limit_bytes) {
  const Descriptor folder(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) throw_io(where, "cannot open the folder", root);
  open_how how{};
  how.flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const Descriptor file(static_cast<int>(::syscall(SYS_openat2, folder.get(), relative.c_str(), &how, sizeof(how))));
  const auto shown = root / relative;
  if (file.get() < 0) {
    if (errno == ENOENT) throw Error(ErrorCode::NotFound, where, "no such file: " + shown.string());
    throw Error(ErrorCode::Format, where,
                shown.string() + " cannot be read safely: got " + std::strerror(errno) + ", expected a regular file");
  }
  struct stat facts{};
  if (::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_nlink != 1) {
    throw Error(ErrorCode::Format, where, shown.string() + " is not a regular file of its own");
  }
  const auto bytes = static_cast<std::uint64_t>(facts.st_size);
  if (bytes > limit_bytes) throw too_large(where, shown, bytes, limit_bytes);
  return read_descriptor(file.get(), shown, where, limit_bytes);
}

}  // namespace gpiot::base
