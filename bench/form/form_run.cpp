#include "form_run.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "gathering_generator.h"

namespace gpiot::bench {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The workers of one run and what they share.
class Crew {
 public:
  Crew(core::TextGenerator& generator, const agents::PromptSet& prompts, std::span<const ListedRequirement> list,
       const FormSettings& settings, const RowKeeper& keep, Progress& progress, const base::CancelToken& cancel)
      : prompts_(prompts),
        list_(list),
        settings_(settings),
        keep_(keep),
        progress_(progress),
        cancel_(cancel),
        gathering_(
            generator, [this](const core::GenerationProgress& now) { progress_.batch(now); }, cancel),
        done_(list.size()) {}

  FormRun run() {
    const auto start = std::chrono::steady_clock::now();
    next_ = std::min(settings_.workers, list_.size());
    // All places are taken before the first worker asks: else the first batches would depend on how threads start.
    std::vector<std::unique_ptr<GatheringGenerator>> places;
    for (std::size_t row = 0; row < next_; ++row) places.push_back(place(row));
    start_threads(places);
    for (auto& row : done_) {
      if (row) run_.rows.push_back(std::move(*row));
    }
    run_.cancelled = run_.rows.size() + run_.failed.size() < list_.size();
    run_.joined_calls = gathering_.calls();
    run_.wall_s = seconds_since(start);
    return std::move(run_);
  }

 private:
  /// Returns when all have ended.
  void start_threads(std::vector<std::unique_ptr<GatheringGenerator>>& places) {
    std::vector<std::jthread> threads;
    try {
      for (std::size_t row = 0; row < places.size(); ++row) {
        threads.emplace_back([this, row, mine = std::move(places[row])]() mutable { work(row, std::move(mine)); });
      }
    } catch (...) {
      places.clear();  // those who started do not wait for those who cannot
      throw;
    }
  }

  std::unique_ptr<GatheringGenerator> place(std::size_t row) {
    return std::make_unique<GatheringGenerator>(gathering_, row);
  }

  void work(std::size_t row, std::unique_ptr<GatheringGenerator> mine) {
    while (row < list_.size() && !cancel_.cancelled()) {
      make_row(row, *mine);
      row = next_++;
      // The next place is taken before the last one is left: the others are to wait for this worker.
      if (row < list_.size()) mine = place(row);
    }
  }

  void make_row(std::size_t row, GatheringGenerator& mine) {
    const auto& listed = list_[row];
    try {
      const auto start = std::chrono::steady_clock::now();
      CountingGenerator counting(mine, [&](const AskedCounts& asked) { progress_.call_done(row, asked.calls); });
      const auto answers = ask_roles(counting, prompts_, listed.requirement, settings_.seed, cancel_);
      cancel_.throw_if_cancelled("bench.row");  // the last answers may be cut
      auto result = judge(listed, answers, counting);
      result.wall_s = seconds_since(start);
      if (keep_) keep_(result);
      progress_.row_done(row, result);
      done_[row] = std::move(result);
    } catch (const base::Error& error) {
      if (error.code() != base::ErrorCode::Cancelled) fail({listed.id, error.code(), error.what()});
    } catch (const std::exception& error) {
      fail({listed.id, base::ErrorCode::Internal, error.what()});
    }
  }

  void fail(FailedRow row) {
    progress_.say(row.id + " failed: " + row.message);
    const std::scoped_lock lock(mutex_);
    run_.failed.push_back(std::move(row));
  }

  const agents::PromptSet& prompts_;
  std::span<const ListedRequirement> list_;
  const FormSettings& settings_;
  const RowKeeper& keep_;
  Progress& progress_;
  const base::CancelToken& cancel_;
  Gathering gathering_;
  std::vector<std::optional<FormRow>> done_;  ///< each slot is written by one worker
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  FormRun run_;
};

}  // namespace

FormRun run_form(core::TextGenerator& generator, const agents::PromptSet& prompts,
                 std::span<const ListedRequirement> list, const FormSettings& settings, const RowKeeper& keep,
                 Progress& progress, const base::CancelToken& cancel) {
  return Crew(generator, prompts, list, settings, keep, progress, cancel).run();
}

}  // namespace gpiot::bench
