#include "gpiot/pipeline/calibrate.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <map>

#include "gpiot/base/strings.h"

namespace gpiot::pipeline {
namespace {

constexpr double kSmallestGain = 5e-4;

/// A constant of the whole chain.
struct Place {
  std::size_t step;
  std::size_t index;
};
using Values = std::vector<std::vector<double>>;  ///< [step][constant]

struct Variant {
  Values values;
  double objective = -1;
};

std::string literal(double value, bool integer) {
  std::array<char, 40> text{};
  if (integer) {
    std::snprintf(text.data(), text.size(), "%lld", std::llround(value));
    return text.data();
  }
  std::snprintf(text.data(), text.size(), "%.4g", value);
  std::string shown(text.data());
  if (shown.find_first_of(".en") == std::string::npos) shown += ".0";
  return shown;
}

double scaled(const Constant& constant, double value, double factor) {
  const double moved = value * factor;
  if (!constant.integer) return std::stod(literal(moved, false));
  const double rounded = std::round(moved);
  // An integer that a factor does not move goes one step.
  const double stepped = rounded != value ? rounded : value + (factor > 1 ? 1 : -1);
  return constant.value >= 1 ? std::max(1.0, stepped) : stepped;
}

std::vector<Place> places_of(const std::vector<std::vector<Constant>>& constants, int limit) {
  std::vector<Place> named;
  std::vector<Place> inner;
  for (std::size_t step = 0; step < constants.size(); ++step) {
    for (std::size_t i = 0; i < constants[step].size(); ++i) {
      (constants[step][i].label.starts_with("line ") ? inner : named).push_back({step, i});
    }
  }
  named.insert(named.end(), inner.begin(), inner.end());
  if (named.size() > static_cast<std::size_t>(limit)) named.resize(static_cast<std::size_t>(limit));
  return named;
}

/// One search; holds what stays the same over its rounds.
class Search {
 public:
  Search(TrialRunner& runner, const Chain& chain, const std::vector<std::vector<Constant>>& constants,
         const std::vector<core::Specification>& specs, const TrialScorer& scorer, const TrialSetting& setting,
         const base::CancelToken& cancel)
      : runner_(runner), chain_(chain), constants_(constants), specs_(specs), scorer_(scorer), setting_(setting),
        cancel_(cancel) {}

  [[nodiscard]] std::vector<std::string> codes_of(const Values& values) const {
    std::vector<std::string> codes;
    for (std::size_t step = 0; step < chain_.codes.size(); ++step) {
      codes.push_back(with_constants(chain_.codes[step], constants_[step], values[step]));
    }
    return codes;
  }

  /// Objectives in the order of `all`; -1 for what is not valid.
  std::vector<TrialScore> measure(const std::vector<Values>& all) {
    std::vector<std::string> codes;
    std::map<std::string, int> index;
    std::vector<std::vector<int>> trials;
    for (const auto& values : all) {
      trials.emplace_back();
      const auto texts = codes_of(values);
      for (std::size_t step = 0; step < texts.size(); ++step) {
        const auto [place, is_new] =
            index.try_emplace(std::to_string(step) + texts[step], static_cast<int>(codes.size()));
        if (is_new) codes.push_back(texts[step]);
        trials.back().push_back(place->second);
      }
    }
    const auto batch =
        runner_.run(codes, trials, specs_, setting_.result, setting_.view, setting_.excerpt_samples, cancel_);
    trials_done_ += static_cast<int>(trials.size());
    std::vector<TrialScore> scores;
    for (const auto& outcome : batch.outcomes) scores.push_back(scorer_(batch, outcome));
    return scores;
  }

