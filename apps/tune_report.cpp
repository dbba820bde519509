#include "tune_report.h"

#include <fmt/format.h>
#include <unistd.h>

#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"

namespace gpiot::apps {
namespace {

/// "tdd 1.234, cgd 0.987": only tasks that have tokens.
std::string losses(const tune::LossSums& loss) {
  std::string text;
  for (const tune::Task task : tune::kTasks) {
    const auto i = static_cast<std::size_t>(task);
    if (loss.tokens[i] > 0)
      text += fmt::format("{}{} {:.4f}", text.empty() ? "" : ", ", tune::kTaskNames[i], loss.mean(task));
  }
  return text;
}

base::Json loss_facts(const tune::LossSums& loss) {
  base::Json facts = base::Json::object();
  for (const tune::Task task : tune::kTasks) {
    const auto i = static_cast<std::size_t>(task);
    facts[tune::kTaskNames[i]] = loss.tokens[i] > 0 ? base::Json(loss.mean(task)) : base::Json(nullptr);
    facts[std::string(tune::kTaskNames[i]) + "_tokens"] = loss.tokens[i];
  }
  return facts;
}

std::vector<std::pair<std::string, double>> board_losses(const std::string& prefix, const tune::LossSums& loss) {
  std::vector<std::pair<std::string, double>> scalars;
  for (const tune::Task task : tune::kTasks) {
    const auto i = static_cast<std::size_t>(task);
    if (loss.tokens[i] > 0) scalars.emplace_back(prefix + "loss_" + tune::kTaskNames[i], loss.mean(task));
  }
  return scalars;
}

}  // namespace

TuneReport::TuneReport(bool json, const std::filesystem::path& folder, bool silent)
    : json_(json && !silent), silent_(silent), terminal_(::isatty(STDERR_FILENO) == 1) {
  if (folder.empty()) return;
  log_file_ = folder / "log.jsonl";
  board_.emplace(folder / "tensorboard");
}

tune::RunListener TuneReport::listener() {
  return {.on_step = [this](const tune::StepReport& report) { step(report); },
          .on_validation = [this](const tune::ValidationReport& report) { validation(report); },
          .on_note = [this](const std::string& text) { note(text); }};
}

double TuneReport::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void TuneReport::close_line() {
  if (open_) fmt::print(stderr, "\n");
  open_ = false;
}

void TuneReport::note(const std::string& text) {
  close_line();
  if (!json_ && !silent_) fmt::print(stderr, "{:>6.0f} s  {}\n", seconds(), base::printable(text));
}

void TuneReport::event(const std::string& kind, const base::Json& facts) {
  base::Json line = {{"schema", 1}, {"kind", kind}, {"time_s", seconds()}};
  line.update(facts);
  const std::string text = base::dump_json(line);
  if (!log_file_.empty()) base::append_line(log_file_, text, "gpiot.tune");
  if (!json_) return;
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

void TuneReport::estimate(const tune::Estimate& estimate, double free_bytes) {
  note(fmt::format("will take about {} and {} of memory ({} free): base {}, adapters with optimiser {}, one batch {}",
                   base::human_seconds(estimate.seconds()), base::human_bytes(estimate.bytes()),
                   base::human_bytes(free_bytes), base::human_bytes(estimate.base_bytes),
                   base::human_bytes(estimate.trained_bytes),
                   base::human_bytes(estimate.activation_bytes + estimate.logits_bytes)));
  event("estimate", {{"seconds", estimate.seconds()},
                     {"bytes", estimate.bytes()},
                     {"base_bytes", estimate.base_bytes},
                     {"flops", estimate.flops},
                     {"product_flops_per_s", estimate.flops_per_s},
                     {"free_bytes", free_bytes}});
}

void TuneReport::step(const tune::StepReport& report) {
  base::Json facts = {
      {"step", report.step}, {"steps", report.steps}, {"epoch", report.epoch}, {"loss", report.loss.mean()}};
  facts.update(loss_facts(report.loss));
  facts.update({{"learning_rate", report.rate},
                {"gradient_norm", report.norm},
                {"tokens", report.tokens},
                {"step_s", report.step_s},
                {"tokens_per_s", report.tokens_per_s},
                {"resident_bytes", tune::resident().now}});
  event("step", facts);
  if (board_) {
    std::vector<std::pair<std::string, double>> scalars = board_losses("train/", report.loss);
    scalars.insert(scalars.end(), {{"train/learning_rate", report.rate},
                                   {"train/gradient_norm", report.norm},
                                   {"train/tokens_per_s", report.tokens_per_s}});
    board_->add(report.step, scalars);
  }
  const auto now = std::chrono::steady_clock::now();
  const bool last = report.step == report.steps;
  if (json_ || silent_ || (!terminal_ && !last && now - last_ < std::chrono::seconds(10))) return;
  last_ = now;
  const std::string text =
      fmt::format("{:>6.0f} s  step {} of {}, epoch {}: loss {}, {:.0f} tokens/s, {}, {} left", seconds(), report.step,
                  report.steps, report.epoch, losses(report.loss), report.tokens_per_s,
                  base::human_bytes(tune::resident().now), base::human_seconds(report.remaining_s));
  fmt::print(stderr, "{}{}", terminal_ ? "\r\x1b[2K" : "", text);
  open_ = terminal_;
  if (!terminal_) fmt::print(stderr, "\n");
}

void TuneReport::validation(const tune::ValidationReport& report) {
  base::Json facts = {{"step", report.step}, {"loss", report.loss.mean()}, {"best", report.best}};
  facts.update(loss_facts(report.loss));
  event("validation", facts);
  if (board_) board_->add(report.step, board_losses("validation/", report.loss));
  note(fmt::format("validation at step {}: loss {}{}", report.step, losses(report.loss),
                   report.best ? ", the best so far" : ""));
}

}  // namespace gpiot::apps
