#include "gpiot/pipeline/app_files.h"

#include <fmt/format.h>

#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"
#include "gpiot/eval/data_view.h"
#include "gpiot/pipeline/app_main.h"

namespace gpiot::pipeline {
namespace {

std::string variable_line(const core::Variable& v) {
  std::vector<std::string> facts = {v.type};
  for (const auto* part : {&v.dtype, &v.shape, &v.unit}) {
    if (!part->empty()) facts.push_back(*part);
  }
  return fmt::format("- `{}` ({}): {}\n", v.name, base::join(facts, ", "), one_line(v.description));
}

/// What FOLDER is.
std::string what_it_takes(const core::Requirement& requirement) {
  const std::string view =
      "a view: `records.json` and `test/`, whose form `records.py` describes; `.gpiot/views/` of the project has those "
      "that were measured.";
  if (takes_recordings(requirement)) {
    return fmt::format(
        "`FOLDER` holds new recordings: files like `{}`, as those of the project (`facts.json` says what is "
        "read from them). It may also be {}",
        one_line(requirement.data.files), view);
  }
  if (!requirement.result.learned) return "`FOLDER` is " + view;
  return "`FOLDER` is " + view + " The labelled items in its `train/` are learned from anew with every call.";
}

std::string readme(const AppParts& parts) {
  std::string text = fmt::format(
      "# {}\n\n{}\n\n## Use\n\n```sh\npython3 -m venv .venv\n"
      ".venv/bin/pip install -r requirements.txt pytest\n.venv/bin/python main.py --data FOLDER --out result.jsonl\n"
      ".venv/bin/python -m pytest tests\n```\n\n"
      "{} The result has one line per record with `{}`.\n\n"
      "## Steps\n",
      one_line(parts.requirement.title), base::trim(parts.requirement.statement), what_it_takes(parts.requirement),
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
  if (requirement.data.format == "wfdb" && !core::is_table(requirement)) text += "wfdb\n";
  return text;
}

}  // namespace

std::string module_file(const core::Specification& spec) { return spec.subtask.identifier + ".py"; }

std::map<std::string, std::string> make_app_files(const AppParts& parts, const std::filesystem::path& runtime) {
  std::map<std::string, std::string> files;
  files["main.py"] = main_py(parts);
  files["records.py"] = base::read_file(runtime / "records.py", "pipeline.assemble");
  if (parts.requirement.result.learned)
    files["learner.py"] = base::read_file(runtime / "learner.py", "pipeline.assemble");
  if (takes_recordings(parts.requirement))
    files["facts.json"] = base::dump_json(eval::facts_of_recordings(parts.requirement), 1) + "\n";
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