  /// One round from `best`; true when it gained.
  bool round(Variant& best, TrialScore& score, const std::vector<Place>& places, const std::vector<double>& factors) {
    struct Move {
      Place place;
      double value;
      double objective;
    };
    std::vector<Move> moves;
    std::vector<Values> variants;
    for (const auto& place : places) {
      for (const double factor : factors) {
        const double now = best.values[place.step][place.index];
        const double moved = scaled(constants_[place.step][place.index], now, factor);
        if (moved == now) continue;
        variants.push_back(best.values);
        variants.back()[place.step][place.index] = moved;
        moves.push_back({place, moved, -1});
      }
    }
    if (variants.empty()) return false;
    auto scores = measure(variants);
    for (std::size_t i = 0; i < moves.size(); ++i) moves[i].objective = scores[i].valid ? scores[i].objective : -1;
    std::sort(moves.begin(), moves.end(), [](const Move& a, const Move& b) { return a.objective > b.objective; });
    std::vector<Values> joined;
    Values together = best.values;
    std::vector<std::pair<std::size_t, std::size_t>> moved_places;
    for (const auto& move : moves) {
      if (move.objective <= best.objective + kSmallestGain || joined.size() >= 8) break;
      const std::pair key{move.place.step, move.place.index};
      if (std::find(moved_places.begin(), moved_places.end(), key) != moved_places.end()) continue;
      moved_places.push_back(key);
      together[key.first][key.second] = move.value;
      joined.push_back(together);
    }
    if (joined.empty()) return false;
    scores = measure(joined);
    for (std::size_t i = 0; i < joined.size(); ++i) {
      if (!scores[i].valid || scores[i].objective <= best.objective) continue;
      best = {joined[i], scores[i].objective};
      score = scores[i];
    }
    return true;
  }

  [[nodiscard]] int trials_done() const { return trials_done_; }

 private:
  TrialRunner& runner_;
  const Chain& chain_;
  const std::vector<std::vector<Constant>>& constants_;
  const std::vector<core::Specification>& specs_;
  const TrialScorer& scorer_;
  const TrialSetting& setting_;
  const base::CancelToken& cancel_;
  int trials_done_ = 0;
};

}  // namespace

std::string with_constants(const std::string& code, const std::vector<Constant>& constants,
                           const std::vector<double>& values) {
  auto lines = base::split(code, '\n');
  for (std::size_t i = constants.size(); i-- > 0;) {
    const auto& constant = constants[i];
    if (constant.value == values[i] || constant.line < 1 || constant.line > static_cast<int>(lines.size())) continue;
    auto& line = lines[static_cast<std::size_t>(constant.line - 1)];
    if (constant.column < 0 || constant.end_column < constant.column ||
        constant.end_column > static_cast<int>(line.size())) {
      continue;
    }
    line.replace(static_cast<std::size_t>(constant.column),
                 static_cast<std::size_t>(constant.end_column - constant.column),
                 literal(values[i], constant.integer));
  }
  return base::join(lines, "\n");
}

CalibrationResult calibrate(TrialRunner& runner, const Chain& chain,
                            const std::vector<std::vector<Constant>>& constants,
                            const std::vector<core::Specification>& specs, const TrialScorer& scorer,
                            const TrialSetting& setting, const CalibrationOptions& options,
                            const base::CancelToken& cancel) {
  CalibrationResult result{chain, {}, 0};
  const auto places = places_of(constants, options.max_constants);
  if (!chain.score.valid || places.empty()) return result;
  Search search(runner, chain, constants, specs, scorer, setting, cancel);
  Variant best;
  best.objective = chain.score.objective;
  for (const auto& step : constants) {
    best.values.emplace_back();
    for (const auto& constant : step) best.values.back().push_back(constant.value);
  }
  const Values before = best.values;
  TrialScore score = chain.score;
  const std::vector<std::vector<double>> factors = {{0.4, 0.7, 1.4, 2.5}, {0.5, 0.8, 1.25, 2.0}, {0.7, 0.9, 1.1, 1.4}};
  const auto start = std::chrono::steady_clock::now();
  for (int round = 0; round < options.rounds && best.objective < options.enough; ++round) {
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    if (spent.count() > options.limit_s) break;
    const auto& set = factors[std::min<std::size_t>(static_cast<std::size_t>(round), factors.size() - 1)];
    const bool gained = search.round(best, score, places, set);
    if (setting.note) {
      setting.note("calibration round " + std::to_string(round + 1) + ": " + std::to_string(search.trials_done()) +
                   " trials, " + score.summary);
    }
    if (!gained && round + 1 >= static_cast<int>(factors.size())) break;
  }
  result.trials = search.trials_done();
  result.chain.codes = search.codes_of(best.values);
  result.chain.score = score;
  for (const auto& place : places) {
    const double old_value = before[place.step][place.index];
    const double new_value = best.values[place.step][place.index];
    if (old_value != new_value) {
      result.changes.push_back({place.step, constants[place.step][place.index].label, old_value, new_value});
    }
  }
  return result;
}

}  // namespace gpiot::pipeline
