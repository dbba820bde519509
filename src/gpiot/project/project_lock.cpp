#include "gpiot/project/project_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"

namespace gpiot::project {
namespace {

using base::Error;
using base::ErrorCode;
constexpr std::string_view kWhere = "project.lock";

std::string holder(int descriptor) {
  std::array<char, 32> text{};
  const ssize_t count = ::pread(descriptor, text.data(), text.size(), 0);
  const auto pid = count > 0 ? base::trim({text.data(), static_cast<std::size_t>(count)}) : std::string();
  return pid.empty() ? "another process" : "process " + base::printable(pid);
}

}  // namespace

ProjectLock::ProjectLock(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder)) {
    throw Error(ErrorCode::NotFound, kWhere, "no such project folder: " + folder.string());
  }
  std::error_code failure;
  std::filesystem::create_directories(folder / ".gpiot", failure);
  const auto path = folder / ".gpiot" / "lock";
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (descriptor_ < 0) {
    throw Error(ErrorCode::Io, kWhere, fmt::format("cannot open {}: {}", path.string(), std::strerror(errno)));
  }
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int number = errno;
    const auto who = holder(descriptor_);
    ::close(descriptor_);
    if (number == EWOULDBLOCK) {
      throw Error(ErrorCode::InvalidArgument, kWhere,
                  fmt::format("another gpiot works in {}: got {}, expected none", folder.string(), who),
                  "wait until it has finished, or stop it");
    }
    throw Error(ErrorCode::Io, kWhere, fmt::format("cannot lock {}: {}", path.string(), std::strerror(number)));
  }
  // The process id is only for the message above: failing to write it does not weaken the lock.
  const auto pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(descriptor_, 0) == 0) {
    [[maybe_unused]] const auto count = ::pwrite(descriptor_, pid.data(), pid.size(), 0);
  }
}

ProjectLock::~ProjectLock() { ::close(descriptor_); }

}  // namespace gpiot::project
