#include "gpiot/tune/step_memory.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <new>

namespace gpiot::tune {
namespace {

constexpr std::size_t kLine = 64;  ///< what LibTorch's kernels want arrays to begin at
constexpr std::size_t kPage = 4096;
constexpr std::size_t kLarge = std::size_t{1} << 18;

}  // namespace

/// Stands before the data and tells where it lies.
struct StepMemory::Head {
  StepMemory* owner;  ///< null: on the heap
  std::size_t offset;
  std::size_t bytes;
};

StepMemory::StepMemory(std::size_t bytes) : bytes_(bytes), free_(bytes) {
  void* place = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (place != MAP_FAILED) first_ = static_cast<std::byte*>(place);
}

StepMemory::~StepMemory() {
  if (first_ != nullptr) ::munmap(first_, bytes_);
}

/// The head of a place for `bytes`, itself among them.
StepMemory::Head* StepMemory::place(std::size_t bytes) {
  if (first_ != nullptr && bytes >= kLarge) {
    const std::size_t pages = (bytes + kPage - 1) / kPage * kPage;
    const std::lock_guard lock(mutex_);
    if (const auto offset = free_.take(pages)) return new (first_ + *offset) Head{this, *offset, pages};
  }
  void* place = std::aligned_alloc(kLine, (bytes + kLine - 1) / kLine * kLine);
  if (place == nullptr) throw std::bad_alloc();
  return new (place) Head{nullptr, 0, 0};
}

c10::DataPtr StepMemory::allocate(std::size_t bytes) {
  const at::Device here(at::kCPU);
  if (bytes == 0) return {nullptr, nullptr, &StepMemory::release, here};
  static_assert(sizeof(Head) <= kLine);
  void* data = reinterpret_cast<std::byte*>(place(bytes + kLine)) + kLine;
  return {data, data, &StepMemory::release, here};
}

void StepMemory::release(void* data) {
  if (data == nullptr) return;
  auto* head = reinterpret_cast<Head*>(static_cast<std::byte*>(data) - kLine);
  StepMemory* owner = head->owner;
  if (owner == nullptr) {
    std::free(head);
    return;
  }
  const std::lock_guard lock(owner->mutex_);
  owner->free_.give(head->offset, head->bytes);
}

c10::DeleterFnPtr StepMemory::raw_deleter() const { return &StepMemory::release; }

void StepMemory::copy_data(void* to, const void* from, std::size_t bytes) const { std::memcpy(to, from, bytes); }

std::size_t StepMemory::top_bytes() {
  const std::lock_guard lock(mutex_);
  return free_.top();
}

}  // namespace gpiot::tune
