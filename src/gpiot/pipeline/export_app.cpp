#include "gpiot/pipeline/export_app.h"

#include <fmt/format.h>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"
#include "gpiot/pipeline/app_files.h"
#include "gpiot/pipeline/candidate_store.h"
#include "gpiot/pipeline/part_data.h"

namespace gpiot::pipeline {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;
using base::Json;

constexpr std::string_view kWhere = "pipeline.export";
constexpr std::size_t kNameBytes = 40;

std::string app_name(const Workbench& bench) {
  return base::replace_all(base::to_identifier(bench.requirement.title, kNameBytes), "_", "-");
}

void add(Json& cells, const char* kind, const std::string& source) {
  cells.push_back({{"kind", kind}, {"source", base::trim(source)}, {"outputs", Json::array()}});
}

/// What the last cells do with the functions: one record for a chain, all items for a learner.
std::string run_cell(const Workbench& bench, const std::vector<core::Specification>& specs) {
  const auto& result = bench.requirement.result;
  if (result.learned) {
    return fmt::format(
        "learning, asked = Table(DATA, facts, \"train\"), Table(DATA, facts)\n"
        "train_features = np.array([vector(facts, learning.record(i)) for i in range(len(learning))])\n"
        "features = np.array([vector(facts, asked.record(i)) for i in range(len(asked))])\n"
        "answers = call_learner({}, train_features, learning.labels(), features)\n"
        "print(train_features.shape, features.shape)\nanswers[:10]",
        specs.back().subtask.identifier);
  }
  const std::string values = core::is_table(bench.requirement)
                                 ? "values = Table(DATA, facts).record(0)\n"
                                 : "values = read_record(DATA, facts, facts[\"records\"][0])\n";
  return values + fmt::format("{0} = process(**values)\n{0}", result.variable.name);
}

Json notebook_cells(const Workbench& bench, const std::vector<core::Specification>& specs) {
  const auto app = bench.project / "app";
  Json cells = Json::array();
  add(cells, "markdown", base::read_file(app / "README.md", kWhere));
  for (const auto& spec : specs) {
    add(cells, "markdown", fmt::format("## {}\n\n{}", spec.subtask.name, spec.target));
    add(cells, "code", base::read_file(app / module_file(spec), kWhere));
  }
  add(cells, "markdown", "## A run\n\nOn the development view of the project; `GPIOT_DATA` names another one.");
  add(cells, "code",
      fmt::format("import os\nimport sys\n\nimport numpy as np\n\nsys.path.insert(0, os.getcwd())\n"
                  "from main import *  # the chain: process()\n{}\n"
                  "DATA = os.environ.get(\"GPIOT_DATA\", \"../.gpiot/views/development\")\n"
                  "facts = load_facts(DATA)\nprint(len(facts[\"records\"]), \"records, the first is\", "
                  "facts[\"records\"][0])",
                  core::is_table(bench.requirement) ? "from records import Table" : "from records import read_record"));
  add(cells, "code", run_cell(bench, specs));
  return cells;
}

/// Runs the code cells in the sandbox and puts their outputs into `cells`.
void run_cells(const Workbench& bench, Json& cells) {
  Json codes = Json::array();
  for (const auto& cell : cells) {
    if (cell["kind"] == "code") codes.push_back(cell["source"]);
  }
  const auto data = make_part(bench, Part::Development);
  core::RunRequest request;
  request.arguments = {"-c",
                       "import os, runpy, sys; os.environ['GPIOT_DATA'] = '/data'; os.chdir('/app/app'); "
                       "sys.argv = ['run_cells', '--out', '/out/outputs.json']; "
                       "runpy.run_path('/app/runtime/run_cells.py', run_name='__main__')"};
  request.mounts = {{bench.runtime, "/app/runtime"}, {bench.project / "app", "/app/app"}, {data.view, "/data"}};
  request.stdin_text = base::dump_json({{"cells", codes}});
  request.collect = {"outputs.json"};
  const auto outcome = bench.runner->run(request, bench.cancel);
  bench.cancel.throw_if_cancelled(kWhere);
  const auto text = outcome.files.find("outputs.json");
  if (!outcome.ok() || text == outcome.files.end()) {
    throw Error(ErrorCode::Check, kWhere,
                fmt::format("the cells of the notebook gave no output: {}, exit {}: {}", core::name(outcome.ending),
                            outcome.exit_code, base::printable(base::trim(outcome.stderr_text)).substr(0, 300)));
  }
  const Json outputs = base::parse_json(text->second, kWhere, "outputs.json").value("outputs", Json::array());
  std::size_t next = 0;
  for (auto& cell : cells) {
    if (cell["kind"] != "code" || next >= outputs.size()) continue;
    cell["outputs"] = outputs[next++];
    for (const auto& output : cell["outputs"]) {
      if (output.value("output_type", "") != "error") continue;
      throw Error(ErrorCode::Check, kWhere,
                  fmt::format("cell {} of the notebook fails: {}: {}", next, base::printable(output.value("ename", "")),
                              base::printable(output.value("evalue", "")).substr(0, 300)),
                  "see that 'gpiot run' works on this project first");
    }
  }
}

std::string dockerfile(const Workbench& bench) {
  return fmt::format(
      "# docker build -t {0} app && docker run --rm --network none -v DATA:/data:ro -v OUT:/out {0}\n"
      "FROM python:3.11-slim\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install --no-cache-dir -r "
      "requirements.txt\n"
      "COPY . .\nUSER nobody\nENTRYPOINT [\"python\", \"main.py\"]\n"
      "CMD [\"--data\", \"/data\", \"--out\", \"/out/result.jsonl\"]\n",
      app_name(bench));
}

std::string service(const Workbench& bench) {
  const auto& budget = bench.requirement.budget;
  const auto memory = budget.memory_mb ? fmt::format("MemoryMax={:.0f}M\n", *budget.memory_mb) : "";
  const auto name = app_name(bench);
  return fmt::format(
      "# Put app/ to /opt/{0}, a Python with requirements.txt to /opt/{0}/venv, records to /srv/{0};\n"
      "# then copy this file and the timer to /etc/systemd/system and: systemctl enable --now {0}.timer\n"
      "[Unit]\nDescription={1}\n\n[Service]\nType=oneshot\nDynamicUser=yes\nStateDirectory={0}\n"
      "ExecStart=/opt/{0}/venv/bin/python -I -B /opt/{0}/main.py --data /srv/{0} --out /var/lib/{0}/result.jsonl\n{2}"
      "ProtectSystem=strict\nProtectHome=yes\nPrivateNetwork=yes\nPrivateTmp=yes\nPrivateDevices=yes\n"
      "NoNewPrivileges=yes\nCapabilityBoundingSet=\nRestrictAddressFamilies=none\nMemoryDenyWriteExecute=no\n"
      "SystemCallFilter=@system-service\n",
      name, base::replace_all(bench.requirement.title, "\n", " "), memory);
}

std::string timer(const Workbench& bench) {
  return fmt::format(
      "[Unit]\nDescription=Runs {0} every hour\n\n[Timer]\nOnCalendar=hourly\nPersistent=yes\n\n"
      "[Install]\nWantedBy=timers.target\n",
      app_name(bench));
}

}  // namespace

