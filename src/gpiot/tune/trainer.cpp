#include "gpiot/tune/trainer.h"

#include <c10/core/InferenceMode.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <cmath>

#include "gpiot/base/error.h"
#include "gpiot/tune/checkpoint.h"
#include "gpiot/tune/step.h"

namespace gpiot::tune {
namespace {

using base::Error;
using base::ErrorCode;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kWhere = "tune.train";

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::int64_t counted_in(const StepPlan& step, const std::vector<Example>& examples) {
  std::int64_t sum = 0;
  for (const auto& batch : step) {
    for (const std::size_t i : batch)
      sum += static_cast<std::int64_t>(examples[i].tokens.size() - examples[i].answer_start);
  }
  return sum;
}

std::int64_t tokens_in(const StepPlan& step, const std::vector<Example>& examples) {
  std::int64_t sum = 0;
  for (const auto& batch : step) {
    for (const std::size_t i : batch) sum += static_cast<std::int64_t>(examples[i].tokens.size());
  }
  return sum;
}

/// One training from its first step to its last.
class Run {
 public:
  Run(const RunInput& input, Adapters& adapters, const RunListener& listener)
      : input_(input),
        config_(input.config),
        adapters_(adapters),
        listener_(listener),
        optimizer_(adapters.values(), input.config.optimizer) {
    for (int epoch = 0; epoch < config_.epochs; ++epoch) {
      for (StepPlan& step :
           plan_epoch(input.training, config_.batch_tokens, config_.step_tokens, paired(), config_.seed, epoch)) {
        plan_.push_back(std::move(step));
        epoch_of_.push_back(epoch + 1);
      }
    }
  }

  void resume() {
    std::vector<std::string> skipped;
    std::optional<Checkpoint> found = load_checkpoint(input_.checkpoints, skipped);
    for (const std::string& problem : skipped) listener_.on_note("checkpoint skipped: " + problem);
    if (!found) return;
    refuse_other(*found);
    adapters_.values().copy_(found->values);
    optimizer_.mean().copy_(found->mean);
    optimizer_.square().copy_(found->square);
    optimizer_.restore_steps(found->step);
    step_ = found->step;
    best_loss_ = found->best_loss;
    best_step_ = found->best_step;
    worse_ = found->worse;
    best_ = found->best;
    listener_.on_note(fmt::format("goes on at step {} of {}", step_, steps()));
  }

  RunResult to_the_end(const base::CancelToken& cancel) {
    const std::int64_t first = step_;
    start_ = Clock::now();
    last_save_ = start_;
    while (step_ < steps() && !enough()) {
      if (stop_ || (input_.processes.size() == 1 && cancel.cancelled())) {
        save();
        throw Error(ErrorCode::Cancelled, kWhere, fmt::format("stopped on request at step {} of {}", step_, steps()),
                    "the same command with --resume goes on here");
      }
      one_step(first, cancel);
      if (step_ % config_.validate_every == 0 || step_ == steps()) validate();
      if (seconds_since(last_save_) > 60 * config_.checkpoint_minutes) save();
    }
    if (step_ > first) save();
    if (best_.defined()) adapters_.values().copy_(best_);
    RunResult result;
    result.step = step_;
    result.steps = steps();
    result.stopped_early = step_ < steps();
    result.best_loss = best_loss_;
    result.best_step = best_step_;
    result.validation = measure(input_.validation);
    return result;
  }

 private:
  [[nodiscard]] bool paired() const { return config_.adapters.projection == Projection::paired; }
  [[nodiscard]] std::int64_t steps() const { return static_cast<std::int64_t>(plan_.size()); }
  [[nodiscard]] bool enough() const { return config_.patience > 0 && worse_ >= config_.patience; }

  Batch batch_of(const std::vector<Example>& examples, const std::vector<std::size_t>& numbers) const {
    std::vector<const Example*> chosen;
    for (const std::size_t i : numbers) chosen.push_back(&examples[i]);
    return pack(chosen, paired(), input_.model.device());
  }

  void one_step(std::int64_t first, const base::CancelToken& cancel) {
    const Clock::time_point start = Clock::now();
    const StepPlan& plan = plan_[static_cast<std::size_t>(step_)];
    StepReport report;
    adapters_.gradients().zero_();
    const double scale = 1.0 / static_cast<double>(std::max<std::int64_t>(1, counted_in(plan, input_.training)));
    for (std::size_t i = 0; i < plan.size(); ++i) {
      if (static_cast<int>(i % static_cast<std::size_t>(input_.processes.size())) != input_.processes.rank()) continue;
      const StepOptions options{.seed = config_.seed * 1000003ULL + static_cast<std::uint64_t>(step_) * 1009ULL + i,
                                .gradient_scale = scale,
                                .recompute = config_.recompute};
      report.loss.add(train_batch(input_.model, adapters_, batch_of(input_.training, plan[i]), options));
    }
    join(report.loss, cancel);
    const c10::InferenceMode no_autograd;
    report.norm = Optimizer::norm(adapters_.gradients());
    report.rate =
        cosine_rate(config_.optimizer.learning_rate, step_, steps(),
                    static_cast<std::int64_t>(std::ceil(config_.warmup_share * static_cast<double>(steps()))));
    if (!std::isfinite(report.norm) || !std::isfinite(report.loss.mean())) stop_at_no_number(report);
    optimizer_.step(adapters_.values(), adapters_.gradients(), report.rate, report.norm);
    ++step_;
    tokens_ += tokens_in(plan, input_.training);
    report.step = step_;
    report.steps = steps();
    report.epoch = epoch_of_[static_cast<std::size_t>(step_ - 1)];
    report.tokens = tokens_in(plan, input_.training);
    report.step_s = seconds_since(start);
    report.tokens_per_s = static_cast<double>(tokens_) / seconds_since(start_);
    report.remaining_s =
        seconds_since(start_) / static_cast<double>(step_ - first) * static_cast<double>(steps() - step_);
    listener_.on_step(report);
  }

