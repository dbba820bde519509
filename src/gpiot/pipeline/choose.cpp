#include "gpiot/pipeline/choose.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "gpiot/base/error.h"

namespace gpiot::pipeline {
namespace {

using Picks = std::vector<std::size_t>;

Picks usable(const std::vector<CheckedCandidate>& candidates) {
  Picks good;
  Picks doubtful;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (!seen.insert(candidates[i].code).second) continue;
    const auto& report = candidates[i].report;
    if (report.ok) good.push_back(i);
    const bool is_static = std::find(report.passed.begin(), report.passed.end(), "names") != report.passed.end();
    if (!report.ok && is_static && report.kind != "hang") doubtful.push_back(i);
  }
  return good.empty() ? doubtful : good;
}

std::vector<Picks> first_combinations(const std::vector<Picks>& options, const TrialSetting& setting) {
  double product = 1;
  for (const auto& option : options) product *= static_cast<double>(option.size());
  std::vector<Picks> combinations;
  const auto limit = static_cast<std::size_t>(setting.max_trials);
  if (product <= static_cast<double>(limit)) {
    combinations.emplace_back();
    for (const auto& option : options) {
      std::vector<Picks> longer;
      for (const auto& start : combinations) {
        for (const auto pick : option) {
          longer.push_back(start);
          longer.back().push_back(pick);
        }
      }
      combinations = std::move(longer);
    }
    return combinations;
  }
  // Shuffled columns: every candidate comes up about equally often. The first of all sub-tasks are tried together.
  std::mt19937_64 random(setting.seed);
  combinations.emplace_back();
  for (const auto& option : options) combinations.back().push_back(option.front());
  std::set<Picks> seen = {combinations.back()};
  for (std::size_t tries = 0; seen.size() < limit && tries < 20 * limit; ++tries) {
    Picks picks;
    for (const auto& option : options) picks.push_back(option[random() % option.size()]);
    if (seen.insert(picks).second) combinations.push_back(picks);
  }
  return combinations;
}

std::vector<Picks> neighbours(const Picks& best, const std::vector<Picks>& options, const std::set<Picks>& tried,
                              int limit) {
  std::vector<Picks> found;
  for (std::size_t step = 0; step < options.size(); ++step) {
    for (const auto pick : options[step]) {
      Picks other = best;
      other[step] = pick;
      if (!tried.contains(other) && found.size() < static_cast<std::size_t>(limit)) found.push_back(other);
    }
  }
  return found;
}

/// A chain that fails late is nearer to running than one that fails at once.
double progress_of(const TrialOutcome& outcome) { return outcome.ok ? 1e3 : outcome.step; }

bool better(const Chain& left, const Chain& right) {
  if (left.score.valid != right.score.valid) return left.score.valid;
  if (left.score.valid) return left.score.objective > right.score.objective;
  return progress_of(left.outcome) > progress_of(right.outcome);
}

}  // namespace

std::vector<Picks> usable_candidates(const std::vector<std::vector<CheckedCandidate>>& candidates,
                                     const std::vector<core::Specification>& specs) {
  std::vector<Picks> options;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    options.push_back(usable(candidates.at(i)));
    if (!options.back().empty()) continue;
    throw base::Error(base::ErrorCode::Check, "pipeline.choose",
                      "no candidate of sub-task " + std::to_string(i + 1) + " (" + specs[i].subtask.name +
                          ") can be used: all " + std::to_string(candidates[i].size()) + " failed their checks",
                      "look at 'gpiot explain', edit its specification, or generate more samples with -n");
  }
  return options;
}

Chain choose_chain(TrialRunner& runner, const std::vector<std::vector<CheckedCandidate>>& candidates,
                   const std::vector<core::Specification>& specs, const TrialScorer& scorer,
                   const TrialSetting& setting, const base::CancelToken& cancel) {
  const auto options = usable_candidates(candidates, specs);
  std::set<Picks> tried;
  Chain best;
  const auto try_all = [&](const std::vector<Picks>& combinations) {
    if (setting.note) setting.note("running " + std::to_string(combinations.size()) + " chains on the data");
    std::vector<std::string> codes;
    std::vector<std::vector<int>> trials;
    std::map<std::pair<std::size_t, std::size_t>, int> index;
    for (const auto& picks : combinations) {
      trials.emplace_back();
      for (std::size_t step = 0; step < picks.size(); ++step) {
        const auto [place, is_new] = index.try_emplace({step, picks[step]}, static_cast<int>(codes.size()));
        if (is_new) codes.push_back(candidates[step][picks[step]].code);
        trials.back().push_back(place->second);
      }
    }
    const auto batch = runner.run(codes, trials, specs, setting.result, setting.view, setting.excerpt_samples, cancel);
    bool improved = false;
    for (std::size_t i = 0; i < combinations.size(); ++i) {
      tried.insert(combinations[i]);
      Chain chain{combinations[i], {}, scorer(batch, batch.outcomes[i]), batch.outcomes[i]};
      chain.outcome.results.clear();
      for (const auto code : trials[i]) chain.codes.push_back(codes[static_cast<std::size_t>(code)]);
      if (best.picks.empty() || better(chain, best)) {
        best = std::move(chain);
        improved = true;
      }
    }
    if (setting.note) {
      setting.note(std::to_string(tried.size()) + " chains tried, best so far: " +
                   (best.score.valid ? best.score.summary : "none keeps the contract (" + best.score.summary + ")"));
    }
    return improved;
  };
  try_all(first_combinations(options, setting));
  for (int round = 0; round < 3; ++round) {
    const auto more = neighbours(best.picks, options, tried, setting.max_trials);
    if (more.empty() || !try_all(more)) break;
  }
  return best;
}

}  // namespace gpiot::pipeline
