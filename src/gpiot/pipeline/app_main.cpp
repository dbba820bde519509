#include "gpiot/pipeline/app_main.h"

#include <fmt/format.h>

#include "gpiot/base/strings.h"
#include "gpiot/pipeline/trial_runner.h"

namespace gpiot::pipeline {
namespace {

using base::Json;

std::string names(const std::vector<core::Variable>& variables) {
  std::vector<std::string> list;
  for (const auto& variable : variables) list.push_back(variable.name);
  return base::join(list, ", ");
}

/// The calls of the sub-tasks up to `count`, one line each with its name above.
std::string calls(const AppParts& parts, std::size_t count) {
  std::string body;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& spec = parts.specs[i];
    body += fmt::format("    # {}\n    {} = {}({})\n", one_line(spec.subtask.name), names(spec.outputs),
                        spec.subtask.identifier, names(spec.inputs));
  }
  return body;
}

constexpr std::string_view kHead = R"("""{title}

Reads every record of the data view in --data and writes {result} per record to --out as JSON Lines.
"""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

{imports}

def process({inputs}):
    """The chain of sub-tasks for one record; returns {returned}."""
{body}    return {returned}

{vector}
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="{data_help}")
    parser.add_argument("--out", required=True, help="result file to write")
    arguments = parser.parse_args()
    facts = load_facts(arguments.data)
{answer}    write_result(arguments.out, "{result}", results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
)";

/// In a learned program, between the chain and the learner.
constexpr const char* kVector = R"(
def vector(facts, values):
    """The features of one record, after its readings where it is a set of them."""
    return features_of(process(**values), readings_of(facts, values))

)";

/// How main() gets from the facts of the view to `results`.
std::string answer(const AppParts& parts) {
  const auto& requirement = parts.requirement;
  if (requirement.result.learned) {
    return fmt::format(R"(    learning, asked = Table(arguments.data, facts, "train"), Table(arguments.data, facts)
    train_features = np.array([vector(facts, learning.record(i)) for i in range(len(learning))])
    features = np.array([vector(facts, asked.record(i)) for i in range(len(asked))])
    # {0}
    answers = call_learner({1}, train_features, learning.labels(), features)
    results = dict(zip(facts["records"], answers))
)",
                       one_line(parts.specs.back().subtask.name), parts.specs.back().subtask.identifier);
  }
  if (core::is_table(requirement)) {
    return R"(    table = Table(arguments.data, facts)
    results = {record: process(**table.record(i)) for i, record in enumerate(facts["records"])}
)";
  }
  std::vector<std::string> given;
  for (const auto& v : requirement.data.inputs) given.push_back("values[\"" + v.name + "\"]");
  return fmt::format(R"(    results = {{}}
    for record in facts["records"]:
        values = read_record(arguments.data, facts, record)
        results[record] = process({})
)",
                     base::join(given, ", "));
}

std::string imports(const AppParts& parts) {
  std::string text = parts.requirement.result.learned ? "import numpy as np\n\n" : "";
  for (const auto& spec : parts.specs) text += fmt::format("from {0} import {0}\n", spec.subtask.identifier);
  if (parts.requirement.result.learned) {
    return text +
           "from learner import call_learner, features_of, readings_of\nfrom records import Table, load_facts, "
           "write_result\n";
  }
  if (core::is_table(parts.requirement)) return text + "from records import Table, load_facts, write_result\n";
  return text + "from records import load_facts, read_record, write_result\n";
}

constexpr std::string_view kTestHead =
    R"("""Checks that need no data: the chain runs on a seeded synthetic record and keeps its contract."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import numpy as np

from fixture import make_value
from main import process

INPUTS = {inputs}


def make_inputs(seed):
    rng = np.random.default_rng(seed)
    return [make_value(variable, rng) for variable in INPUTS]

{checks}

def test_same_input_gives_same_result():
    assert np.array_equal(process(*make_inputs(1)), process(*make_inputs(1)))
)";

