#include "gpiot/agents/chain_check.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace gpiot::agents {
namespace {

using Kind = ChainProblemKind;

core::Requirement requirement() {
  core::Requirement r;
  r.data.inputs = {{"level", "numpy.ndarray", "float64", "(n_samples,)", "V", ""},
                   {"rate_hz", "float", "", "", "Hz", "sampling rate"}};
  r.result.variable = {"events", "numpy.ndarray", "int64", "(n_events,)", "samples", ""};
  return r;
}

std::vector<core::Specification> chain() {
  const auto r = requirement();
  const core::Variable flat{"flat", "numpy.ndarray", "float64", "(n_samples,)", "V", ""};
  return {{{"Flatten", "flatten", {}}, "Removes drift.", {r.data.inputs[0], r.data.inputs[1]}, {flat}},
          {{"Select", "select", {}}, "Selects.", {flat}, {r.result.variable}}};
}

std::vector<Kind> kinds(const std::vector<core::Specification>& specs) {
  std::vector<Kind> list;
  for (const auto& problem : check_chain(requirement(), specs)) list.push_back(problem.kind);
  return list;
}

bool has(const std::vector<core::Specification>& specs, Kind kind) {
  const auto list = kinds(specs);
  return std::find(list.begin(), list.end(), kind) != list.end();
}

TEST(CheckChain, AcceptsAChainThatFits) { EXPECT_TRUE(kinds(chain()).empty()); }

TEST(CheckChain, FindsEachKindAndMendsIt) {
  const auto broken = [](auto change) {
    auto specs = chain();
    change(specs);
    return specs;
  };
  const std::vector<std::pair<Kind, std::vector<core::Specification>>> cases = {
      {Kind::UnknownInput, broken([](auto& s) { s[1].inputs[0].name = "smooth"; })},
      {Kind::TypeMismatch, broken([](auto& s) { s[1].inputs[0].dtype = "int64"; })},
      {Kind::ShapeMismatch, broken([](auto& s) { s[1].inputs[0].shape = "(n_events,)"; })},
      {Kind::UnitMismatch, broken([](auto& s) { s[1].inputs[0].unit = "mV"; })},
      {Kind::DuplicateOutput, broken([](auto& s) {
         s[0].outputs[0].name = "level";
         s[1].inputs[0].name = "level";
       })},
      {Kind::MissingResult, broken([](auto& s) { s[1].outputs[0].name = "found"; })},
      {Kind::MissingResult, broken([](auto& s) { s[1].outputs[0].shape = "(n_samples,)"; })},
      {Kind::BadIdentifier, broken([](auto& s) {
         s[0].outputs[0].name = "for";
         s[1].inputs[0].name = "for";
       })},
      {Kind::BadIdentifier, broken([](auto& s) { s[1].subtask.identifier = "flatten"; })},
      {Kind::RateMissing, broken([](auto& s) { s[1].target = "Joins those within 0.2 s, a window."; })}};
  for (const auto& [kind, specs] : cases) {
    EXPECT_TRUE(has(specs, kind)) << name(kind);
    auto mended = specs;
    EXPECT_FALSE(mend_chain(requirement(), mended).empty()) << name(kind);
    EXPECT_TRUE(kinds(mended).empty()) << name(kind) << " is left as "
                                       << (kinds(mended).empty() ? "" : name(kinds(mended)[0]));
  }
}

TEST(CheckChain, WarnsOfUnusedValues) {
  auto specs = chain();
  specs[0].outputs.push_back({"spare", "float", "", "", "", ""});
  specs[0].inputs.pop_back();
  const auto problems = check_chain(requirement(), specs);
  ASSERT_EQ(problems.size(), 2U);
  for (const auto& problem : problems) EXPECT_TRUE(is_warning(problem));
  EXPECT_TRUE(has(specs, Kind::UnusedOutput));
  EXPECT_TRUE(has(specs, Kind::UnusedInput));
}

TEST(CheckChain, AChainOfNothingHasNoResult) {
  std::vector<core::Specification> none;
  EXPECT_EQ(check_chain(requirement(), none).at(0).kind, Kind::MissingResult);
  EXPECT_TRUE(mend_chain(requirement(), none).empty());
}

TEST(Identifiers, AreThoseOfPython) {
  for (const auto* good : {"a", "_a", "rate_hz", "A1", "x__y"}) EXPECT_TRUE(is_identifier(good)) << good;
  for (const auto* bad : {"", "1a", "a-b", "for", "class", "a b"}) EXPECT_FALSE(is_identifier(bad)) << bad;
}

}  // namespace
}  // namespace gpiot::agents
