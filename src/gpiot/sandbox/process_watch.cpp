#include "gpiot/sandbox/process_watch.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <string>

#include "gpiot/sandbox/descriptor.h"
#include "gpiot/sandbox/folder_entries.h"

namespace gpiot::sandbox {
namespace {

struct Facts {
  pid_t parent = 0;
  int threads = 0;
  double cpu_ms = 0;
  std::uint64_t resident_bytes = 0;
};

std::string read_proc(pid_t pid, const char* name) {
  const auto path = "/proc/" + std::to_string(pid) + "/" + name;
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 4096> part{};
  const ssize_t count = file.valid() ? ::read(file.get(), part.data(), part.size()) : -1;
  return count > 0 ? std::string(part.data(), static_cast<std::size_t>(count)) : std::string();
}

/// Fields of /proc/PID/stat after the name, which is untrusted text and ends at the last ')'. Source: proc(5).
bool read_facts(pid_t pid, Facts& facts) {
  const auto text = read_proc(pid, "stat");
  const auto end = text.rfind(')');
  if (end == std::string::npos) return false;
  static const double ms_per_tick = 1000.0 / static_cast<double>(::sysconf(_SC_CLK_TCK));
  unsigned long times[4] = {};
  int parent = 0;
  int threads = 0;
  long resident = 0;
  const int got = std::sscanf(text.c_str() + end + 1,
                              " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %lu %lu %*d %*d %d %*d %*u %*u %ld",
                              &parent, &times[0], &times[1], &times[2], &times[3], &threads, &resident);
  if (got != 7) return false;
  static const auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  facts = {parent, threads, static_cast<double>(times[0] + times[1] + times[2] + times[3]) * ms_per_tick,
           static_cast<std::uint64_t>(std::max(resident, 0L)) * page_bytes};
  return true;
}

std::map<pid_t, Facts> all_processes() {
  std::map<pid_t, Facts> found;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), &::closedir);
  if (!folder) return found;
  while (const dirent* entry = ::readdir(folder.get())) {
    const auto pid = static_cast<pid_t>(std::atoi(entry->d_name));
    Facts facts;
    if (pid > 0 && read_facts(pid, facts)) found.emplace(pid, facts);
  }
  return found;
}

/// A parent has the smaller pid except after a wrap-around, so walk up instead of relying on order.
bool descends(const std::map<pid_t, Facts>& all, pid_t pid, pid_t root) {
  for (std::size_t steps = 0; steps <= all.size(); ++steps) {
    if (pid == root) return true;
    const auto at = all.find(pid);
    if (at == all.end() || at->second.parent <= 1) return false;
    pid = at->second.parent;
  }
  return false;
}

std::uint64_t kilobytes(const std::string& text, const char* key) {
  const auto at = text.find(key);
  return at == std::string::npos ? 0 : std::strtoull(text.c_str() + at + std::strlen(key), nullptr, 10);
}

/// Anonymous and shared memory. Where the map may not be read, the resident size, which anyone may.
void add_memory(pid_t pid, TreeSample& sample) {
  const auto rollup = read_proc(pid, "smaps_rollup");
  if (!rollup.empty()) {
    sample.anon_bytes += kilobytes(rollup, "\nPss_Anon:") * 1024;
    sample.shared_bytes += kilobytes(rollup, "\nPss_Shmem:") * 1024;
    return;
  }
  unsigned long long resident = 0;
  unsigned long long shared = 0;
  if (std::sscanf(read_proc(pid, "statm").c_str(), "%*u %llu %llu", &resident, &shared) == 2 && resident > shared) {
    sample.anon_bytes += (resident - shared) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  }
}

using Sizes = std::map<std::uint64_t, std::uint64_t>;  // by inode, so that none is counted twice

