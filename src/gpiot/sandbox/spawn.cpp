#include "gpiot/sandbox/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "gpiot/base/error.h"
#include "gpiot/sandbox/descriptor.h"

namespace gpiot::sandbox {
namespace {

/// The actions and attributes of one posix_spawn; freed together.
class SpawnPlan {
 public:
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
    sigset_t every;
    sigset_t none;
    sigfillset(&every);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes_, &every);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  /// Copies go above all targets first, so that no target overwrites a source that is still needed.
  void inherit(const std::vector<int>& descriptors) {
    for (const int fd : descriptors) {
      const int high = ::fcntl(fd, F_DUPFD_CLOEXEC, 64);
      if (high < 0) throw base::Error(base::ErrorCode::Sandbox, "sandbox.spawn", std::string("dup: ") + std::strerror(errno));
      copies_.emplace_back(high);
      high_.push_back(high);
      posix_spawn_file_actions_adddup2(&actions_, high, static_cast<int>(copies_.size()) - 1);
    }
    posix_spawn_file_actions_addclosefrom_np(&actions_, static_cast<int>(copies_.size()));
  }

  posix_spawn_file_actions_t* actions() { return &actions_; }
  posix_spawnattr_t* attributes() { return &attributes_; }
  [[nodiscard]] const std::vector<int>& high() const { return high_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
  std::vector<Descriptor> copies_;
  std::vector<int> high_;
};

}  // namespace

pid_t spawn(const std::vector<std::string>& arguments, const std::vector<int>& inherited, const RootStage* stage) {
  SpawnPlan plan;
  plan.inherit(inherited);
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const auto& argument : arguments) {
    if (argument.find('\0') != std::string::npos) {
      throw base::Error(base::ErrorCode::InvalidArgument, "sandbox.spawn",
                        "an argument of the program holds a NUL byte: expected text without one");
    }
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  char* environment[] = {nullptr};
  pid_t child = -1;
  int result = 0;
  if (stage != nullptr && stage->active()) {
    child = stage->spawn(argv.data(), plan.high());
    if (child < 0) result = errno;
  } else {
    result = ::posix_spawn(&child, argv[0], plan.actions(), plan.attributes(), argv.data(), environment);
  }
  if (result != 0) {
    throw base::Error(base::ErrorCode::Sandbox, "sandbox.spawn",
                      "cannot start " + arguments.at(0) + ": " + std::strerror(result),
                      result == E2BIG ? "pass fewer or shorter arguments" : "apt-get install bubblewrap");
  }
  return child;
}

}  // namespace gpiot::sandbox
