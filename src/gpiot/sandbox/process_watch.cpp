#include "gpiot/sandbox/process_watch.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>

#include "gpiot/sandbox/descriptor.h"

namespace gpiot::sandbox {
namespace {

struct Facts {
  pid_t parent = 0;
  int threads = 0;
  double cpu_ms = 0;
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
  const int got =
      std::sscanf(text.c_str() + end + 1, " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %lu %lu %*d %*d %d",
                  &parent, &times[0], &times[1], &times[2], &times[3], &threads);
  if (got != 6) return false;
  facts = {parent, threads, static_cast<double>(times[0] + times[1] + times[2] + times[3]) * ms_per_tick};
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

}  // namespace

TreeSample ProcessWatch::sample(const std::optional<std::vector<pid_t>>& known, bool with_memory) const {
  std::map<pid_t, Facts> tree;
  if (known) {
    for (const pid_t pid : *known) {
      Facts facts;
      if (read_facts(pid, facts)) tree.emplace(pid, facts);
    }
  } else {
    const auto all = all_processes();
    for (const auto& [pid, facts] : all) {
      if (descends(all, pid, root_)) tree.emplace(pid, facts);
    }
  }
  TreeSample sample;
  for (const auto& [pid, facts] : tree) {
    sample.tasks += facts.threads;
    sample.cpu_ms += facts.cpu_ms;
    if (!with_memory) continue;
    const auto rollup = read_proc(pid, "smaps_rollup");
    sample.anon_bytes += kilobytes(rollup, "\nPss_Anon:") * 1024;
    sample.shared_bytes += kilobytes(rollup, "\nPss_Shmem:") * 1024;
  }
  return sample;
}

}  // namespace gpiot::sandbox