/// Files that were removed and are still open, or mapped: they take room that no folder shows.
void add_nameless(pid_t pid, std::uint64_t device, Sizes& sizes) {
  const auto place = "/proc/" + std::to_string(pid);
  const Descriptor folder(::open((place + "/fd").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (const auto& name : folder.valid() ? entries_of(folder.get(), 4096) : std::vector<std::string>()) {
    struct stat facts{};
    if (::fstatat(folder.get(), name.c_str(), &facts, 0) != 0 || !S_ISREG(facts.st_mode)) continue;
    if (facts.st_dev != device || facts.st_nlink != 0) continue;
    sizes[facts.st_ino] = std::max(sizes[facts.st_ino], static_cast<std::uint64_t>(facts.st_blocks) * 512);
  }
  std::ifstream maps(place + "/maps");
  for (std::string line; std::getline(maps, line);) {
    unsigned long long first = 0;
    unsigned long long last = 0;
    unsigned long long inode = 0;
    unsigned major_number = 0;
    unsigned minor_number = 0;
    if (!line.ends_with("(deleted)")) continue;
    if (std::sscanf(line.c_str(), "%llx-%llx %*s %*x %x:%x %llu", &first, &last, &major_number, &minor_number,
                    &inode) != 5) {
      continue;
    }
    if (makedev(major_number, minor_number) == device)
      sizes[inode] = std::max<std::uint64_t>(sizes[inode], last - first);
  }
}

/// "/autogroup-12 nice 0" -> "/autogroup-12"; empty where sessions are not scheduled as groups.
std::string session_group(const std::string& line) { return line.substr(0, line.find(' ')); }

/// A session of its own has a full share of the machine, whatever the priority of its processes (sched(7), autogroup):
/// it gets ours. Not the group that we are in ourselves.
void lend_niceness(pid_t pid, int niceness, const std::string& own_group) {
  const auto line = read_proc(pid, "autogroup");
  const auto words = " nice " + std::to_string(niceness);
  if (line.empty() || session_group(line) == own_group || line.find(words) != std::string::npos) return;
  const auto path = "/proc/" + std::to_string(pid) + "/autogroup";
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  const auto text = std::to_string(niceness);
  if (file.valid()) (void)!::write(file.get(), text.data(), text.size());
}

}  // namespace

ProcessWatch::ProcessWatch(pid_t root, bool with_root)
    : root_(root),
      with_root_(with_root),
      niceness_(::getpriority(PRIO_PROCESS, 0)),
      own_group_(session_group(read_proc(::getpid(), "autogroup"))) {}

int tasks_of_user(unsigned user) {
  int tasks = 0;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), &::closedir);
  while (const dirent* entry = folder ? ::readdir(folder.get()) : nullptr) {
    const auto pid = static_cast<pid_t>(std::atoi(entry->d_name));
    struct stat owner{};
    Facts facts;
    if (pid <= 0 || ::stat(("/proc/" + std::to_string(pid)).c_str(), &owner) != 0 || owner.st_uid != user) continue;
    if (read_facts(pid, facts)) tasks += facts.threads;
  }
  return tasks;
}

TreeSample ProcessWatch::sample(const Look& look) const {
  std::map<pid_t, Facts> tree;
  if (look.known) {
    for (const pid_t pid : *look.known) {
      Facts facts;
      if (read_facts(pid, facts)) tree.emplace(pid, facts);
    }
  } else {
    const auto all = all_processes();
    for (const auto& [pid, facts] : all) {
      if ((pid != root_ || with_root_) && descends(all, pid, root_)) tree.emplace(pid, facts);
    }
  }
  TreeSample sample;
  Sizes nameless;
  for (const auto& [pid, facts] : tree) {
    sample.tasks += facts.threads;
    sample.cpu_ms += facts.cpu_ms;
    if (niceness_ > 0) lend_niceness(pid, niceness_, own_group_);
    sample.resident_bytes += facts.resident_bytes;
    if (look.nameless) add_nameless(pid, *look.nameless, nameless);
  }
  for (const auto& [inode, bytes] : nameless) sample.nameless_bytes += bytes;
  sample.maps_read = look.maps_above_bytes && sample.resident_bytes > *look.maps_above_bytes;
  if (!sample.maps_read) return sample;
  for (const auto& [pid, facts] : tree) add_memory(pid, sample);
  return sample;
}

}  // namespace gpiot::sandbox
