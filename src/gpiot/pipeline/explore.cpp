#include "gpiot/pipeline/explore.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>

namespace gpiot::pipeline {
namespace {

constexpr double kWidth = 30;
constexpr int kFewConstants = 2;

/// A chain with constants moved by chance; the codes as they are and as they run.
struct Moved {
  StartingPoint point;
  std::vector<std::string> codes;
};

std::vector<std::vector<Constant>> constants_of(const std::vector<std::vector<CheckedCandidate>>& candidates,
                                                const std::vector<std::size_t>& picks) {
  std::vector<std::vector<Constant>> constants;
  for (std::size_t step = 0; step < picks.size(); ++step) {
    constants.push_back(candidates[step][picks[step]].report.constants);
  }
  return constants;
}

Moved move_by_chance(const std::vector<std::vector<CheckedCandidate>>& candidates,
                     const std::vector<std::vector<std::size_t>>& options, std::mt19937_64& random) {
  std::uniform_real_distribution<double> exponent(-1.0, 1.0);
  Moved moved;
  for (std::size_t step = 0; step < options.size(); ++step) {
    const auto pick = options[step][random() % options[step].size()];
    const auto& candidate = candidates[step][pick];
    std::vector<double> values;
    for (const auto& constant : candidate.report.constants) {
      const bool stays = random() % 2 == 0;
      values.push_back(stays ? constant.value : scaled(constant, constant.value, std::pow(kWidth, exponent(random))));
    }
    moved.codes.push_back(with_constants(candidate.code, candidate.report.constants, values));
    moved.point.chain.picks.push_back(pick);
    moved.point.chain.codes.push_back(candidate.code);
    moved.point.values.push_back(std::move(values));
  }
  return moved;
}

/// Constants of the longest chain: with few of them there is little to explore.
int most_constants(const std::vector<std::vector<CheckedCandidate>>& candidates,
                   const std::vector<std::vector<std::size_t>>& options) {
  std::size_t count = 0;
  for (std::size_t step = 0; step < options.size(); ++step) {
    std::size_t most = 0;
    for (const auto pick : options[step]) most = std::max(most, candidates[step][pick].report.constants.size());
    count += most;
  }
  return static_cast<int>(count);
}

}  // namespace

StartingPoint explore(TrialRunner& runner, const std::vector<std::vector<CheckedCandidate>>& candidates,
                      const std::vector<core::Specification>& specs, const TrialScorer& scorer,
                      const TrialSetting& setting, const Chain& best, const base::CancelToken& cancel) {
  const auto options = usable_candidates(candidates, specs);
  std::mt19937_64 random(setting.seed);
  StartingPoint found{best, {}};
  const int rounds = most_constants(candidates, options) <= kFewConstants ? 1 : 3;
  for (int round = 0; round < rounds && !found.chain.score.safe; ++round) {
    std::vector<Moved> all;
    std::vector<std::string> codes;
    std::vector<std::vector<int>> trials;
    for (int k = 0; k < setting.max_trials; ++k) {
      all.push_back(move_by_chance(candidates, options, random));
      trials.emplace_back();
      for (const auto& code : all.back().codes) {
        trials.back().push_back(static_cast<int>(codes.size()));
        codes.push_back(code);
      }
    }
    const auto batch = runner.run(codes, trials, specs, setting.result, setting.view, setting.excerpt_samples, cancel);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto score = scorer(batch, batch.outcomes[i]);
      const auto& now = found.chain.score;
      if (!score.valid || (now.valid && score.objective <= now.objective)) continue;
      found = std::move(all[i].point);
      found.chain.score = score;
      found.chain.outcome = batch.outcomes[i];
      found.chain.outcome.results.clear();
    }
    if (setting.note) setting.note("chains with other constants: best so far: " + found.chain.score.summary);
  }
  return found;
}

CalibrationResult fit_constants(TrialRunner& runner, const std::vector<std::vector<CheckedCandidate>>& candidates,
                                const std::vector<core::Specification>& specs, const TrialScorer& scorer,
                                const TrialSetting& setting, const CalibrationOptions& options, const Chain& chain,
                                const base::CancelToken& cancel) {
  if (chain.score.ample) {
    if (setting.note) setting.note("far better than asked for: the constants stay as they were written");
    return {chain, {}, 0};
  }
  const int starts = most_constants(candidates, usable_candidates(candidates, specs)) <= kFewConstants ? 1 : 4;
  const auto begin = std::chrono::steady_clock::now();
  CalibrationResult best{chain, {}, 0};
  TrialSetting other = setting;
  for (int start = 0; start < starts && !best.chain.score.safe; ++start) {
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
    if (spent.count() > options.limit_s) break;
    other.seed = setting.seed + static_cast<std::uint64_t>(start);
    Chain from = chain;
    // A later start has to be another one, not a better one.
    if (start > 0) from.score.valid = false;
    auto point = explore(runner, candidates, specs, scorer, other, from, cancel);
    if (!point.chain.score.valid) continue;
    auto limited = options;
    limited.start = std::move(point.values);
    limited.limit_s = options.limit_s - spent.count();
    auto result = calibrate(runner, point.chain, constants_of(candidates, point.chain.picks), specs, scorer, other,
                            limited, cancel);
    result.trials += best.trials;
    const bool better = !best.chain.score.valid || result.chain.score.objective > best.chain.score.objective;
    if (better) best = std::move(result);
  }
  if (!chain.score.safe) return best;
  return calibrate(runner, chain, constants_of(candidates, chain.picks), specs, scorer, setting, options, cancel);
}

}  // namespace gpiot::pipeline
