// Steps of the trainer on given records, timed; and what a peer needs to do the very same: the adapters as they were at
// the start (PEFT's format), the documents of each step as tokens, and logits to compare. See README.md.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/json.h"
#include "gpiot/base/paths.h"
#include "gpiot/tune/device.h"
#include "gpiot/tune/estimate.h"
#include "gpiot/tune/export.h"
#include "gpiot/tune/optimizer.h"
#include "gpiot/tune/plan.h"
#include "gpiot/tune/records.h"
#include "gpiot/tune/safetensors.h"
#include "gpiot/tune/step.h"
#include "machine.h"

namespace {

namespace fs = std::filesystem;
using namespace gpiot::tune;
using gpiot::base::Json;

struct Arguments {
  std::string model, records, peer;
  std::vector<std::string> settings;
  int steps = 10;
  int threads = 0;
};

std::vector<StepPlan> steps_of(const std::vector<Example>& examples, const TuneConfig& config, int wanted) {
  std::vector<StepPlan> steps;
  const bool paired = config.adapters.projection == Projection::paired;
  for (int epoch = 0; static_cast<int>(steps.size()) < wanted; ++epoch) {
    for (StepPlan& step : plan_epoch(examples, config.batch_tokens, config.step_tokens, paired, config.seed, epoch)) {
      if (static_cast<int>(steps.size()) < wanted) steps.push_back(std::move(step));
    }
  }
  return steps;
}

/// What a peer reads: start/ (both roles for PEFT), steps.json, logits.safetensors of the first document.
void write_for_peer(const fs::path& folder, const BaseModel& model, const Adapters& adapters, const TuneConfig& config,
                    const std::vector<Example>& examples, const std::vector<StepPlan>& steps) {
  Json all = Json::array();
  for (const StepPlan& step : steps) {
    Json documents = Json::array();
    for (const auto& batch : step) {
      for (const std::size_t i : batch) {
        documents.push_back({{"tokens", examples[i].tokens}, {"answer_start", examples[i].answer_start},
                             {"task", kTaskNames[static_cast<std::size_t>(examples[i].task)]}});
      }
    }
    all.push_back(documents);
  }
  gpiot::base::write_file_atomic(folder / "steps.json", gpiot::base::dump_json(all), "bench.tune");
  for (const Task role : kTasks) {
    write_peft(folder / "start" / kTaskNames[static_cast<std::size_t>(role)], model.shape, adapters, role, config.base);
  }
  Example one = examples.front();
  one.answer_start = 1;
  SafeTensors logits;
  logits.tensors = {{"base", batch_logits(model, nullptr, pack({&one}, false, model.device())).to(at::kFloat)},
                    {"adapted", batch_logits(model, &adapters, pack({&one}, false, model.device())).to(at::kFloat)}};
  logits.facts = {{"tokens", gpiot::base::dump_json(Json(one.tokens))},
                  {"task", kTaskNames[static_cast<std::size_t>(one.task)]}};
  write_safetensors(folder / "logits.safetensors", std::move(logits));
}

Json run(const Arguments& arguments) {
  TuneConfig config;
  config.base = arguments.model;
  for (const std::string& setting : arguments.settings) {
    set_value(config, setting.substr(0, setting.find('=')), setting.substr(setting.find('=') + 1));
  }
  use_threads(arguments.threads);
  keep_memory();
  RecordSet set = read_records({arguments.records}, false);
  const gpiot::llm::LlamaModel vocabulary(arguments.model, {}, gpiot::llm::LlamaModel::Part::vocabulary);
  std::vector<Example> examples = tokenise(vocabulary, set, static_cast<std::size_t>(config.context_tokens), true);
  const std::vector<StepPlan> steps = steps_of(examples, config, arguments.steps);
  const at::ScalarType type = number_type(config);
  const BaseModel model = load_base(gpiot::llm::GgufWeights(arguments.model), type, device_of(config));
  Adapters adapters(model.shape, config.adapters, config.seed, at::kFloat, device_of(config));
  if (!arguments.peer.empty()) {
    // B is zero at first: with a little in it a comparison of logits says more.
    if (config.optimizer.learning_rate > 0) adapters.values().add_(at::randn_like(adapters.values()), 1e-3);
    write_for_peer(arguments.peer, model, adapters, config, examples, steps);
  }
  const double rate = product_rate(model.shape, std::min<std::int64_t>(config.batch_tokens, 2048), type, model.device());
  Optimizer optimizer(adapters.values(), config.optimizer);
  Json losses = Json::array();
  Json times = Json::array();
  double flops = 0;
  std::int64_t tokens = 0;
  std::int64_t counted = 0;
  for (std::size_t s = 0; s < steps.size(); ++s) {
    const auto start = std::chrono::steady_clock::now();
    std::int64_t step_counted = 0;
    std::int64_t step_tokens = 0;
    for (const auto& batch : steps[s]) {
      for (const std::size_t i : batch) {
        step_tokens += static_cast<std::int64_t>(examples[i].tokens.size());
        step_counted += static_cast<std::int64_t>(examples[i].tokens.size() - examples[i].answer_start);
      }
    }
    adapters.gradients().zero_();
    LossSums loss;
    for (std::size_t b = 0; b < steps[s].size(); ++b) {
      std::vector<const Example*> chosen;
      for (const std::size_t i : steps[s][b]) chosen.push_back(&examples[i]);
      loss.add(train_batch(model, adapters, pack(chosen, config.adapters.projection == Projection::paired, model.device()),
                           {.seed = s * 1009 + b, .gradient_scale = 1.0 / static_cast<double>(step_counted), .recompute_ffn = config.recompute_ffn}));
    }
    const double norm = Optimizer::norm(adapters.gradients());
    optimizer.step(adapters.values(), adapters.gradients(), cosine_rate(config.optimizer.learning_rate, static_cast<std::int64_t>(s), static_cast<std::int64_t>(steps.size()), 0), norm);
    times.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    losses.push_back(loss.mean());
    tokens += step_tokens;
    counted += step_counted;
    const auto& w = model.shape;
    const double blocks = static_cast<double>(w.layers * (w.width * w.qkv_width() + w.width * w.query_width() + 3 * w.width * w.ffn_width));
    flops += 4.0 * blocks * static_cast<double>(step_tokens) + 4.0 * static_cast<double>(w.vocabulary * w.width * step_counted);
    fmt::print(stderr, "step {}: loss {:.4f}, {:.2f} s\n", s + 1, loss.mean(), times.back().get<double>());
  }
  double seconds = 0;
  for (const Json& one : times) seconds += one.get<double>();
  return {{"bench", "tune"}, {"commit", gpiot::bench::source_state(gpiot::base::installation_root()).name()},
          {"machine", gpiot::bench::machine_name()}, {"model", fs::path(arguments.model).filename().string()},
          {"config", config_text(config)}, {"type", type == at::kBFloat16 ? "bf16" : "f32"}, {"steps", steps.size()},
          {"seconds", seconds}, {"tokens", tokens}, {"counted_tokens", counted}, {"tokens_per_s", static_cast<double>(tokens) / seconds},
          {"counted_tokens_per_s", static_cast<double>(counted) / seconds}, {"product_gflops_per_s", rate / 1e9},
          {"share_of_product_rate", flops / seconds / rate}, {"peak_resident_bytes", resident().peak},
          {"losses", losses}, {"step_s", times}};
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Example: gpiot-bench-tune MODEL.gguf examples/tiny-tune/records.jsonl --steps 10 --set type=f32\n\nTimes the training step.");
  app.add_option("model", arguments.model)->required();
  app.add_option("records", arguments.records)->required();
  app.add_option("--set", arguments.settings, "KEY=VALUE of tune.toml");
  app.add_option("--steps", arguments.steps);
  app.add_option("--threads", arguments.threads);
  app.add_option("--peer", arguments.peer, "folder for what peft_peer.py reads");
  CLI11_PARSE(app, argc, argv);
  try {
    fmt::print("{}\n", gpiot::base::dump_json(run(arguments), 1));
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
}
