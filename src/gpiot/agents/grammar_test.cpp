#include "gpiot/agents/grammar.h"

#include <gtest/gtest.h>

namespace gpiot::agents {
namespace {

TEST(Grammar, LiteralsAreEscaped) {
  EXPECT_EQ(gbnf_literal("a\"b\\\n"), R"("a\"b\\\n")");
  const std::vector<std::string> texts = {"a", "b"};
  EXPECT_EQ(gbnf_choice(texts), R"("a" | "b")");
}

TEST(Grammar, SubtasksAreNumberedAndBounded) {
  const auto grammar = subtasks_grammar(4);
  EXPECT_NE(
      grammar.find("root ::= task1 steps \"\\n\\n\" task2 steps \"\\n\\n\" task3 steps (\"\\n\\n\" task4 steps)?\n"),
      std::string::npos);
  EXPECT_EQ(grammar.find("task5"), std::string::npos);
}

TEST(Grammar, InterfacesOfferOnlyWhatExists) {
  IoChoices choices{.forced_inputs = {"flat"},
                    .optional_inputs = {"level"},
                    .last_inputs = {"rate_hz"},
                    .dims = {"n_samples"},
                    .units = {"V"},
                    .forced_outputs = {}};
  const auto grammar = io_grammar(choices);
  EXPECT_NE(grammar.find(R"(inputs ::= "`flat`" (", `level`")? ", `rate_hz`")"), std::string::npos);
  EXPECT_NE(grammar.find(R"(unit ::= "V" | "no unit")"), std::string::npos);
  choices.forced_outputs = {{"events", "numpy.ndarray", "int64", "(n_events,)", "samples", "indices"}};
  EXPECT_NE(io_grammar(choices).find("`events` (numpy.ndarray, int64, (n_events,), samples): indices"),
            std::string::npos);
}

TEST(Grammar, AnInterfaceKeepsTheFormThatTheStepsName) {
  IoChoices choices{.forced_inputs = {"flat"},
                    .optional_inputs = {},
                    .last_inputs = {},
                    .dims = {"n_samples", "30"},
                    .units = {"V"},
                    .form = output_form(
                        {"Mark",
                         "mark",
                         {"Take its size, one value for every sample.", "Mark it, one truth value for every packet."}}),
                    .forced_outputs = {}};
  EXPECT_NE(io_grammar(choices).find("type ::= \"numpy.ndarray, bool, (\" dim \",), no unit\"\n"), std::string::npos);
  EXPECT_EQ(io_grammar(choices).find("shape ::="), std::string::npos);
  choices.form = output_form({"Filter", "filter", {"Return it, one row for every sample."}});
  EXPECT_NE(io_grammar(choices).find("float64, (\" dim \", \" dim \")"), std::string::npos);
  EXPECT_EQ(output_form({"Find", "find", {"Find the peaks."}}), OutputForm::Any);
}

TEST(Grammar, ProgramsHaveTheSignatureAndAllowedImports) {
  core::Specification spec;
  spec.subtask.identifier = "flatten";
  spec.inputs = {{"level", "numpy.ndarray", "float64", "(n_samples,)", "V", ""},
                 {"rate_hz", "float", "", "", "Hz", ""}};
  const std::vector<std::string> packages = {"numpy"};
  const auto grammar = program_grammar(spec, packages);
  EXPECT_NE(grammar.find("def flatten(level, rate_hz\""), std::string::npos);
  EXPECT_EQ(grammar.find("scipy"), std::string::npos);
}

TEST(Grammar, ParsersHaveNoParametersOfTheirOwn) {
  core::Specification spec;
  spec.subtask.identifier = "read_line";
  spec.inputs = {{"line", "str", "", "", "", ""}};
  spec.outputs = {{"depth", "float", "", "", "m", ""}};
  EXPECT_NE(parser_grammar(spec).find("(\"import math\\n\\n\\n\")? \"def read_line(line):\\n\" statement"),
            std::string::npos)
      << parser_grammar(spec);
  EXPECT_EQ(parser_grammar(spec).find("parameter"), std::string::npos);
  spec.outputs = {{"starts", "numpy.ndarray", "int64", "(n_events,)", "samples", ""}};
  EXPECT_NE(parser_grammar(spec).find("\"import numpy as np"), std::string::npos);
}

TEST(Grammar, OfKnownPackagesTheMembersOfAModuleAloneAreImported) {
  const std::vector<std::string> packages = {"scipy", "pywt"};
  const auto grammar =
      program_grammar({}, packages, "## user\nscipy: signal\nscipy.signal: butter welch\nsklearn.svm: SVC\n");
  const auto holds = [&](std::string_view text) { return grammar.find(text) != std::string::npos; };
  EXPECT_TRUE(
      holds(R"("from scipy" (" import " scipy0 (", " scipy0){0,5} | ".signal import " scipy1 (", " scipy1){0,5}))"))
      << grammar;
  EXPECT_TRUE(holds("scipy0 ::= \"signal\"\nscipy1 ::= \"butter\" | \"welch\"\n"));
  EXPECT_TRUE(holds(R"("from pywt" (("." module)? " import " module (", " module){0,5}))")) << "of others any name";
  EXPECT_FALSE(holds("SVC")) << "only of the packages that are allowed";
}

}  // namespace
}  // namespace gpiot::agents
