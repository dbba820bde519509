#include "gpiot/tune/plan.h"

#include <numeric>
#include <random>

namespace gpiot::tune {

std::vector<StepPlan> plan_epoch(const std::vector<Example>& examples, std::int64_t batch_tokens,
                                 std::int64_t step_tokens, bool paired, std::uint64_t seed, int epoch) {
  std::vector<std::size_t> order(examples.size());
  std::iota(order.begin(), order.end(), 0);
  std::mt19937_64 random(seed * 1000003ULL + static_cast<std::uint64_t>(epoch));
  // Not std::shuffle: its draws differ between standard libraries, and a run is to be the same everywhere.
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);

  std::vector<StepPlan> steps;
  std::int64_t in_batch = 0;
  std::int64_t in_step = 0;
  for (const std::size_t i : order) {
    const auto tokens = static_cast<std::int64_t>(examples[i].tokens.size()) * (paired ? 2 : 1);
    if (steps.empty() || in_step + tokens > step_tokens) {
      steps.emplace_back();
      in_step = 0;
      in_batch = 0;
    }
    if (steps.back().empty() || in_batch + tokens > batch_tokens) {
      steps.back().emplace_back();
      in_batch = 0;
    }
    steps.back().back().push_back(i);
    in_batch += tokens;
    in_step += tokens;
  }
  return steps;
}

}  // namespace gpiot::tune
