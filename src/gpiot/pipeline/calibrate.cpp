#include "gpiot/pipeline/calibrate.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <random>

namespace gpiot::pipeline {
namespace {

constexpr double kSmallestGain = 5e-4;
constexpr std::size_t kFewestGood = 4;
constexpr std::size_t kMostGood = 12;

/// A constant of the whole chain.
struct Place {
  std::size_t step;
  std::size_t index;
};
using Values = ConstantValues;

struct Variant {
  Values values;
  double objective = -1;
};

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
         int random_moves, const base::CancelToken& cancel)
      : runner_(runner),
        chain_(chain),
        constants_(constants),
        specs_(specs),
        scorer_(scorer),
        setting_(setting),
        cancel_(cancel),
        random_moves_(random_moves),
        random_(setting.seed) {}

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
  bool round(Variant& best, TrialScore& score, const std::vector<Place>& places, double width) {
    auto moves = single_moves(best.values, places, width);
    const auto together = group_moves(best.values, places, width);
    moves.insert(moves.end(), together.begin(), together.end());
    for (int k = 0; k < random_moves_; ++k) {
      const bool enough = good_.size() >= kFewestGood;
      moves.push_back(k % 2 == 1 && enough ? crossed_move(best.values, places)
                                           : random_move(best.values, places, width));
    }
    std::erase_if(moves, [&](const Values& values) { return values == best.values; });
    std::vector<Variant> measured;
    const auto scores = measure(moves);
    // Where hardly anything is right yet, a small gain is a gain.
    const double gain = std::min(kSmallestGain, 0.1 * std::abs(best.objective));
    for (std::size_t i = 0; i < moves.size(); ++i) {
      if (scores[i].valid) keep_good({moves[i], scores[i].objective});
      if (scores[i].valid && scores[i].objective > best.objective + gain)
        measured.push_back({moves[i], scores[i].objective});
    }
    if (measured.empty()) return false;
    std::sort(measured.begin(), measured.end(), [](const auto& x, const auto& y) { return x.objective > y.objective; });
    const auto joined = join(best.values, measured);
    const auto joined_scores = measure(joined);
    for (std::size_t i = 0; i < joined.size(); ++i) {
      if (!joined_scores[i].valid || joined_scores[i].objective <= best.objective) continue;
      best = {joined[i], joined_scores[i].objective};
      score = joined_scores[i];
    }
    return true;
  }

  [[nodiscard]] int trials_done() const { return trials_done_; }

 private:
  [[nodiscard]] const Constant& constant(const Place& place) const { return constants_[place.step][place.index]; }
  void scale(Values& values, const Place& place, double factor) const {
    double& value = values[place.step][place.index];
    value = scaled(constant(place), value, factor);
  }

  std::vector<Values> single_moves(const Values& from, const std::vector<Place>& places, double width) const {
    std::vector<Values> moves;
    for (const auto& place : places) {
      for (const double exponent : {-1.0, -0.4, 0.4, 1.0}) {
        moves.push_back(from);
        scale(moves.back(), place, std::pow(width, exponent));
      }
    }
    return moves;
  }

  /// Constants of one function whose names end alike are mostly the two ends of a band, or two parts of a time.
  std::vector<Values> group_moves(const Values& from, const std::vector<Place>& places, double width) const {
    std::map<std::pair<std::size_t, std::string>, std::vector<Place>> groups;
    for (const auto& place : places) {
      const auto& label = constant(place).label;
      const auto unit = label.rfind('_');
      if (unit != std::string::npos) groups[{place.step, label.substr(unit)}].push_back(place);
    }
    std::vector<Values> moves;
    for (const auto& [key, members] : groups) {
      if (members.size() < 2) continue;
      for (const double exponent : {-1.0, -0.5, 0.5, 1.0}) {
        moves.push_back(from);
        for (const auto& place : members) scale(moves.back(), place, std::pow(width, exponent));
      }
    }
    return moves;
  }

  Values random_move(const Values& from, const std::vector<Place>& places, double width) {
    Values move = from;
    std::uniform_real_distribution<double> exponent(-1.0, 1.0);
    for (const auto& place : places) {
      if (random_() % 5 < 2) scale(move, place, std::pow(width, exponent(random_)));
    }
    return move;
  }

