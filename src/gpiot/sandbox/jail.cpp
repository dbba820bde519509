#include "gpiot/sandbox/jail.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <utility>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"
#include "gpiot/sandbox/guardian.h"

namespace gpiot::sandbox {
namespace {

constexpr auto kReapTime = std::chrono::seconds(2);

void make_nonblocking(const Descriptor& descriptor) {
  ::fcntl(descriptor.get(), F_SETFL, ::fcntl(descriptor.get(), F_GETFL) | O_NONBLOCK);
}

Descriptor open_pidfd(pid_t pid) { return Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))); }

double cpu_ms_of(const rusage& usage) {
  const auto ms = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

std::string read_some(const Descriptor& descriptor) {
  std::array<char, 4096> part{};
  const ssize_t count = ::read(descriptor.get(), part.data(), part.size());
  return count > 0 ? std::string(part.data(), static_cast<std::size_t>(count)) : std::string();
}

bool readable(int fd, int timeout_ms) {
  pollfd entry{fd, POLLIN, 0};
  return ::poll(&entry, 1, timeout_ms) > 0;
}

}  // namespace

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw base::Error(base::ErrorCode::Sandbox, "sandbox.start",
                      std::string("cannot make a pipe: ") + std::strerror(errno));
  }
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

Jail::Jail(char level, const Launch& launch, JailPipes pipes) : level_(level) {
  guardian_pid_ = start_guarded(launch, pipes.life.read.get(), pipes.errors.write.get());
  guardian_fd_ = open_pidfd(guardian_pid_);
  if (!guardian_fd_.valid()) {  // without it nobody would notice the end
    const int why = errno;
    pipes.life.write.reset();
    (void)::waitpid(guardian_pid_, nullptr, 0);
    throw base::Error(base::ErrorCode::Sandbox, "sandbox.start",
                      std::string("cannot watch a process: got ") + std::strerror(why) + ", expected a pidfd");
  }
  life_ = std::move(pipes.life.write);
  input_ = std::move(pipes.input.write);
  output_ = std::move(pipes.output.read);
  errors_ = std::move(pipes.errors.read);
  info_fd_ = std::move(pipes.info.read);
  go_fd_ = std::move(pipes.block.write);
  for (const auto* end : {&input_, &output_, &errors_, &info_fd_}) make_nonblocking(*end);
  // Our copies of the child's ends go with `pipes`, or a dead program would look alive.
}

Jail::~Jail() {
  kill_all();
  (void)reap();
}

void Jail::set_init(pid_t pid) {
  init_pid_ = pid;
  init_fd_ = open_pidfd(pid);
}

const std::string& Jail::read_info() {
  info_ += read_some(info_fd_);
  return info_;
}

bool Jail::has_ended(int timeout_ms) const { return readable(guardian_fd_.get(), timeout_ms); }

void Jail::fail(const std::string& problem, const std::string& remedy) {
  readable(errors_.get(), 50);
  const auto said = base::trim(base::printable(read_some(errors_)));
  throw base::Error(base::ErrorCode::Sandbox, "sandbox.start",
                    problem + (said.empty() ? "" : ": it said \"" + said + "\""), remedy);
}

void Jail::go() {
  const char byte = 1;
  (void)!::write(go_fd_.get(), &byte, 1);
  go_fd_.reset();
}

void Jail::kill_all() noexcept {
  if (level_ == 'A' && init_fd_.valid()) ::syscall(SYS_pidfd_send_signal, init_fd_.get(), SIGKILL, nullptr, 0);
  life_.reset();
}

JailEnd Jail::reap() {
  if (guardian_pid_ <= 0) return end_;
  // The guardian ends when the last process of the sandbox is reaped. Its time is the sum of theirs and its own.
  end_.all_gone = readable(guardian_fd_.get(), static_cast<int>(std::chrono::milliseconds(kReapTime).count()));
  if (!end_.all_gone) ::kill(guardian_pid_, SIGKILL);
  int status = 0;
  rusage usage{};
  while (::wait4(guardian_pid_, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  end_.cpu_ms = cpu_ms_of(usage);
  end_.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  guardian_pid_ = -1;
  return end_;
}

DiskUse Jail::disk_use() const {
  if (folder_) return folder_->use();
  DiskUse use;
  for (const auto& folder : mounts_) {
    struct statfs facts{};
    if (::fstatfs(folder.get(), &facts) != 0) continue;
    const auto bytes = (facts.f_blocks - facts.f_bfree) * static_cast<std::uint64_t>(facts.f_bsize);
    use.bytes += bytes;
    use.fullest_bytes = std::max(use.fullest_bytes, bytes);
    use.files = std::max<std::uint64_t>(use.files, facts.f_files - facts.f_ffree);
  }
  return use;
}

bool Jail::disk_is_memory() const {
  if (!folder_) return true;
  struct statfs facts{};
  return ::fstatfs(folder_->out().get(), &facts) == 0 && facts.f_type == TMPFS_MAGIC;
}

std::optional<std::uint64_t> Jail::unlimited_device() const {
  return folder_ ? std::optional(folder_->device()) : std::nullopt;
}

std::string Jail::out_folder() const {
  return "/proc/self/fd/" + std::to_string(folder_ ? folder_->out().get() : mounts_.at(0).get());
}

}  // namespace gpiot::sandbox
