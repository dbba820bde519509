#include "gpiot/sandbox/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"
#include "gpiot/sandbox/folder_entries.h"

namespace gpiot::sandbox {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "gpiot-run-";
constexpr int kDeepest = 64;
/// Where the count of files ends: well beyond what the run loop allows.
constexpr std::uint64_t kMostCounted = 20'000;

[[noreturn]] void fail(const std::string& what) {
  throw base::Error(base::ErrorCode::Sandbox, "sandbox.folder", what + ": got " + std::strerror(errno),
                    "set TMPDIR to a folder that can be written");
}

/// A killed gpiot's folders: whoever lives holds a lock on its own.
void sweep(const fs::path& parent) {
  const Descriptor folder(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) return;
  for (const auto& name : entries_of(folder.get(), kMostCounted)) {
    if (!name.starts_with(kPrefix)) continue;
    const Descriptor one(::openat(folder.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat facts{};
    if (!one.valid() || ::fstat(one.get(), &facts) != 0 || facts.st_uid != ::geteuid()) continue;
    if (::flock(one.get(), LOCK_EX | LOCK_NB) == 0) remove_untrusted(folder.get(), name.c_str());
  }
}

void count(int parent, const std::string& name, int depth, DiskUse& use) {
  struct stat facts{};
  if (::fstatat(parent, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) return;
  ++use.files;
  use.bytes += static_cast<std::uint64_t>(facts.st_blocks) * 512;
  if (!S_ISDIR(facts.st_mode)) return;
  use.hides = use.hides || depth >= kDeepest || (facts.st_mode & 0700) == 0300;
  const Descriptor folder(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder.valid() || depth >= kDeepest || use.files > kMostCounted) return;
  for (const auto& entry : entries_of(folder.get(), kMostCounted)) count(folder.get(), entry, depth + 1, use);
}

}  // namespace

RunFolder::RunFolder(const std::vector<core::ReadOnlyMount>& mounts, unsigned owner) {
  const auto parent = fs::canonical(fs::temp_directory_path());
  sweep(parent);
  // Between making and locking it, another gpiot's sweep may take it for an orphan's.
  for (int attempt = 0; attempt < 8 && !lock_.valid(); ++attempt) {
    auto pattern = (parent / (std::string(kPrefix) + "XXXXXX")).string();
    if (::mkdtemp(pattern.data()) == nullptr) fail("cannot make a folder in " + parent.string());
    path_ = pattern;
    lock_.reset(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat made{};
    const bool ours = lock_.valid() && ::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0 &&
                      ::fstat(lock_.get(), &made) == 0 && made.st_nlink > 0;
    if (!ours) lock_.reset();
  }
  if (!lock_.valid()) fail("cannot lock a folder in " + parent.string());
  for (const auto* name : {"app", "data", "out", "tmp"}) {
    if (::mkdirat(lock_.get(), name, 0700) != 0) fail("cannot make a folder in " + path_.string());
  }
  const auto open_folder = [&](const char* name) {
    Descriptor folder(::openat(lock_.get(), name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.valid() || ::fchown(folder.get(), owner, owner) != 0) fail("cannot open " + path_.string());
    return folder;
  };
  const bool same = owner == ::geteuid();
  out_ = same ? Descriptor(::openat(lock_.get(), "out", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) : open_folder("out");
  tmp_ = same ? Descriptor(::openat(lock_.get(), "tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) : open_folder("tmp");
  struct stat facts{};
  if (!out_.valid() || !tmp_.valid() || ::fstat(out_.get(), &facts) != 0) fail("cannot open " + path_.string());
  device_ = facts.st_dev;
  link_mounts(mounts);
}

/// "/app" itself becomes a link; where it holds several mounts, a folder of links.
void RunFolder::link_mounts(const std::vector<core::ReadOnlyMount>& mounts) const {
  for (const auto& mount : mounts) {
    const auto place = path_ / fs::path(mount.inside).relative_path();
    std::error_code failure;
    if (place.parent_path() == path_) {
      fs::remove(place, failure);
    } else {
      fs::create_directories(place.parent_path(), failure);
    }
    if (::symlink(mount.host.c_str(), place.c_str()) != 0) fail("cannot show " + mount.inside);
  }
}

RunFolder::~RunFolder() {
  if (path_.empty()) return;
  const Descriptor parent(::open(path_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.valid()) remove_untrusted(parent.get(), path_.filename().c_str());
}

std::string RunFolder::real(const std::string& inside) const {
  for (const auto* name : {"/app", "/data", "/out", "/tmp"}) {
    if (inside == name || inside.starts_with(std::string(name) + "/")) return path_.string() + inside;
  }
  return inside;
}

DiskUse RunFolder::use() const {
  DiskUse all;
  for (const auto* folder : {&out_, &tmp_}) {
    DiskUse use;
    for (const auto& entry : entries_of(folder->get(), kMostCounted)) count(folder->get(), entry, 1, use);
    all.bytes += use.bytes;
    all.fullest_bytes = std::max(all.fullest_bytes, use.bytes);
    all.files = std::max(all.files, use.files);
    all.hides = all.hides || use.hides;
  }
  return all;
}

/// Folders are emptied by moving their folders up beside them: no path gets longer, and no depth needs descriptors.
void remove_untrusted(int parent, const char* name) {
  if (::unlinkat(parent, name, AT_REMOVEDIR) == 0) return;
  if (errno == ENOTDIR) {
    (void)::unlinkat(parent, name, 0);
    return;
  }
  const auto open_folder = [](int at, const char* folder) {
    constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int fd = ::openat(at, folder, kFlags);
    if (fd < 0 && errno == EACCES && ::fchmodat(at, folder, 0700, 0) == 0) fd = ::openat(at, folder, kFlags);
    return Descriptor(fd);
  };
  const Descriptor top = open_folder(parent, name);
  if (!top.valid()) return;
  (void)::fchmod(top.get(), 0700);
  std::uint64_t moved = 0;
  for (bool again = true; again;) {
    again = false;
    for (const auto& entry : entries_of(top.get(), kMostCounted)) {
      const bool removed = ::unlinkat(top.get(), entry.c_str(), 0) == 0;
      again = again || removed;
      if (removed) continue;
      const Descriptor below = open_folder(top.get(), entry.c_str());
      if (!below.valid()) continue;
      (void)::fchmod(below.get(), 0700);
      for (const auto& inner : entries_of(below.get(), kMostCounted)) {
        if (::unlinkat(below.get(), inner.c_str(), 0) == 0) continue;
        (void)::fchmodat(below.get(), inner.c_str(), 0700, 0);
        const auto free_name = ".moved-" + std::to_string(moved++);
        again = ::renameat(below.get(), inner.c_str(), top.get(), free_name.c_str()) == 0 || again;
      }
      again = ::unlinkat(top.get(), entry.c_str(), AT_REMOVEDIR) == 0 || again;
    }
  }
  (void)::unlinkat(parent, name, AT_REMOVEDIR);
}

}  // namespace gpiot::sandbox
