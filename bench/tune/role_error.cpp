// A trained role as libllama serves it against the step that trained it: the mean KL divergence of the next token over
// the answers of some records, beside that of the bare base. On a float copy of the file, where nothing is rounded; on
// the file itself, where libllama rounds activations, too; and by the step in bfloat16. See README.md.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "bench_main.h"
#include "difference.h"
#include "gpiot/base/error.h"
#include "gpiot/llm/derive.h"
#include "gpiot/llm/logits.h"
#include "gpiot/tune/checkpoint.h"
#include "gpiot/tune/device.h"
#include "gpiot/tune/records.h"
#include "gpiot/tune/step.h"
#include "gpiot/tune/tune_config.h"
#include "machine.h"

namespace {

namespace fs = std::filesystem;
using namespace gpiot::tune;
using gpiot::base::Json;
using gpiot::bench::Difference;

struct Arguments {
  std::string model, tuned, records, work;
  std::int64_t positions = 2000;
  int threads = 0;
};

/// What is compared: the documents of one role, its exported file (empty: the bare base), and what the step says.
struct Case {
  std::string name;
  fs::path file;
  const Adapters* adapters;
  std::vector<const Example*> documents;
};

Adapters trained(const fs::path& folder, const ModelShape& shape) {
  std::vector<std::string> skipped;
  const auto checkpoint = load_checkpoint(folder / "checkpoints", skipped);
  if (!checkpoint) {
    throw gpiot::base::Error(
        gpiot::base::ErrorCode::NotFound, "bench.roles",
        fmt::format("no checkpoint: got the folder {}, expected checkpoints in it", folder.string()),
        "give what `gpiot tune` wrote");
  }
  TuneConfig config = read_config(folder / "config.toml");
  Adapters adapters(shape, config.adapters, config.seed, at::kFloat, at::kCPU);
  const bool best = checkpoint->best.defined() && checkpoint->best.numel() > 0;
  adapters.values().copy_(best ? checkpoint->best : checkpoint->values);
  return adapters;
}

/// The first documents of a task with `positions` tokens of answers together.
std::vector<const Example*> some_of(const std::vector<Example>& all, Task task, std::int64_t positions) {
  std::vector<const Example*> chosen;
  for (const Example& example : all) {
    if (example.task != task) continue;
    if (positions <= 0) break;
    positions -= static_cast<std::int64_t>(example.tokens.size() - example.answer_start);
    chosen.push_back(&example);
  }
  return chosen;
}

at::Tensor served(const gpiot::llm::LlamaModel& model, const Case& one, const Example& document) {
  const std::vector<float> rows = gpiot::llm::logits_of(model, one.file, document.tokens, document.answer_start - 1);
  const at::Tensor all = at::tensor(rows, at::kFloat).view({-1, model.vocabulary_size()});
  return all.narrow(0, 0, all.size(0) - 1);
}

/// `form` by libllama ("f32 copy", "file"): the served logits are the truth of the user, the step's are compared.
Json compare(const gpiot::llm::LlamaModel& model, const BaseModel& base, const std::vector<Case>& cases,
             const std::string& form) {
  Json rows = Json::array();
  for (const Case& one : cases) {
    Difference difference;
    for (const Example* document : one.documents) {
      difference.add(served(model, one, *document),
                     batch_logits(base, one.adapters, pack({document}, false, at::kCPU)));
    }
    Json row = difference.json();
    row["of"] = one.name;
    row["form"] = form;
    rows.push_back(row);
    fmt::print(stderr, "{}\n", gpiot::base::dump_json(row));
  }
  return rows;
}

/// A folder of our own in --work, gone with the run: a float copy is large.
class Scratch {
 public:
  explicit Scratch(const fs::path& parent) : path_(parent / fmt::format("roles-{}", ::getpid())) {
    fs::create_directories(path_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

Json run(const Arguments& arguments) {
  use_threads(arguments.threads);
  const Scratch scratch(arguments.work);
  RecordSet set = read_records({arguments.records}, false);
  std::vector<Example> examples;
  {
    const gpiot::llm::LlamaModel vocabulary(arguments.model, {}, gpiot::llm::LlamaModel::Part::vocabulary);
    examples = tokenise(vocabulary, set, 2048, true);
  }
  const gpiot::llm::GgufWeights file(arguments.model);
  const Adapters adapters = trained(arguments.tuned, read_shape(file));
  std::vector<Case> cases;
  for (const Task task : kTasks) {
    const auto documents = some_of(examples, task, arguments.positions);
    const std::string name = task == Task::tdd ? "tdslm" : "cgslm";
    cases.push_back({"base, records of " + name, {}, nullptr, documents});
    // Without its manifest, which names the file that it was made for, and not the copy in float.
    const fs::path role = scratch.path() / (name + ".gguf");
    fs::copy_file(fs::path(arguments.tuned) / (name + ".gguf"), role);
    cases.push_back({name, role, &adapters, documents});
  }
  Json rows = Json::array();
  const auto add = [&](const gpiot::llm::LlamaModel& model, at::ScalarType type, const std::string& form) {
    const BaseModel base = load_base(file, {.type = type});
    for (const Json& row : compare(model, base, cases, form)) rows.push_back(row);
  };
  const fs::path copy = scratch.path() / "f32.gguf";
  gpiot::llm::derive_model(arguments.model, copy, "f32");
  {
    const gpiot::llm::LlamaModel model(copy);
    add(model, at::kFloat, "f32 copy, step in f32");
    add(model, at::kBFloat16, "f32 copy, step in bf16");
  }
  add(gpiot::llm::LlamaModel(arguments.model), at::kFloat, "file, step in f32");
  return {{"bench", "tune-roles"},
          {"commit", gpiot::bench::built_from().name()},
          {"machine", gpiot::bench::machine_name()},
          {"model", fs::path(arguments.model).filename().string()},
          {"rows", rows}};
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  arguments.work = fs::temp_directory_path().string();
  CLI::App app(
      "Example: gpiot-bench-tune-roles MODEL.gguf tuned examples/tiny-tune/records.jsonl\n\nTrained roles as libllama "
      "serves them against the step.");
  app.add_option("model", arguments.model, "the base of the training")->required();
  app.add_option("tuned", arguments.tuned, "what gpiot tune wrote, with its checkpoints")->required();
  app.add_option("records", arguments.records)->required();
  app.add_option("--positions", arguments.positions, "tokens of answers for each role")->capture_default_str();
  app.add_option("--work", arguments.work, "folder for a copy of the model in float")->capture_default_str();
  app.add_option("--threads", arguments.threads);
  CLI11_PARSE(app, argc, argv);
  return gpiot::bench::print_result([&] { return run(arguments); });
}