constexpr std::string_view kEventChecks = R"(
def test_result_is_increasing_indices_within_the_record():
    for seed in (1, 2, 3):
        values = make_inputs(seed)
        result = np.asarray(process(*values))
        assert result.ndim == 1
        assert (result == np.round(result)).all()
        assert (np.diff(result) > 0).all()
        assert result.size == 0 or (result[0] >= 0 and result[-1] < len(values[0]))
)";

constexpr std::string_view kValueChecks = R"(
def test_result_is_one_finite_number():
    for seed in (1, 2, 3):
        assert np.isfinite(float(process(*make_inputs(seed))))
)";

constexpr std::string_view kClassChecks = R"(
def test_result_is_one_label():
    for seed in (1, 2, 3):
        assert isinstance(process(*make_inputs(seed)), str)
)";

constexpr std::string_view kPositionChecks = R"(
def test_result_is_one_position():
    for seed in (1, 2, 3):
        position = np.asarray(process(*make_inputs(seed)), dtype=float)
        assert position.shape == {shape}
        assert np.isfinite(position).all()
)";

constexpr std::string_view kLearnerChecks = R"(
def test_features_are_a_vector_of_one_length():
    lengths = {features_of(process(*make_inputs(seed))).size for seed in (1, 2, 3)}
    assert len(lengths) == 1


def test_the_learner_tells_two_clear_groups_apart():
    train_features, train_labels, features = make_learner_values(LEARNER_INPUTS, np.random.default_rng(1))
    answers = call_learner(LEARNER, train_features, train_labels, features)
    assert len(answers) == len(features) and len(set(answers)) > 1
)";

}  // namespace

std::string one_line(std::string_view text) {
  return base::replace_all(base::replace_all(base::trim(text), "\n", " "), "\"\"\"", "'''");
}

bool takes_recordings(const core::Requirement& requirement) {
  return !core::is_table(requirement) && !requirement.result.learned;
}

std::string main_py(const AppParts& parts) {
  const bool learned = parts.requirement.result.learned;
  const auto steps = parts.specs.size() - (learned ? 1 : 0);
  const auto& returned = learned ? parts.specs[steps - 1].outputs.front().name : parts.requirement.result.variable.name;
  return fmt::format(
      kHead, fmt::arg("title", one_line(parts.requirement.title)),
      fmt::arg("result", parts.requirement.result.variable.name), fmt::arg("imports", imports(parts)),
      fmt::arg("inputs", names(parts.requirement.data.inputs)), fmt::arg("returned", returned),
      fmt::arg("body", calls(parts, steps)), fmt::arg("vector", learned ? kVector : ""),
      fmt::arg("answer", answer(parts)),
      fmt::arg("data_help", takes_recordings(parts.requirement) ? "folder of recordings, or of records.json and test/"
                                                                : "folder with records.json and test/"));
}

std::string test_py(const AppParts& parts) {
  const auto variables = [](const std::vector<core::Variable>& list) {
    Json inputs = Json::array();
    for (const auto& variable : list) inputs.push_back(to_json(variable));
    // JSON and Python differ in true, false and null, none of which our variables hold.
    return base::dump_json(inputs);
  };
  const auto& result = parts.requirement.result;
  const auto position_checks = base::replace_all(std::string(kPositionChecks), "{shape}", result.variable.shape);
  const auto checks = result.learned              ? kLearnerChecks
                      : result.kind == "class"    ? kClassChecks
                      : result.kind == "value"    ? kValueChecks
                      : result.kind == "position" ? std::string_view(position_checks)
                                                  : kEventChecks;
  auto text =
      fmt::format(kTestHead, fmt::arg("inputs", variables(parts.requirement.data.inputs)), fmt::arg("checks", checks));
  if (!result.learned) return text;
  text = base::replace_all(text, "from fixture import make_value\n",
                           fmt::format("from fixture import make_learner_values, make_value\n"
                                       "from learner import call_learner, features_of\n"
                                       "from {0} import {0} as LEARNER\n",
                                       parts.specs.back().subtask.identifier));
  return base::replace_all(text, "\n\n\ndef make_inputs",
                           "\nLEARNER_INPUTS = " + variables(parts.specs.back().inputs) + "\n\n\ndef make_inputs");
}

}  // namespace gpiot::pipeline