bool is_exported(const fs::path& file) {
  const auto name = file.filename();
  const auto kind = file.extension();
  return name == "Dockerfile" || name == ".dockerignore" || kind == ".ipynb" || kind == ".service" || kind == ".timer";
}

Json make_notebook(const Json& cells) {
  Json notebook = {{"nbformat", 4},
                   {"nbformat_minor", 5},
                   {"metadata",
                    {{"kernelspec", {{"name", "python3"}, {"display_name", "Python 3"}, {"language", "python"}}},
                     {"language_info", {{"name", "python"}}}}},
                   {"cells", Json::array()}};
  int count = 0;
  for (const auto& cell : cells) {
    const bool code = cell.at("kind") == "code";
    Json made = {{"id", fmt::format("cell-{}", notebook["cells"].size() + 1)},
                 {"cell_type", cell.at("kind")},
                 {"metadata", Json::object()},
                 {"source", cell.at("source")}};
    if (code) made["execution_count"] = ++count;
    if (code) made["outputs"] = cell.at("outputs");
    notebook["cells"].push_back(std::move(made));
  }
  return notebook;
}

std::vector<std::string> export_app(Workbench& bench, const ExportWishes& wishes) {
  if (!wishes.notebook && !wishes.docker && !wishes.systemd) {
    throw Error(ErrorCode::InvalidArgument, kWhere, "nothing to export: expected --ipynb, --docker or --systemd");
  }
  if (!fs::exists(bench.project / "app" / "main.py")) {
    throw Error(ErrorCode::NotFound, kWhere, "there is no app/ to export in " + bench.project.string(),
                "run 'gpiot synthesize' first");
  }
  std::vector<std::pair<std::string, std::string>> files;
  std::string specs_sha256;
  const auto specs = load_specs(bench, &specs_sha256);
  if (wishes.notebook) {
    bench.say("export", "start", "running the cells of the notebook in the sandbox");
    auto cells = notebook_cells(bench, specs);
    run_cells(bench, cells);
    files.emplace_back("app/app.ipynb", base::dump_json(make_notebook(cells), 1) + "\n");
  }
  if (wishes.docker) {
    files.emplace_back("app/Dockerfile", dockerfile(bench));
    files.emplace_back("app/.dockerignore", "tests\n*.ipynb\n*.service\n*.timer\n__pycache__\n");
  }
  if (wishes.systemd) {
    files.emplace_back("app/" + app_name(bench) + ".service", service(bench));
    files.emplace_back("app/" + app_name(bench) + ".timer", timer(bench));
  }
  std::vector<std::string> written;
  for (const auto& [file, content] : files) {
    written.push_back(bench.state.write_generated(file, content, "export", specs_sha256).file);
  }
  return written;
}

}  // namespace gpiot::pipeline
