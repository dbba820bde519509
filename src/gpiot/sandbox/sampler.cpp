#include "gpiot/sandbox/sampler.h"

#include <algorithm>
#include <chrono>

namespace gpiot::sandbox {

Sampler::Sampler(const Jail& jail, const Cgroup& cgroup)
    : jail_(jail), cgroup_(cgroup), watch_(jail.init_pid()), thread_([this] { loop(); }) {}

Sampler::~Sampler() { finish(); }

void Sampler::finish() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Measured Sampler::latest() const {
  const std::lock_guard lock(mutex_);
  return measured_;
}

void Sampler::loop() {
  for (int turn = 0;; ++turn) {
    measure();
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, std::chrono::milliseconds(turn < 40 ? 5 : 20), [this] { return stop_; })) return;
  }
}

void Sampler::measure() {
  const auto group = cgroup_.memory();
  const auto tree = watch_.sample(cgroup_.processes(), !group);
  const auto disk = jail_.disk_use();
  const auto cpu_ms = std::max(tree.cpu_ms, cgroup_.cpu_ms().value_or(0));
  // The group's shared memory holds the tmpfs folders too, which have their own limit.
  const auto anon = group ? group->anon_bytes : tree.anon_bytes;
  const auto shared = group ? group->shared_bytes - std::min(group->shared_bytes, disk.bytes) : tree.shared_bytes;

  const std::lock_guard lock(mutex_);
  measured_.tasks = tree.tasks;
  measured_.held_bytes = anon + shared;
  measured_.peak_bytes = std::max(measured_.peak_bytes, anon);
  measured_.cpu_ms = std::max(measured_.cpu_ms, cpu_ms);
  measured_.files = disk.files;
  measured_.method = group ? "cgroup anon" : "sampled pss";
}

}  // namespace gpiot::sandbox
