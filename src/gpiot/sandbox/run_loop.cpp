#include "gpiot/sandbox/run_loop.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>

#include "gpiot/sandbox/sampler.h"

namespace gpiot::sandbox {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTickMs = 10;
constexpr double kMostAfterStopMs = 2000;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// The state of one run; one method per duty.
class RunLoop {
 public:
  RunLoop(Jail& jail, Cgroup& cgroup, const core::RunRequest& request, const base::CancelToken& cancel)
      : jail_(jail), cgroup_(cgroup), request_(request), cancel_(cancel) {}

  core::RunOutcome run() {
    sampler_.emplace(jail_, cgroup_);
    start_ = Clock::now();
    jail_.go();
    if (request_.stdin_text.empty()) jail_.input().reset();
    while (!ended_) {
      wait();
      feed();
      ended_ = take_all();
      if (!why_ && !ended_) enforce();
      // A task that hangs in the kernel does not end when it is killed; gpiot goes on without it.
      if (why_ && ms_since(stopped_) > kMostAfterStopMs) break;
    }
    return finish();
  }

 private:
  /// Sleeps until something happens or the next look at the limits is due.
  void wait() {
    std::array<pollfd, 4> entries = {pollfd{jail_.end_fd(), POLLIN, 0}, pollfd{jail_.output().get(), POLLIN, 0},
                                     pollfd{jail_.errors().get(), POLLIN, 0}, pollfd{jail_.input().get(), POLLOUT, 0}};
    ::poll(entries.data(), entries.size(), kTickMs);
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
      const auto room =
          request_.limits.output_bytes - std::min<std::uint64_t>(request_.limits.output_bytes, into.size());
      into.append(part.data(), std::min<std::size_t>(got, room));
      if (got > room) outcome_.output_cut = true;
    }
  }

  void enforce() {
    const auto& limits = request_.limits;
    const auto now = sampler_->latest();
    if (cancel_.cancelled()) return stop(core::Ending::Cancelled, "");
    if (ms_since(start_) > static_cast<double>(limits.wall_ms)) return stop(core::Ending::WallLimit, "");
    if (now.cpu_ms > static_cast<double>(limits.cpu_ms)) return stop(core::Ending::CpuLimit, "");
    if (now.held_bytes > limits.memory_bytes) return stop(core::Ending::MemoryLimit, "");
    if (now.disk.files > kMostFiles) return stop(core::Ending::Signalled, "more than 10000 files in one folder");
    if (now.disk.hides) return stop(core::Ending::Signalled, "folders that cannot be looked into");
    // Level A's mounts refuse the byte too much; level B can only look.
    if (jail_.unlimited_device() && now.disk.fullest_bytes > limits.disk_bytes) {
      return stop(core::Ending::Signalled, "No space left: more than " + std::to_string(limits.disk_bytes) + " bytes");
    }
    // Where nothing in the kernel counts tasks (root without a pids group), a fork bomb ends here.
    if (now.tasks > 4 * limits.processes + 8) return stop(core::Ending::Signalled, "too many processes");
  }

  void stop(core::Ending why, const std::string& note) {
    why_ = why;
    note_ = note;
    stopped_ = Clock::now();
    jail_.kill_all();
  }

  core::RunOutcome finish() {
    outcome_.wall_ms = ms_since(start_);
    const auto end = jail_.reap();
    sampler_->finish();
    take(jail_.output(), outcome_.stdout_text);
    take(jail_.errors(), outcome_.stderr_text);
    const auto measured = sampler_->latest();
    outcome_.memory_method = measured.method;
    outcome_.peak_memory_bytes = measured.peak_bytes;
    outcome_.cpu_ms = std::max({measured.cpu_ms, end.cpu_ms, cgroup_.cpu_ms().value_or(0)});
    outcome_.exit_code = why_ ? 128 + 9 : end.status;
    outcome_.sandbox_level = jail_.level();
    if (!note_.empty()) outcome_.stderr_text += "\n[gpiot] stopped: " + note_ + "\n";
    outcome_.ending = ending();
    return std::move(outcome_);
  }

  /// bwrap, and our guardian, give a signalled program's status as 128 + signal; no other word of it reaches us.
  core::Ending ending() const {
    if (why_) return *why_;
    if (cgroup_.out_of_memory()) return core::Ending::MemoryLimit;
    const int code = outcome_.exit_code;
    if (code == 128 + SIGXCPU || outcome_.cpu_ms > static_cast<double>(request_.limits.cpu_ms))
      return core::Ending::CpuLimit;
    return code > 128 && code <= 128 + SIGRTMAX ? core::Ending::Signalled : core::Ending::Exited;
  }

  Jail& jail_;
  Cgroup& cgroup_;
  const core::RunRequest& request_;
  const base::CancelToken& cancel_;
  core::RunOutcome outcome_;
  std::optional<core::Ending> why_;
  std::string note_;
  std::size_t fed_ = 0;
  Clock::time_point start_;
  Clock::time_point stopped_;
  std::optional<Sampler> sampler_;
  bool exited_ = false;
  bool ended_ = false;
};

}  // namespace

core::RunOutcome run_to_end(Jail& jail, Cgroup& cgroup, const core::RunRequest& request,
                            const base::CancelToken& cancel) {
  return RunLoop(jail, cgroup, request, cancel).run();
}

}  // namespace gpiot::sandbox
