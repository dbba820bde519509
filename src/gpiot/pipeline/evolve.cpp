#include "gpiot/pipeline/evolve.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <random>

namespace gpiot::pipeline {
namespace {

constexpr double kFirstWidth = 10;
constexpr double kSmallestGain = 5e-4;

struct Individual {
  std::vector<std::size_t> picks;
  ConstantValues values;
  TrialScore score = {};
};

bool is_better(const Individual& a, const Individual& b) {
  if (a.score.valid != b.score.valid) return a.score.valid;
  return a.score.objective > b.score.objective;
}

class Evolution {
 public:
  Evolution(const std::vector<std::vector<CheckedCandidate>>& candidates,
            const std::vector<std::vector<std::size_t>>& options, std::uint64_t seed)
      : candidates_(candidates), options_(options), random_(seed) {}

  [[nodiscard]] Individual as_written(const std::vector<std::size_t>& picks) const {
    Individual one{picks, {}};
    for (std::size_t step = 0; step < picks.size(); ++step) one.values.push_back(values_of(step, picks[step]));
    return one;
  }

  Individual drawn() {
    std::vector<std::size_t> picks;
    for (const auto& option : options_) picks.push_back(option[random_() % option.size()]);
    auto one = as_written(picks);
    scale(one, kFirstWidth, 1);
    return one;
  }

  Individual child(const std::vector<Individual>& parents) {
    constexpr std::array kWidths = {4.0, 2.0, 1.3};
    Individual one = parents[place(parents.size())];
    const auto step = random_() % one.picks.size();
    if (chance(0.25)) {
      const auto& other = parents[place(parents.size())];
      one.picks[step] = other.picks[step];
      one.values[step] = other.values[step];
    }
    if (chance(0.2)) {
      one.picks[step] = options_[step][random_() % options_[step].size()];
      const auto written = values_of(step, one.picks[step]);
      if (one.values[step].size() != written.size() || chance(0.5)) one.values[step] = written;
    }
    scale(one, kWidths[random_() % kWidths.size()], 0.35);
    return one;
  }

  [[nodiscard]] std::vector<std::string> codes_of(const Individual& one) const {
    std::vector<std::string> codes;
    for (std::size_t step = 0; step < one.picks.size(); ++step) {
      const auto& candidate = candidates_[step][one.picks[step]];
      codes.push_back(with_constants(candidate.code, candidate.report.constants, one.values[step]));
    }
    return codes;
  }

 private:
  [[nodiscard]] std::vector<double> values_of(std::size_t step, std::size_t pick) const {
    std::vector<double> values;
    for (const auto& constant : candidates_[step][pick].report.constants) values.push_back(constant.value);
    return values;
  }
  bool chance(double share) { return std::uniform_real_distribution<double>(0, 1)(random_) < share; }
  /// The better a parent, the likelier.
  std::size_t place(std::size_t count) {
    const double drawn = std::exponential_distribution<double>(3.0 / static_cast<double>(count))(random_);
    return std::min(count - 1, static_cast<std::size_t>(drawn));
  }
  void scale(Individual& one, double width, double share) {
    std::uniform_real_distribution<double> exponent(-1.0, 1.0);
    for (std::size_t step = 0; step < one.picks.size(); ++step) {
      const auto& constants = candidates_[step][one.picks[step]].report.constants;
      for (std::size_t i = 0; i < constants.size(); ++i) {
        if (constants[i].label.starts_with("line ") || !chance(share)) continue;
        one.values[step][i] = scaled(constants[i], one.values[step][i], std::pow(width, exponent(random_)));
      }
    }
  }

