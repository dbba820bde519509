#include "gpiot/sandbox/sampler.h"

#include <algorithm>
#include <chrono>

namespace gpiot::sandbox {

Sampler::Sampler(const Jail& jail, const Cgroup& cgroup)
    : jail_(jail), cgroup_(cgroup), watch_(jail.root_pid(), jail.root_is_inside()), thread_([this] { loop(); }) {}

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

bool Sampler::look_at_disk() {
  if (!jail_.unlimited_device()) return true;
  return std::chrono::steady_clock::now() >= next_disk_look_;
}

std::uint64_t Sampler::worth_reading_maps(std::chrono::steady_clock::time_point now) const {
  return now >= next_maps_look_ ? 0 : highest_resident_bytes_ + highest_resident_bytes_ / 64;
}

void Sampler::measure() {
  constexpr auto kLeastPause = std::chrono::milliseconds(50);
  // Children that write to what they share with their parent take memory, and no more is resident.
  constexpr auto kMostPause = std::chrono::milliseconds(200);
  const auto start = std::chrono::steady_clock::now();
  const bool disk_too = look_at_disk();
  const auto group = cgroup_.memory();
  const auto tree = watch_.sample({.known = cgroup_.processes(),
                                   .maps_above_bytes = group ? std::nullopt : std::optional(worth_reading_maps(start)),
                                   .nameless = disk_too ? jail_.unlimited_device() : std::nullopt});
  if (tree.maps_read) {
    maps_ = tree;
    highest_resident_bytes_ = std::max(highest_resident_bytes_, tree.resident_bytes);
    const auto now = std::chrono::steady_clock::now();
    next_maps_look_ = now + std::min<std::chrono::steady_clock::duration>(4 * (now - start), kMostPause);
  }
  if (disk_too) {
    disk_ = jail_.disk_use();
    disk_.bytes += tree.nameless_bytes;
    disk_.fullest_bytes += tree.nameless_bytes;
    const auto now = std::chrono::steady_clock::now();
    next_disk_look_ = now + std::max<std::chrono::steady_clock::duration>(kLeastPause, 4 * (now - start));
  }
  const auto cpu_ms = std::max(tree.cpu_ms, cgroup_.cpu_ms().value_or(0));
  // The group's shared memory holds the tmpfs folders too, which have their own limit.
  const auto in_folders = jail_.disk_is_memory() ? disk_.bytes : 0;
  const auto anon = group ? group->anon_bytes : maps_.anon_bytes;
  const auto shared = group ? group->shared_bytes - std::min(group->shared_bytes, in_folders) : maps_.shared_bytes;

  const std::lock_guard lock(mutex_);
  measured_.tasks = tree.tasks;
  measured_.held_bytes = anon + shared;
  measured_.peak_bytes = std::max(measured_.peak_bytes, anon);
  measured_.cpu_ms = std::max(measured_.cpu_ms, cpu_ms);
  measured_.disk = disk_;
  measured_.method = group ? "cgroup anon" : "sampled pss";
}

}  // namespace gpiot::sandbox
