#include "gpiot/models/tool_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include "gpiot/base/error.h"

namespace gpiot::models {
namespace {

using base::Error;
using base::ErrorCode;
constexpr std::string_view kWhere = "models.tool";

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const auto& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> environment_with(const std::vector<std::string>& settings) {
  std::vector<std::string> all = settings;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text(*entry);
    const auto name = text.substr(0, text.find('=') + 1);
    bool replaced = false;
    for (const auto& setting : settings) replaced = replaced || setting.rfind(name, 0) == 0;
    if (!replaced) all.push_back(text);
  }
  return all;
}

pid_t start(const std::vector<std::string>& command, const std::vector<std::string>& settings,
            const std::filesystem::path& log) {
  const auto environment = environment_with(settings);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  pid_t pid = -1;
  const int failure = ::posix_spawnp(&pid, command.at(0).c_str(), &actions, &attributes, pointers(command).data(),
                                     pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (failure != 0) {
    throw Error(ErrorCode::Io, kWhere, "cannot start " + command.at(0) + ": " + std::strerror(failure));
  }
  return pid;
}

}  // namespace

int run_tool(const std::vector<std::string>& command, const std::vector<std::string>& settings,
             const std::filesystem::path& log, const base::CancelToken& cancel) {
  const pid_t pid = start(command, settings, log);
  bool stopping = false;
  while (true) {
    int status = 0;
    const pid_t ended = ::waitpid(pid, &status, WNOHANG);
    if (ended == pid) {
      if (stopping) cancel.throw_if_cancelled(kWhere);
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    if (ended < 0 && errno != EINTR) throw Error(ErrorCode::Io, kWhere, "waiting for " + command.at(0) + " failed");
    if (cancel.cancelled()) {
      ::kill(-pid, stopping ? SIGKILL : SIGTERM);
      stopping = true;
      std::this_thread::sleep_for(std::chrono::milliseconds(450));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

}  // namespace gpiot::models
