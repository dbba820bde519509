#include "gpiot/sandbox/root_stage.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "gpiot/base/error.h"
#include "gpiot/sandbox/bwrap_arguments.h"
#include "gpiot/sandbox/child_steps.h"
#include "gpiot/sandbox/owner_map.h"

namespace gpiot::sandbox {
namespace {

namespace fs = std::filesystem;

/// Covered in a mount namespace of the child only; bwrap needs nothing beneath it.
constexpr const char* kStage = "/tmp";

const Descriptor& owner_map() {
  static const Descriptor map = make_owner_map();
  return map;
}

/// One step of the child between vfork and exec: raw calls only, since it borrows its parent's memory.
void become_nobody() {
  if (::syscall(SYS_setgroups, 0, nullptr) != 0) child::fail("setgroups");
  if (::syscall(SYS_setresgid, kInsideUser, kInsideUser, kInsideUser) != 0) child::fail("setresgid");
  if (::syscall(SYS_setresuid, kInsideUser, kInsideUser, kInsideUser) != 0) child::fail("setresuid");
}

}  // namespace

RootStage::RootStage(const std::vector<fs::path>& sources, const std::vector<fs::path>& writable)
    : active_(::geteuid() == 0) {
  if (!active_) return;
  for (const auto& source : sources) add(source, false);
  for (const auto& source : writable) add(source, true);
}

void RootStage::add(const fs::path& host, bool writable) {
  Tree tree{.host = host,
            .staged = std::string(kStage) + "/" + std::to_string(trees_.size()),
            .is_folder = fs::is_directory(host),
            .mount = {}};
  tree.mount.reset(
      static_cast<int>(::syscall(SYS_open_tree, AT_FDCWD, host.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)));
  if (!tree.mount.valid()) {
    throw base::Error(base::ErrorCode::Sandbox, "sandbox.stage",
                      "cannot show " + host.string() + ": got " + std::strerror(errno) + ", expected a mount",
                      "run gpiot as an ordinary user");
  }
  const auto change = [&](std::uint64_t set, int space) {
    mount_attr attributes{};
    attributes.attr_set = set;
    attributes.userns_fd = static_cast<std::uint64_t>(space);
    return ::syscall(SYS_mount_setattr, tree.mount.get(), "", AT_EMPTY_PATH, &attributes, sizeof(attributes)) == 0;
  };
  if (owner_map().valid()) (void)change(MOUNT_ATTR_IDMAP, owner_map().get());
  if (!writable) (void)change(MOUNT_ATTR_RDONLY, 0);
  trees_.push_back(std::move(tree));
}

std::string RootStage::path_of(const fs::path& host) const {
  for (const auto& tree : trees_) {
    if (tree.host == host) return tree.staged;
  }
  return host.string();
}

pid_t RootStage::spawn(char* const* argv, const std::vector<int>& inherited) const {
  char* environment[] = {nullptr};
  // NOLINTNEXTLINE(bugprone-unsafe-functions): posix_spawn can do none of the steps below; they need no memory
  const pid_t child = ::vfork();
  if (child != 0) return child;
  child::reset_signals();
  ::setsid();
  for (std::size_t number = 0; number < inherited.size(); ++number) {
    if (::dup2(inherited[number], static_cast<int>(number)) < 0) child::fail("dup2");
  }
  if (::unshare(CLONE_NEWNS) != 0) child::fail("unshare");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) child::fail("private mounts");
  if (::mount("gpiot", kStage, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=64k") != 0) child::fail("stage");
  for (const auto& tree : trees_) {
    const int made =
        tree.is_folder ? ::mkdir(tree.staged.c_str(), 0755) : ::mknod(tree.staged.c_str(), S_IFREG | 0644, 0);
    if (made != 0) child::fail("stage entry");
    if (::syscall(SYS_move_mount, tree.mount.get(), "", AT_FDCWD, tree.staged.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0)
      child::fail("move_mount");
  }
  become_nobody();
  if (::close_range(static_cast<unsigned>(inherited.size()), ~0U, 0) != 0) child::fail("close_range");
  ::execve(argv[0], argv, environment);
  child::fail("execve");
}

}  // namespace gpiot::sandbox
