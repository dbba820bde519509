#include "gpiot/pipeline/app_files.h"

#include <fmt/format.h>

#include "gpiot/base/files.h"
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

std::string one_line(std::string_view text) {
  return base::replace_all(base::replace_all(base::trim(text), "\n", " "), "\"\"\"", "'''");
}

std::string main_py(const AppParts& parts) {
  const auto& result = parts.requirement.result.variable;
  std::string imports;
  std::string body;
  for (const auto& spec : parts.specs) {
    const auto& id = spec.subtask.identifier;
    imports += fmt::format("from {0} import {0}\n", id);
    body += fmt::format("    # {}\n    {} = {}({})\n", one_line(spec.subtask.name), names(spec.outputs), id,
                        names(spec.inputs));
  }
  return fmt::format(R"("""{title}

Reads every record of the data view in --data and writes {result} per record to --out as JSON Lines.
"""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

{imports}from records import load_facts, read_record, write_result


def process({inputs}):
    """The chain of sub-tasks for one record; returns {result}."""
{body}    return {result}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder with records.json and test/")
    parser.add_argument("--out", required=True, help="result file to write")
    arguments = parser.parse_args()
    facts = load_facts(arguments.data)
    results = {{}}
    for record in facts["records"]:
        values = read_record(arguments.data, facts, record)
        results[record] = process({given})
    write_result(arguments.out, "{result}", results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
)",
                     fmt::arg("title", one_line(parts.requirement.title)), fmt::arg("result", result.name),
                     fmt::arg("imports", imports), fmt::arg("inputs", names(parts.requirement.data.inputs)),
                     fmt::arg("body", body), fmt::arg("given", [&] {
                       std::vector<std::string> list;
                       for (const auto& v : parts.requirement.data.inputs) list.push_back("values[\"" + v.name + "\"]");
                       return base::join(list, ", ");
                     }()));
}

std::string python_literal(const Json& value) {
  // JSON and Python differ in true, false and null, none of which our variables hold.
  return base::dump_json(value);
}

std::string test_py(const AppParts& parts) {
  Json inputs = Json::array();
  for (const auto& variable : parts.requirement.data.inputs) inputs.push_back(to_json(variable));
  return fmt::format(
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


def test_result_is_increasing_indices_within_the_record():
    for seed in (1, 2, 3):
        values = make_inputs(seed)
        result = np.asarray(process(*values))
        assert result.ndim == 1
        assert (result == np.round(result)).all()
        assert (np.diff(result) > 0).all()
        assert result.size == 0 or (result[0] >= 0 and result[-1] < len(values[0]))


def test_same_input_gives_same_result():
    assert np.array_equal(process(*make_inputs(1)), process(*make_inputs(1)))
)",
      fmt::arg("inputs", python_literal(inputs)));
}

std::string variable_line(const core::Variable& v) {
  std::vector<std::string> facts = {v.type};
  for (const auto* part : {&v.dtype, &v.shape, &v.unit}) {
    if (!part->empty()) facts.push_back(*part);
  }
  return fmt::format("- `{}` ({}): {}\n", v.name, base::join(facts, ", "), one_line(v.description));
}

std::string readme(const AppParts& parts) {
  std::string text = fmt::format(
      "# {}\n\n{}\n\n## Use\n\n```sh\npip install -r requirements.txt\n"
      "python main.py --data VIEW --out result.jsonl\npython -m pytest tests\n```\n\n"
      "`VIEW` is a folder with `records.json` and `test/`; the result has one line per "
      "record with `{}`.\n\n## Steps\n",
      one_line(parts.requirement.title), base::trim(parts.requirement.statement),
      parts.requirement.result.variable.name);
  for (std::size_t i = 0; i < parts.specs.size(); ++i) {
    const auto& spec = parts.specs[i];
    text += fmt::format("\n### {}. {}\n\n`{}`: {}\n\nInput:\n", i + 1, one_line(spec.subtask.name), module_file(spec),
                        one_line(spec.target));
    for (const auto& v : spec.inputs) text += variable_line(v);
    text += "\nOutput:\n";
    for (const auto& v : spec.outputs) text += variable_line(v);
    const auto documentation = base::trim(parts.programs[i].documentation);
    if (!documentation.empty()) text += "\n" + documentation + "\n";
  }
  return text;
}

std::string requirements_txt(const core::Requirement& requirement) {
  std::string text = "numpy\n";
  for (const auto& package : requirement.packages) {
    if (package == "numpy") continue;
    text += (package == "sklearn" ? "scikit-learn" : package == "pywt" ? "PyWavelets" : package) + "\n";
  }
  if (requirement.data.format == "wfdb") text += "wfdb\n";
  return text;
}

}  // namespace

std::string module_file(const core::Specification& spec) { return spec.subtask.identifier + ".py"; }

std::map<std::string, std::string> make_app_files(const AppParts& parts, const std::filesystem::path& runtime) {
  std::map<std::string, std::string> files;
  files["main.py"] = main_py(parts);
  files["records.py"] = base::read_file(runtime / "records.py", "pipeline.assemble");
  files["requirements.txt"] = requirements_txt(parts.requirement);
  files["README.md"] = readme(parts);
  files["tests/test_app.py"] = test_py(parts);
  files["tests/fixture.py"] = base::read_file(runtime / "fixture.py", "pipeline.assemble");
  for (std::size_t i = 0; i < parts.specs.size(); ++i) {
    files[module_file(parts.specs[i])] = base::trim(parts.programs[i].code) + "\n";
  }
  return files;
}

}  // namespace gpiot::pipeline
