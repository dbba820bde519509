#include "gpiot/sandbox/cgroup.h"

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

#include "gpiot/base/strings.h"

namespace gpiot::sandbox {
namespace {

namespace fs = std::filesystem;

std::string read_small(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool write_small(const fs::path& path, const std::string& value) {
  std::ofstream file(path);
  file << value;
  file.close();
  return !file.fail();
}

bool has_word(std::string_view words, std::string_view word) {
  for (const auto& one : base::split(words, ' ')) {
    if (base::trim(one) == word) return true;
  }
  return false;
}

/// The value behind `key ` in a file of "key value" lines.
std::optional<std::uint64_t> value_of(const std::string& text, const std::string& key) {
  for (const auto& line : base::split_lines(text)) {
    if (line.starts_with(key + " ")) return std::stoull(line.substr(key.size() + 1));
  }
  return std::nullopt;
}

/// systemd marks what others may manage; for a user it is said by ownership.
bool is_delegated(const fs::path& folder, const std::string& own) {
  if (::geteuid() != 0) return ::access(folder.c_str(), W_OK) == 0;
  if (own == "/") return true;
  std::array<char, 8> value{};
  return ::getxattr(folder.c_str(), "trusted.delegate", value.data(), value.size()) > 0 ||
         ::getxattr(folder.c_str(), "user.delegate", value.data(), value.size()) > 0;
}

std::string group_name() {
  static std::atomic<unsigned> count{0};
  return "gpiot-" + std::to_string(::getpid()) + "-" + std::to_string(count++);
}

/// Groups of gpiot processes that were killed before they could tidy up.
void sweep(const fs::path& parent) {
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(parent, failure)) {
    const auto name = entry.path().filename().string();
    if (!name.starts_with("gpiot-")) continue;
    const auto pid = base::split(name, '-').at(1);
    if (!fs::exists("/proc/" + pid, failure)) ::rmdir(entry.path().c_str());
  }
}

}  // namespace

Cgroup::Cgroup(const core::ResourceLimits& limits) {
  const fs::path root = "/sys/fs/cgroup";
  for (const auto& line : base::split_lines(read_small("/proc/self/cgroup"))) {
    const auto parts = base::split(line, ':');
    if (parts.size() < 3) continue;
    const auto& names = parts[1];
    const auto& own = parts[2];
    if (names.empty()) {
      // A group with processes cannot hand controllers down (cgroup v2), its parent may have done so.
      const auto folder = (root / own.substr(1)).lexically_normal();
      for (const auto& parent : {folder, folder.parent_path()}) {
        const auto controllers = read_small(parent / "cgroup.subtree_control");
        if (!groups_.empty() || !has_word(controllers, "memory") || !is_delegated(parent, own)) continue;
        make(parent, base::trim(controllers), true);
      }
    } else if (own == "/" && (names == "memory" || names == "pids" || names == "cpuacct" || names == "cpu,cpuacct")) {
      if (is_delegated(root / names, own)) make(root / names, base::replace_all(names, ",", " "), false);
    }
  }
  set_limits(limits);
}

void Cgroup::make(const fs::path& parent, const std::string& controllers, bool v2) {
  sweep(parent);
  const auto folder = parent / group_name();
  if (::mkdir(folder.c_str(), 0755) != 0) return;
  groups_.push_back({folder, controllers, v2});
}

void Cgroup::set_limits(const core::ResourceLimits& limits) const {
  // The kernel also charges page cache and the three tmpfs folders; the exact limit is the sampler's.
  const auto ceiling = std::to_string(limits.memory_bytes + 3 * limits.disk_bytes + (64ULL << 20));
  if (const auto* group = with("memory")) {
    if (group->v2) {
      write_small(group->folder / "memory.max", ceiling);
      write_small(group->folder / "memory.swap.max", "0");
      write_small(group->folder / "memory.oom.group", "1");
    } else {
      write_small(group->folder / "memory.limit_in_bytes", ceiling);
      write_small(group->folder / "memory.memsw.limit_in_bytes", ceiling);
    }
  }
  if (const auto* group = with("pids")) write_small(group->folder / "pids.max", std::to_string(limits.processes + 2));
}

Cgroup::~Cgroup() {
  for (const auto& group : groups_) {
    for (int attempt = 0; attempt < 50 && ::rmdir(group.folder.c_str()) != 0 && errno == EBUSY; ++attempt) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
}

const Cgroup::Group* Cgroup::with(std::string_view controller) const {
  for (const auto& group : groups_) {
    if (has_word(group.controllers, controller)) return &group;
  }
  return nullptr;
}

void Cgroup::enter(pid_t pid) {
  std::erase_if(groups_, [&](const Group& group) {
    if (write_small(group.folder / "cgroup.procs", std::to_string(pid))) return false;
    ::rmdir(group.folder.c_str());
    return true;
  });
}

std::optional<CgroupMemory> Cgroup::memory() const {
  const auto* group = with("memory");
  if (group == nullptr) return std::nullopt;
  const auto text = read_small(group->folder / "memory.stat");
  const auto anon = value_of(text, group->v2 ? "anon" : "total_rss");
  if (!anon) return std::nullopt;
  return CgroupMemory{*anon, value_of(text, group->v2 ? "shmem" : "total_shmem").value_or(0)};
}

std::optional<std::vector<pid_t>> Cgroup::processes() const {
  if (groups_.empty()) return std::nullopt;
  std::vector<pid_t> found;
  for (const auto& line : base::split_lines(read_small(groups_.front().folder / "cgroup.procs"))) {
    if (const int pid = std::atoi(line.c_str()); pid > 0) found.push_back(pid);
  }
  return found;
}

std::optional<double> Cgroup::cpu_ms() const {
  if (const auto* group = with("cpuacct")) {
    const auto text = read_small(group->folder / "cpuacct.usage");
    if (!text.empty()) return static_cast<double>(std::stoull(text)) / 1e6;
  }
  for (const auto& group : groups_) {
    if (!group.v2) continue;
    if (const auto value = value_of(read_small(group.folder / "cpu.stat"), "usage_usec"))
      return static_cast<double>(*value) / 1e3;
  }
  return std::nullopt;
}

bool Cgroup::out_of_memory() const {
  const auto* group = with("memory");
  if (group == nullptr) return false;
  const auto text = read_small(group->folder / (group->v2 ? "memory.events" : "memory.oom_control"));
  return value_of(text, "oom_kill").value_or(0) > 0;
}

std::string Cgroup::describe() const {
  std::string text;
  for (const auto& group : groups_) {
    text += (text.empty() ? (group.v2 ? "v2: " : "v1: ") : std::string(" ")) + group.controllers;
  }
  return text.empty() ? "none" : text;
}

}  // namespace gpiot::sandbox
