#pragma once

#include <fmt/format.h>

#include <chrono>
#include <memory>

#include "gpiot/pipeline/workbench.h"

namespace gpiot::pipeline {

/// A listener that turns the progress of a batch into "progress" events with tokens per second.
[[nodiscard]] inline core::GenerationListener listen(const Workbench& bench, std::string stage) {
  const auto start = std::chrono::steady_clock::now();
  return [&bench, stage = std::move(stage), start](const core::GenerationProgress& p) {
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    const double rate = spent.count() > 0 ? p.completion_tokens / spent.count() : 0;
    bench.say(stage, "progress",
              fmt::format("{} of {} answers, {} tokens, {:.0f} tokens/s", p.requests_done, p.requests_total,
                          p.completion_tokens, rate),
              {{"requests_done", p.requests_done},
               {"requests_total", p.requests_total},
               {"completion_tokens", p.completion_tokens}});
  };
}

}  // namespace gpiot::pipeline
