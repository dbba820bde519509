#include "gathering_generator.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "gpiot/base/error.h"

namespace gpiot::bench {
namespace {

constexpr std::chrono::milliseconds kCancelPoll{200};  // a signal handler cannot notify a condition

}  // namespace

Gathering::Gathering(core::TextGenerator& inner, core::GenerationListener listener, const base::CancelToken& cancel)
    : inner_(inner), listener_(std::move(listener)), cancel_(cancel) {}

int Gathering::calls() const {
  const std::scoped_lock lock(mutex_);
  return calls_;
}

void Gathering::enter() {
  const std::scoped_lock lock(mutex_);
  ++workers_;
}

void Gathering::leave() {
  const std::scoped_lock lock(mutex_);
  --workers_;
  changed_.notify_all();
}

std::vector<core::Generation> Gathering::ask(std::size_t order, std::span<const core::GenerationRequest> requests,
                                             const base::CancelToken& cancel) {
  Waiting mine{.order = order, .requests = requests, .answers = {}, .failure = nullptr};
  std::unique_lock lock(mutex_);
  waiting_.push_back(&mine);
  while (!mine.done) {
    if (!busy_ && waiting_.size() == workers_) {
      run_joined(lock);
    } else if (!mine.taken && cancel.cancelled()) {
      std::erase(waiting_, &mine);
      core::Generation stopped;
      stopped.finish = core::FinishReason::Cancelled;
      return std::vector(requests.size(), stopped);
    } else {
      changed_.wait_for(lock, kCancelPoll);
    }
  }
  lock.unlock();
  if (mine.failure) std::rethrow_exception(mine.failure);
  return std::move(mine.answers);
}

void Gathering::run_joined(std::unique_lock<std::mutex>& lock) {
  auto batch = std::exchange(waiting_, {});
  std::ranges::sort(batch, {}, &Waiting::order);
  for (auto* worker : batch) worker->taken = true;
  busy_ = true;
  ++calls_;
  lock.unlock();
  std::exception_ptr failure;
  try {
    answer(batch);
  } catch (...) {
    failure = std::current_exception();
  }
  lock.lock();
  busy_ = false;
  for (auto* worker : batch) {
    worker->failure = failure;
    worker->done = true;
  }
  changed_.notify_all();
}

void Gathering::answer(const std::vector<Waiting*>& batch) {
  std::vector<core::GenerationRequest> joined;
  for (const auto* worker : batch) joined.insert(joined.end(), worker->requests.begin(), worker->requests.end());
  auto answers = inner_.generate(joined, listener_, cancel_);
  if (answers.size() != joined.size()) {
    throw base::Error(base::ErrorCode::Internal, "bench.gather",
                      fmt::format("wrong number of answers: got {}, expected {}", answers.size(), joined.size()));
  }
  auto next = std::make_move_iterator(answers.begin());
  for (auto* worker : batch) {
    const auto end = next + static_cast<std::ptrdiff_t>(worker->requests.size());
    worker->answers.assign(next, end);
    next = end;
  }
}

GatheringGenerator::GatheringGenerator(Gathering& gathering, std::size_t order) : gathering_(gathering), order_(order) {
  gathering_.enter();
}

GatheringGenerator::~GatheringGenerator() { gathering_.leave(); }

std::vector<core::Generation> GatheringGenerator::generate(std::span<const core::GenerationRequest> requests,
                                                           const core::GenerationListener&,
                                                           const base::CancelToken& cancel) {
  return gathering_.ask(order_, requests, cancel);
}

int GatheringGenerator::count_tokens(std::span<const core::ChatMessage> messages) {
  return gathering_.inner_.count_tokens(messages);
}

int GatheringGenerator::context_tokens() const { return gathering_.inner_.context_tokens(); }

core::GeneratorIdentity GatheringGenerator::identity() const { return gathering_.inner_.identity(); }

}  // namespace gpiot::bench
