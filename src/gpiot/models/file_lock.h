#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "gpiot/base/files.h"

namespace gpiot::models {

/// Holds an exclusive lock on a file of its own until destroyed; the kernel frees it when the process dies.
class FileLock {
 public:
  /// `wait` false: `held()` tells whether it was to be had. Errors: Io.
  explicit FileLock(const std::filesystem::path& file, bool wait = true) {
    std::error_code failure;
    std::filesystem::create_directories(file.parent_path(), failure);
    if (failure) {
      throw base::io_error("models.lock", "cannot make the folder " + file.parent_path().string(), failure.value(),
                           "set GPIOT_HOME to a folder that gpiot may write to");
    }
    fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd_ < 0) {
      throw base::io_error("models.lock", "cannot open " + file.string(), errno,
                           "set GPIOT_HOME to a folder that gpiot may write to");
    }
    take(wait ? 0 : LOCK_NB);
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock() { ::close(fd_); }

  [[nodiscard]] bool held() const { return held_; }
  bool try_again() { return take(LOCK_NB); }

 private:
  bool take(int flags) {
    int result = -1;
    do {
      result = ::flock(fd_, LOCK_EX | flags);
    } while (result != 0 && errno == EINTR);
    return held_ = result == 0;
  }

  int fd_ = -1;
  bool held_ = false;
};

}  // namespace gpiot::models
