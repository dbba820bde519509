#include "gpiot/sandbox/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "gpiot/base/error.h"
#include "gpiot/sandbox/descriptor.h"

namespace gpiot::sandbox {

/// The actions and attributes of one posix_spawn; freed together.
class Launch::Plan {
 public:
  Plan() {
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
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  ~Plan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  /// Copies go above all targets first, so that no target overwrites a source that is still needed.
  void inherit(const std::vector<int>& descriptors) {
    for (const int fd : descriptors) {
      const int high = ::fcntl(fd, F_DUPFD_CLOEXEC, 64);
      if (high < 0)
        throw base::Error(base::ErrorCode::Sandbox, "sandbox.spawn", std::string("dup: ") + std::strerror(errno));
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

Launch::Launch(std::vector<std::string> arguments, const std::vector<int>& inherited, Starter starter)
    : arguments_(std::move(arguments)), plan_(std::make_unique<Plan>()), starter_(std::move(starter)) {
  plan_->inherit(inherited);
  argv_.reserve(arguments_.size() + 1);
  for (auto& argument : arguments_) {
    if (argument.find('\0') != std::string::npos) {
      throw base::Error(base::ErrorCode::InvalidArgument, "sandbox.spawn",
                        "an argument of the program holds a NUL byte: expected text without one");
    }
    argv_.push_back(argument.data());
  }
  argv_.push_back(nullptr);
}

Launch::~Launch() = default;

pid_t Launch::start() const noexcept {
  if (starter_) return starter_(argv_.data(), plan_->high());
  char* environment[] = {nullptr};
  pid_t child = -1;
  errno = ::posix_spawn(&child, argv_[0], plan_->actions(), plan_->attributes(), argv_.data(), environment);
  return errno == 0 ? child : -1;
}

pid_t spawn(std::vector<std::string> arguments, const std::vector<int>& inherited) {
  const auto program = arguments.at(0);
  const pid_t child = Launch(std::move(arguments), inherited).start();
  if (child < 0) {
    const int reason = errno;
    throw base::Error(base::ErrorCode::Sandbox, "sandbox.spawn",
                      "cannot start " + program + ": " + std::strerror(reason), "apt-get install bubblewrap");
  }
  return child;
}

}  // namespace gpiot::sandbox
