#include "gpiot/pipeline/evolve.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "gpiot/pipeline/fake_runner.h"

namespace gpiot::pipeline {
namespace {

using base::Json;

/// A trial's result is the list of its codes.
FakeRunner telling_runner() {
  return FakeRunner([](const std::string&, const Json& job) {
    Json answers = Json::array();
    for (const auto& trial : job.at("trials")) {
      Json codes = Json::array();
      for (const auto& index : trial) codes.push_back(job.at("codes").at(index.get<std::size_t>()));
      answers.push_back({{"ok", true}, {"results", {{"codes", codes}}}});
    }
    return Json{{"answers", answers}};
  });
}

CheckedCandidate with_constant(const std::string& code, const std::string& label = "k") {
  CheckedCandidate c;
  c.code = code;
  c.report.ok = true;
  c.report.constants = {{1, 0, static_cast<int>(code.find(' ')), std::stod(code), false, label}};
  return c;
}

/// Highest where the first function is `b` with 20 and the second `d` with 0.3; the others reach half of it.
TrialScore nearness(const TrialBatch&, const TrialOutcome& outcome) {
  double objective = 0;
  const auto& codes = outcome.results.at("codes");
  for (const auto& [step, name, right] : {std::tuple{0U, "#b", 20.0}, std::tuple{1U, "#d", 0.3}}) {
    const auto code = codes.at(step).get<std::string>();
    const double near = std::exp(-std::abs(std::log(std::stod(code) / right)));
    objective += 0.5 * near * (code.ends_with(name) ? 1 : 0.5);
  }
  return {.valid = true, .objective = objective, .summary = "near", .safe = objective > 0.9};
}

const std::vector<std::vector<CheckedCandidate>> kCandidates = {{with_constant("5.0 #a"), with_constant("5.0 #b")},
                                                                {with_constant("1.0 #c"), with_constant("1.0 #d")}};

Chain as_written() { return {{0, 0}, {"5.0 #a", "1.0 #c"}, {.valid = true, .objective = 0.1, .summary = "start"}, {}}; }

TEST(Evolve, FindsFunctionsAndConstantsThatAreRightTogether) {
  auto fake = telling_runner();
  TrialRunner runner(fake, ".");
  const std::vector<core::Specification> specs(2);
  const auto found = evolve(runner, kCandidates, specs, nearness, {}, {.enough = 0.97}, as_written(), {});
  EXPECT_GT(found.chain.score.objective, 0.97);
  EXPECT_EQ(found.chain.picks, (std::vector<std::size_t>{1, 1}));
  EXPECT_NEAR(std::stod(found.chain.codes[0]), 20, 1.5);
  EXPECT_NEAR(std::stod(found.chain.codes[1]), 0.3, 0.03);
  ASSERT_EQ(found.changes.size(), 2U);
  EXPECT_EQ(found.changes[0].before, 5.0) << "what calibration changed is told from what was written";
  const auto again = evolve(runner, kCandidates, specs, nearness, {}, {.enough = 0.97}, as_written(), {});
  EXPECT_EQ(again.chain.codes, found.chain.codes) << "the same seed searches the same";
}

TEST(Evolve, LeavesNumbersThatHaveNoNameAlone) {
  auto fake = telling_runner();
  TrialRunner runner(fake, ".");
  const std::vector<std::vector<CheckedCandidate>> inner = {{with_constant("5.0 #a", "line 3")},
                                                            {with_constant("1.0 #d")}};
  const auto found =
      evolve(runner, inner, std::vector<core::Specification>(2), nearness, {}, {.first = 48}, as_written(), {});
  EXPECT_EQ(found.chain.codes[0], "5.0 #a");
}

TEST(Evolve, KeepsTheStartWhereNothingIsBetter) {
  auto fake = telling_runner();
  TrialRunner runner(fake, ".");
  const auto never = [](const TrialBatch&, const TrialOutcome&) {
    return TrialScore{false, -1, "breaks its contract"};
  };
  const auto found =
      evolve(runner, kCandidates, std::vector<core::Specification>(2), never, {}, {.patience = 1}, as_written(), {});
  EXPECT_EQ(found.chain.codes, as_written().codes);
  EXPECT_EQ(found.chain.score.summary, "start");
  EXPECT_TRUE(found.changes.empty());
}

}  // namespace
}  // namespace gpiot::pipeline
