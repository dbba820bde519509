#include "gpiot/project/project_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
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

ProjectLock::ProjectLock(const std::filesystem::path& folder) : folder_(folder) {
  std::error_code failure;
  if (!std::filesystem::is_directory(folder, failure)) {
    throw Error(ErrorCode::NotFound, kWhere, "no such project folder: " + folder.string());
  }
  std::filesystem::create_directories(folder / ".gpiot", failure);
  if (failure) throw base::io_error(kWhere, "cannot make the folder " + (folder / ".gpiot").string(), failure.value());
  const auto path = folder / ".gpiot" / "lock";
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (descriptor_ < 0) throw base::io_error(kWhere, "cannot open " + path.string(), errno);
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int number = errno;
    const auto who = holder(descriptor_);
    ::close(descriptor_);
    if (number == EWOULDBLOCK) {
      throw Error(ErrorCode::InvalidArgument, kWhere,
                  fmt::format("another gpiot works in {}: got {}, expected none", folder.string(), who),
                  "wait until it has finished, or stop it");
    }
    throw base::io_error(kWhere, "cannot lock " + path.string(), number);
  }
  // The process id is only for the message above: failing to write it does not weaken the lock.
  const auto pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(descriptor_, 0) == 0) {
    [[maybe_unused]] const auto count = ::pwrite(descriptor_, pid.data(), pid.size(), 0);
  }
}

ProjectLock::~ProjectLock() { ::close(descriptor_); }

void ProjectLock::remove_leftovers() const {
  // The folders that gpiot writes into, by name: the user's data may lie in the project and is not searched.
  std::vector<std::filesystem::path> found;
  const auto look = [&](const std::filesystem::directory_entry& entry) {
    if (base::is_unfinished_file(entry.path().filename().string())) found.push_back(entry.path());
  };
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, failure)) look(entry);
  constexpr auto kOptions = std::filesystem::directory_options::skip_permission_denied;
  for (const auto* name : {".gpiot", "specs", "app", "runs"}) {
    // Another process may take folders away meanwhile: then the rest of this one waits for the next call.
    std::filesystem::recursive_directory_iterator entry(folder_ / name, kOptions, failure);
    for (; !failure && entry != std::filesystem::recursive_directory_iterator(); entry.increment(failure)) look(*entry);
  }
  for (const auto& file : found) std::filesystem::remove(file, failure);
}

}  // namespace gpiot::project