  void keep_good(Variant variant) {
    const auto place = std::upper_bound(good_.begin(), good_.end(), variant,
                                        [](const auto& x, const auto& y) { return x.objective > y.objective; });
    good_.insert(place, std::move(variant));
    if (good_.size() > kMostGood) good_.pop_back();
  }

  /// `from`, moved as far as two good variants lie apart (differential evolution, Storn and Price 1997): what changed
  /// together in good variants changes together again.
  Values crossed_move(const Values& from, const std::vector<Place>& places) {
    constexpr double kStep = 0.7;
    Values move = from;
    const auto& one = good_[random_() % good_.size()].values;
    const auto& other = good_[random_() % good_.size()].values;
    for (const auto& [step, index] : places) {
      const double ratio = one[step][index] / other[step][index];
      if (random_() % 10 == 0 || ratio == 1 || !(ratio > 0)) continue;
      scale(move, {step, index}, std::pow(ratio, kStep));
    }
    return move;
  }

  /// The best moves on their own, and what they change put together one after the other.
  static std::vector<Values> join(const Values& from, const std::vector<Variant>& gains) {
    constexpr std::size_t kJoined = 8;
    std::vector<Values> joined;
    Values together = from;
    for (const auto& gain : gains) {
      if (joined.size() >= kJoined) break;
      for (std::size_t step = 0; step < from.size(); ++step) {
        for (std::size_t i = 0; i < from[step].size(); ++i) {
          const bool free = together[step][i] == from[step][i];
          if (free && gain.values[step][i] != from[step][i]) together[step][i] = gain.values[step][i];
        }
      }
      joined.push_back(gain.values);
      if (together != gain.values) joined.push_back(together);
    }
    return joined;
  }

  TrialRunner& runner_;
  const Chain& chain_;
  const std::vector<std::vector<Constant>>& constants_;
  const std::vector<core::Specification>& specs_;
  const TrialScorer& scorer_;
  const TrialSetting& setting_;
  const base::CancelToken& cancel_;
  int random_moves_;
  std::vector<Variant> good_;  ///< the best ones measured, in order
  std::mt19937_64 random_;
  int trials_done_ = 0;
};

}  // namespace

CalibrationResult calibrate(TrialRunner& runner, const Chain& chain,
                            const std::vector<std::vector<Constant>>& constants,
                            const std::vector<core::Specification>& specs, const TrialScorer& scorer,
                            const TrialSetting& setting, const CalibrationOptions& options,
                            const base::CancelToken& cancel) {
  CalibrationResult result{chain, {}, 0};
  const auto places = places_of(constants, options.max_constants);
  if (!chain.score.valid || places.empty()) return result;
  const int random_moves = std::min(options.random_moves, 6 * static_cast<int>(places.size()));
  Search search(runner, chain, constants, specs, scorer, setting, random_moves, cancel);
  Variant best;
  best.objective = chain.score.objective;
  for (const auto& step : constants) {
    best.values.emplace_back();
    for (const auto& constant : step) best.values.back().push_back(constant.value);
  }
  const Values before = best.values;
  if (!options.start.empty()) best.values = options.start;
  TrialScore score = chain.score;
  constexpr std::array kWidths = {4.0, 20.0, 2.5, 2.0, 1.5, 1.25};  // largest factor of a round
  const auto start = std::chrono::steady_clock::now();
  int without_gain = 0;
  for (std::size_t round = 0; round < static_cast<std::size_t>(options.rounds); ++round) {
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    const bool tired = without_gain >= (score.safe ? 2 : static_cast<int>(kWidths.size()));
    if (tired || best.objective >= options.enough || spent.count() > options.limit_s) break;
    without_gain = search.round(best, score, places, kWidths[round % kWidths.size()]) ? 0 : without_gain + 1;
    if (!setting.note) continue;
    setting.note("calibration round " + std::to_string(round + 1) + ": " + std::to_string(search.trials_done()) +
                 " trials, " + score.summary);
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