  const std::vector<std::vector<CheckedCandidate>>& candidates_;
  const std::vector<std::vector<std::size_t>>& options_;
  std::mt19937_64 random_;
};

/// Runs all of them; the scores stand in them afterwards.
void measure(TrialRunner& runner, const Evolution& evolution, const std::vector<core::Specification>& specs,
             const TrialScorer& scorer, const TrialSetting& setting, std::vector<Individual>& all,
             const base::CancelToken& cancel) {
  std::vector<std::string> codes;
  std::vector<std::vector<int>> trials;
  std::map<std::pair<std::size_t, std::string>, int> known;
  for (const auto& one : all) {
    trials.emplace_back();
    const auto texts = evolution.codes_of(one);
    for (std::size_t step = 0; step < texts.size(); ++step) {
      const auto [at, is_new] = known.try_emplace({step, texts[step]}, static_cast<int>(codes.size()));
      if (is_new) codes.push_back(texts[step]);
      trials.back().push_back(at->second);
    }
  }
  const auto batch = runner.run(codes, trials, specs, setting.result, setting.view, setting.excerpt_samples, cancel);
  for (std::size_t i = 0; i < all.size(); ++i) all[i].score = scorer(batch, batch.outcomes[i]);
}

/// The best first, and not all of one kind: what is behind after a few rounds may come out in front.
void keep_best(std::vector<Individual>& all, const EvolveOptions& options) {
  std::ranges::stable_sort(all, is_better);
  std::map<std::vector<std::size_t>, int> alike;
  std::erase_if(all, [&](const Individual& one) { return ++alike[one.picks] > options.alike; });
  if (all.size() > static_cast<std::size_t>(options.population))
    all.resize(static_cast<std::size_t>(options.population));
}

std::vector<CalibratedConstant> changes_of(const std::vector<std::vector<CheckedCandidate>>& candidates,
                                           const Individual& one) {
  std::vector<CalibratedConstant> changes;
  for (std::size_t step = 0; step < one.picks.size(); ++step) {
    const auto& constants = candidates[step][one.picks[step]].report.constants;
    for (std::size_t i = 0; i < constants.size(); ++i) {
      if (constants[i].value != one.values[step][i])
        changes.push_back({step, constants[i].label, constants[i].value, one.values[step][i]});
    }
  }
  return changes;
}

}  // namespace

CalibrationResult evolve(TrialRunner& runner, const std::vector<std::vector<CheckedCandidate>>& candidates,
                         const std::vector<core::Specification>& specs, const TrialScorer& scorer,
                         const TrialSetting& setting, const EvolveOptions& options, const Chain& best,
                         const base::CancelToken& cancel) {
  const auto usable = usable_candidates(candidates, specs);
  Evolution evolution(candidates, usable, setting.seed);
  std::vector<Individual> kept = {evolution.as_written(best.picks)};
  kept.front().score = best.score;
  int trials = 0, without_gain = 0;
  const auto start = std::chrono::steady_clock::now();
  for (int round = 0;; ++round) {
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    const auto& top = kept.front().score;
    const bool tired = without_gain >= (top.safe ? options.patience : 2 * options.patience);
    if (tired || top.objective >= options.enough || (round > 0 && spent.count() > options.limit_s)) break;
    const bool first = trials < options.first;
    std::vector<Individual> born;
    for (int k = 0; k < options.children; ++k) born.push_back(first ? evolution.drawn() : evolution.child(kept));
    measure(runner, evolution, specs, scorer, setting, born, cancel);
    trials += options.children;
    const double before = top.objective;
    kept.insert(kept.end(), born.begin(), born.end());
    keep_best(kept, options);
    without_gain = first || kept.front().score.objective > before + kSmallestGain ? 0 : without_gain + 1;
    if (setting.note) {
      setting.note(fmt::format("search round {}: {} trials, {}", round + 1, trials, kept.front().score.summary));
    }
  }
  CalibrationResult result{best, changes_of(candidates, kept.front()), trials};
  result.chain.picks = kept.front().picks;
  result.chain.codes = evolution.codes_of(kept.front());
  result.chain.score = kept.front().score;
  return result;
}

}  // namespace gpiot::pipeline