  /// Gradients and losses of all processes together, and whether one of them was asked to stop: all stop then.
  void join(LossSums& loss, const base::CancelToken& cancel) {
    if (input_.processes.size() == 1) return;
    input_.processes.sum(adapters_.gradients());
    stop_ = sum_losses(loss, cancel.cancelled() ? 1.0 : 0.0) > 0;
  }

  /// Returns the sum of `flag`.
  double sum_losses(LossSums& loss, double flag) {
    const at::Tensor numbers = at::tensor(
        {loss.sum[0], loss.sum[1], static_cast<double>(loss.tokens[0]), static_cast<double>(loss.tokens[1]), flag},
        at::kDouble);
    input_.processes.sum(numbers);
    const double* all = numbers.const_data_ptr<double>();
    loss.sum = {all[0], all[1]};
    loss.tokens = {static_cast<std::int64_t>(all[2]), static_cast<std::int64_t>(all[3])};
    return all[4];
  }

  LossSums measure(const std::vector<Example>& examples) {
    LossSums loss;
    int number = 0;
    for (const StepPlan& step : plan_epoch(examples, config_.batch_tokens, config_.batch_tokens, paired(), 0, 0)) {
      for (const auto& batch : step) {
        if (number++ % input_.processes.size() != input_.processes.rank()) continue;
        loss.add(measure_batch(input_.model, &adapters_, batch_of(examples, batch)));
      }
    }
    (void)sum_losses(loss, 0.0);
    return loss;
  }

  void validate() {
    if (input_.validation.empty()) return;
    const LossSums loss = measure(input_.validation);
    // Both tasks count alike, however long their answers are.
    const int tasks = (loss.tokens[0] > 0 ? 1 : 0) + (loss.tokens[1] > 0 ? 1 : 0);
    const double mean = (loss.mean(Task::tdd) + loss.mean(Task::cgd)) / std::max(1, tasks);
    const bool best = !best_.defined() || mean < best_loss_;
    if (best) {
      best_ = adapters_.values().clone();
      best_loss_ = mean;
      best_step_ = step_;
      worse_ = 0;
    } else {
      ++worse_;
    }
    listener_.on_validation({.step = step_, .loss = loss, .best = best});
  }

  void save() {
    last_save_ = Clock::now();
    if (input_.processes.rank() != 0) return;
    save_checkpoint(input_.checkpoints, state());
  }

  [[nodiscard]] Checkpoint state() {
    Checkpoint out;
    out.step = step_;
    out.best_loss = best_loss_;
    out.best_step = best_step_;
    out.worse = worse_;
    out.config = config_text(config_);
    out.data_sha256 = input_.data_sha256;
    out.base_sha256 = input_.base_sha256;
    out.values = adapters_.values();
    out.mean = optimizer_.mean();
    out.square = optimizer_.square();
    out.best = best_;
    return out;
  }

  void refuse_other(const Checkpoint& found) const {
    std::vector<std::string> differences = config_differences(found.config, config_text(config_));
    if (found.data_sha256 != input_.data_sha256) differences.emplace_back("the records are others");
    if (found.base_sha256 != input_.base_sha256) differences.emplace_back("the base model is another one");
    if (differences.empty()) return;
    throw Error(ErrorCode::Data, "tune.resume",
                fmt::format("the checkpoint was made with another configuration: {}", fmt::join(differences, "; ")),
                "give the same again, or another output folder for a new run");
  }

  [[noreturn]] void stop_at_no_number(const StepReport& report) {
    save();
    throw Error(ErrorCode::Check, kWhere,
                fmt::format("the loss is no number at step {}: loss {}, norm of the gradients {}", step_ + 1,
                            report.loss.mean(), report.norm),
                "the state before it is kept; lower learning_rate, or type = \"f32\"");
  }

  const RunInput& input_;
  const TuneConfig& config_;
  Adapters& adapters_;
  const RunListener& listener_;
  Optimizer optimizer_;
  std::vector<StepPlan> plan_;
  std::vector<int> epoch_of_;
  std::int64_t step_ = 0;
  std::int64_t tokens_ = 0;
  bool stop_ = false;  ///< one of the processes was asked to
  double best_loss_ = 0;
  std::int64_t best_step_ = 0;
  int worse_ = 0;
  at::Tensor best_;
  Clock::time_point start_, last_save_;
};

}  // namespace

RunResult train(const RunInput& input, Adapters& adapters, bool resume, const RunListener& listener,
                const base::CancelToken& cancel) {
  const c10::InferenceMode no_autograd;
  Run run(input, adapters, listener);
  if (resume) run.resume();
  return run.to_the_end(cancel);
}

}  // namespace gpiot::tune
