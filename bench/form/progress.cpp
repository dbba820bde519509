#include "progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "gpiot/base/strings.h"

namespace gpiot::bench {
namespace {

constexpr double kUsualCalls = 8;        // decompose twice, targets once, then interfaces of about five sub-tasks
constexpr double kMostUnfinished = 0.9;  // of a row that has more calls than usual

std::string verdict(const FormRow& row) {
  if (!row.problem.empty()) return row.problem;
  const auto* chain = row.chain_unmended ? "chain ok" : row.chain_mended ? "chain ok once mended" : "chain broken";
  return fmt::format("{} sub-tasks, form {}, {}, {} plan faults", row.subtasks.size(),
                     row.form_file.empty() ? "ok" : "wrong", chain, row.plan_faults.size());
}

}  // namespace

Progress::Progress(std::size_t total, Sink sink, std::chrono::milliseconds interval)
    : sink_(std::move(sink)), interval_(interval), shares_(total, 0.0) {}

void Progress::batch(const core::GenerationProgress& now) {
  const std::scoped_lock lock(mutex_);
  if (now.completion_tokens < last_.completion_tokens) tokens_before_ += last_.completion_tokens;
  last_ = now;
  if (std::chrono::steady_clock::now() - told_ < interval_) return;
  tell(fmt::format("{} of {} done; batch: {} of {} answers, {} tokens; {}", rows_done_, shares_.size(),
                   now.requests_done, now.requests_total, now.completion_tokens, outlook()));
}

void Progress::call_done(std::size_t row, int calls) {
  const std::scoped_lock lock(mutex_);
  shares_.at(row) = std::min(kMostUnfinished, calls / kUsualCalls);
}

void Progress::row_done(std::size_t row, const FormRow& result) {
  const std::scoped_lock lock(mutex_);
  shares_.at(row) = 1;
  ++rows_done_;
  tell(fmt::format("{} of {} done; {}: {}; {}", rows_done_, shares_.size(), result.id, verdict(result), outlook()));
}

void Progress::say(const std::string& text) {
  const std::scoped_lock lock(mutex_);
  tell(text);
}

double Progress::elapsed_s() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

std::string Progress::outlook() const {
  const double done = std::reduce(shares_.begin(), shares_.end());
  const double all = static_cast<double>(shares_.size());
  const std::string rate = fmt::format("{:.0f} tokens/s", (tokens_before_ + last_.completion_tokens) / elapsed_s());
  if (done <= 0) return rate + ", time left not known yet";
  return fmt::format("{}, about {} left", rate, base::human_seconds(elapsed_s() * (all - done) / done));
}

void Progress::tell(const std::string& text) {
  told_ = std::chrono::steady_clock::now();
  sink_(fmt::format("{:>6.0f} s  {}", elapsed_s(), base::printable(text)));
}

}  // namespace gpiot::bench
