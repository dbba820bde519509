#include "gpiot/sandbox/run_loop.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>

#include "gpiot/sandbox/process_watch.h"

namespace gpiot::sandbox {
namespace {

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); }

/// The state of one run; one method per duty.
class RunLoop {
 public:
  RunLoop(Jail& jail, Cgroup& cgroup, const core::RunRequest& request, const base::CancelToken& cancel)
      : jail_(jail), cgroup_(cgroup), request_(request), cancel_(cancel), watch_(jail.init_pid()) {}

  core::RunOutcome run() {
    start_ = Clock::now();
    jail_.go();
    if (request_.stdin_text.empty()) jail_.input().reset();
    while (!ended_) {
      wait();
      feed();
      ended_ = take_all();
      measure();
      if (!why_) enforce();
    }
    return finish();
  }

 private:
  /// Sleeps until something happens or the next sample is due.
  void wait() {
    const double period = ms_since(start_) < 200 ? 5 : 20;
    const auto left = std::clamp(period - ms_since(sampled_), 0.0, period);
    std::array<pollfd, 4> entries = {pollfd{jail_.end_fd(), POLLIN, 0}, pollfd{jail_.output().get(), POLLIN, 0},
                                     pollfd{jail_.errors().get(), POLLIN, 0}, pollfd{jail_.input().get(), POLLOUT, 0}};
    ::poll(entries.data(), entries.size(), static_cast<int>(left) + 1);
    exited_ = (entries[0].revents & POLLIN) != 0;
  }

  void feed() {
    if (!jail_.input().valid()) return;
    const auto& text = request_.stdin_text;
    const ssize_t count = ::write(jail_.input().get(), text.data() + fed_, text.size() - fed_);
    if (count > 0) fed_ += static_cast<std::size_t>(count);
    const bool closed = count < 0 && errno != EAGAIN && errno != EINTR;
    if (closed || fed_ == text.size()) jail_.input().reset();
  }

  /// Reads what is there; true when the program has ended and nothing is left to read.
  bool take_all() {
    take(jail_.output(), outcome_.stdout_text);
    take(jail_.errors(), outcome_.stderr_text);
    return exited_;
  }

  /// At most 4 MiB per turn, so that a flood cannot keep the loop from looking at the clock.
  void take(Descriptor& from, std::string& into) {
    if (!from.valid()) return;
    std::array<char, 1 << 16> part{};
    for (int turn = 0; turn < 64; ++turn) {
      const ssize_t count = ::read(from.get(), part.data(), part.size());
      if (count == 0) from.reset();
      if (count <= 0) return;
      const auto got = static_cast<std::size_t>(count);
      const auto room = request_.limits.output_bytes - std::min<std::uint64_t>(request_.limits.output_bytes, into.size());
      into.append(part.data(), std::min<std::size_t>(got, room));
      if (got > room) outcome_.output_cut = true;
    }
  }

  void measure() {
    const double period = ms_since(start_) < 200 ? 5 : 20;
    if (exited_ || (sampled_ != Clock::time_point{} && ms_since(sampled_) < period)) return;
    sampled_ = Clock::now();
    const auto group = cgroup_.memory();
    sample_ = watch_.sample(!group);
    disk_ = jail_.disk_use();
    std::uint64_t shared = sample_.shared_bytes;
    if (group) {
      sample_.anon_bytes = group->anon_bytes;
      shared = group->shared_bytes - std::min(group->shared_bytes, disk_.bytes);
    }
    outcome_.memory_method = group ? "cgroup anon" : "sampled pss";
    outcome_.peak_memory_bytes = std::max(outcome_.peak_memory_bytes, sample_.anon_bytes);
    held_bytes_ = sample_.anon_bytes + shared;
    cpu_ms_ = std::max({cpu_ms_, sample_.cpu_ms, cgroup_.cpu_ms().value_or(0)});
  }

  void enforce() {
    const auto& limits = request_.limits;
    if (cancel_.cancelled()) return stop(core::Ending::Cancelled, "");
    if (ms_since(start_) > static_cast<double>(limits.wall_ms)) return stop(core::Ending::WallLimit, "");
    if (cpu_ms_ > static_cast<double>(limits.cpu_ms)) return stop(core::Ending::CpuLimit, "");
    if (held_bytes_ > limits.memory_bytes) return stop(core::Ending::MemoryLimit, "");
    if (disk_.files > kMostFiles) return stop(core::Ending::Signalled, "more than 10000 files in one folder");
    // Where nothing in the kernel counts tasks (root without a pids group), a fork bomb ends here.
    if (sample_.tasks > 4 * limits.processes + 8) return stop(core::Ending::Signalled, "too many processes");
  }

  void stop(core::Ending why, const std::string& note) {
    why_ = why;
    note_ = note;
    jail_.kill_all();
  }

  core::RunOutcome finish() {
    outcome_.wall_ms = ms_since(start_);
    const auto end = jail_.reap();
    take(jail_.output(), outcome_.stdout_text);
    take(jail_.errors(), outcome_.stderr_text);
    outcome_.cpu_ms = std::max(cpu_ms_, end.cpu_ms);
    outcome_.exit_code = why_ ? 128 + 9 : end.status;
    outcome_.sandbox_level = "A";
    if (outcome_.memory_method.empty()) outcome_.memory_method = "sampled pss";
    if (!note_.empty()) outcome_.stderr_text += "\n[gpiot] stopped: " + note_ + "\n";
    outcome_.ending = ending();
    return std::move(outcome_);
  }

  /// bwrap gives a signalled program's status as 128 + signal; no other word of it reaches us.
  core::Ending ending() const {
    if (why_) return *why_;
    if (cgroup_.out_of_memory()) return core::Ending::MemoryLimit;
    const int code = outcome_.exit_code;
    if (code == 128 + SIGXCPU || outcome_.cpu_ms > static_cast<double>(request_.limits.cpu_ms)) return core::Ending::CpuLimit;
    return code > 128 && code <= 128 + SIGRTMAX ? core::Ending::Signalled : core::Ending::Exited;
  }

  Jail& jail_;
  Cgroup& cgroup_;
  const core::RunRequest& request_;
  const base::CancelToken& cancel_;
  ProcessWatch watch_;
  core::RunOutcome outcome_;
  std::optional<core::Ending> why_;
  std::string note_;
  TreeSample sample_;
  DiskUse disk_;
  std::uint64_t held_bytes_ = 0;
  double cpu_ms_ = 0;
  std::size_t fed_ = 0;
  Clock::time_point start_, sampled_;
  bool exited_ = false;
  bool ended_ = false;
};

}  // namespace

core::RunOutcome run_to_end(Jail& jail, Cgroup& cgroup, const core::RunRequest& request, const base::CancelToken& cancel) {
  return RunLoop(jail, cgroup, request, cancel).run();
}

}  // namespace gpiot::sandbox
