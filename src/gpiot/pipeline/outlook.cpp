#include "gpiot/pipeline/outlook.h"

#include <algorithm>

namespace gpiot::pipeline {
namespace {

// What an answer that is longer than usual may still need, as a share of the usual length.
constexpr double kTail = 0.15;

}  // namespace

std::optional<double> Outlook::seconds_left(const core::GenerationProgress& now, double elapsed_s) {
  if (now.completion_tokens == 0) {
    prompt_end_s_ = elapsed_s;
    return std::nullopt;
  }
  const double left = now.requests_total - now.requests_done;
  const double tokens =
      std::max(now.requests_total * usual_tokens_ - now.completion_tokens, left * kTail * usual_tokens_);
  return tokens * (elapsed_s - prompt_end_s_) / now.completion_tokens;
}

double usual_answer_tokens(std::string_view stage) {
  if (stage == "decompose") return 260;
  if (stage == "specify") return 60;
  return stage == "generate" || stage == "repair" ? 180 : 150;
}

}  // namespace gpiot::pipeline
