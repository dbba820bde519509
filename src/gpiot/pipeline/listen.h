#pragma once

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "gpiot/base/strings.h"
#include "gpiot/pipeline/outlook.h"
#include "gpiot/pipeline/workbench.h"

namespace gpiot::pipeline {

/// A listener that turns the progress of a batch into "progress" events with tokens per second and the time left. It
/// may serve several batches, one after another.
[[nodiscard]] inline core::GenerationListener listen(const Workbench& bench, std::string stage) {
  struct Batch {
    std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
    Outlook outlook;
    int tokens = 0;
  };
  const double usual = usual_answer_tokens(stage);
  const auto batch = std::make_shared<Batch>(Batch{.outlook = Outlook(usual)});
  return [&bench, stage = std::move(stage), usual, batch](const core::GenerationProgress& p) {
    if (p.completion_tokens < batch->tokens) *batch = Batch{.outlook = Outlook(usual)};
    batch->tokens = p.completion_tokens;
    const double spent_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - batch->start).count();
    const auto left_s = batch->outlook.seconds_left(p, spent_s);
    if (p.completion_tokens == 0) {
      return bench.say(stage, "progress", fmt::format("reading the prompts of {} answers", p.requests_total),
                       {{"requests_done", 0}, {"requests_total", p.requests_total}, {"completion_tokens", 0}});
    }
    const double rate = spent_s > 0 ? p.completion_tokens / spent_s : 0;
    bench.say(stage, "progress",
              fmt::format("{} of {} answers, {} tokens, {:.0f} tokens/s, about {} left", p.requests_done,
                          p.requests_total, p.completion_tokens, rate,
                          *left_s < 60 ? fmt::format("{:.0f} s", *left_s) : base::human_seconds(*left_s)),
              {{"requests_done", p.requests_done},
               {"requests_total", p.requests_total},
               {"completion_tokens", p.completion_tokens},
               {"left_s", *left_s}});
  };
}

}  // namespace gpiot::pipeline
