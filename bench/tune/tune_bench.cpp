// Steps of the trainer on given records, timed; and what a peer needs to do the very same: the adapters as they were at
// the start (PEFT's format), the documents of each step as tokens, and logits to compare. See README.md.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>

#include "bench_main.h"
#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/json.h"
#include "gpiot/tune/device.h"
#include "gpiot/tune/estimate.h"
#include "gpiot/tune/export.h"
#include "gpiot/tune/optimizer.h"
#include "gpiot/tune/plan.h"
#include "gpiot/tune/records.h"
#include "gpiot/tune/safetensors.h"
#include "gpiot/tune/step.h"
#include "gpiot/tune/trace.h"
#include "machine.h"

namespace {

namespace fs = std::filesystem;
using namespace gpiot::tune;
using gpiot::base::Json;

struct Arguments {
  std::string model, records, peer, trace;
  std::vector<std::string> settings;
  int steps = 10;
  int warm = 0;
  int threads = 0;
};

std::vector<StepPlan> steps_of(const std::vector<Example>& examples, const TuneConfig& config, int wanted) {
  if (examples.empty()) {
    throw gpiot::base::Error(gpiot::base::ErrorCode::Data, "bench.tune",
                             "no record to train on: got none, expected some",
                             "give a file of records, see docs/records.md");
  }
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
        documents.push_back({{"tokens", examples[i].tokens},
                             {"answer_start", examples[i].answer_start},
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

/// Sums over the steps that were done.
struct Totals {
  Json losses = Json::array();
  Json times = Json::array();
  double flops = 0;
  double seconds = 0;
  std::int64_t tokens = 0;
  std::int64_t counted = 0;
};

double block_weights(const ModelShape& w) {
  return static_cast<double>(w.layers *
                             (w.width * w.qkv_width() + w.width * w.query_width() + 3 * w.width * w.ffn_width));
}

/// Step number `s` of all, as the trainer does it.
void one_step(const BaseModel& model, Adapters& adapters, Optimizer& optimizer, const TuneConfig& config,
              const std::vector<Example>& examples, const std::vector<StepPlan>& steps, std::size_t s, bool timed,
              Totals& totals) {
  const auto start = std::chrono::steady_clock::now();
  std::int64_t tokens = 0;
  std::int64_t counted = 0;
  for (const auto& batch : steps[s]) {
    for (const std::size_t i : batch) {
      tokens += static_cast<std::int64_t>(examples[i].tokens.size());
      counted += static_cast<std::int64_t>(examples[i].tokens.size() - examples[i].answer_start);
    }
  }
  adapters.gradients().zero_();
  LossSums loss;
  for (std::size_t b = 0; b < steps[s].size(); ++b) {
    std::vector<const Example*> chosen;
    for (const std::size_t i : steps[s][b]) chosen.push_back(&examples[i]);
    const Batch batch = pack(chosen, config.adapters.projection == Projection::paired, model.device());
    loss.add(train_batch(
        model, adapters, batch,
        {.seed = s * 1009 + b, .gradient_scale = 1.0 / static_cast<double>(counted), .recompute = config.recompute}));
  }
  const double rate = cosine_rate(config.optimizer.learning_rate, static_cast<std::int64_t>(s),
                                  static_cast<std::int64_t>(steps.size()), 0);
  optimizer.step(adapters.values(), adapters.gradients(), rate, Optimizer::norm(adapters.gradients()));
  finish(model.device());
  const double taken = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  totals.times.push_back(taken);
  totals.losses.push_back(loss.mean());
  fmt::print(stderr, "step {}: loss {:.4f}, {:.2f} s\n", s + 1, loss.mean(), taken);
  if (!timed) return;
  totals.seconds += taken;
  totals.tokens += tokens;
  totals.counted += counted;
  totals.flops += 4.0 * block_weights(model.shape) * static_cast<double>(tokens) +
                  4.0 * static_cast<double>(model.shape.vocabulary * model.shape.width * counted);
}

Json result(const Arguments& arguments, const TuneConfig& config, at::ScalarType type, double rate,
            const Totals& totals) {
  return {{"bench", "tune"},
          {"commit", gpiot::bench::built_from().name()},
          {"machine", gpiot::bench::machine_name()},
          {"model", fs::path(arguments.model).filename().string()},
          {"config", config_text(config)},
          {"type", type == at::kBFloat16 ? "bf16" : "f32"},
          {"steps", totals.times.size()},
          {"warm_steps", arguments.warm},
          {"seconds", totals.seconds},
          {"tokens", totals.tokens},
          {"counted_tokens", totals.counted},
          {"tokens_per_s", static_cast<double>(totals.tokens) / totals.seconds},
          {"counted_tokens_per_s", static_cast<double>(totals.counted) / totals.seconds},
          {"product_gflops_per_s", rate / 1e9},
          {"share_of_product_rate", totals.flops / totals.seconds / rate},
          {"device", config.device},
          {"peak_resident_bytes", resident().peak},
          {"peak_device_bytes", device_peak_bytes(device_of(config))},
          {"losses", totals.losses},
          {"step_s", totals.times}};
}

Json run(const Arguments& arguments) {
  TuneConfig config;
  config.base = fs::path(arguments.model).filename().string();
  for (const std::string& setting : arguments.settings) {
    set_value(config, setting.substr(0, setting.find('=')), setting.substr(setting.find('=') + 1));
  }
  use_threads(arguments.threads);
  keep_memory();
  RecordSet set = read_records({arguments.records}, false);
  const gpiot::llm::LlamaModel vocabulary(arguments.model, {}, gpiot::llm::LlamaModel::Part::vocabulary);
  const std::vector<Example> examples =
      tokenise(vocabulary, set, static_cast<std::size_t>(config.context_tokens), true);
  const std::vector<StepPlan> steps = steps_of(examples, config, arguments.steps);
  const at::ScalarType type = number_type(config);
  const BaseModel model =
      load_base(gpiot::llm::GgufWeights(arguments.model), matrix_format(type, device_of(config), config.base_storage));
  Adapters adapters(model.shape, config.adapters, config.seed, at::kFloat, device_of(config));
  if (!arguments.peer.empty()) {
    // B is zero at first: with a little in it a comparison of logits says more.
    adapters.values().add_(at::randn_like(adapters.values()), 1e-3);
    write_for_peer(arguments.peer, model, adapters, config, examples, steps);
  }
  const std::int64_t rows = std::min<std::int64_t>(config.batch_tokens, 2048);
  const double rate = product_rate(model.shape, rows, type, model.device());
  Optimizer optimizer(adapters.values(), config.optimizer);
  Totals totals;
  for (std::size_t s = 0; s < steps.size(); ++s)
    one_step(model, adapters, optimizer, config, examples, steps, s, s >= static_cast<std::size_t>(arguments.warm),
             totals);
  const Json out = result(arguments, config, type, rate, totals);
  if (!arguments.trace.empty()) {
    Trace trace;
    one_step(model, adapters, optimizer, config, examples, steps, 0, false, totals);
    trace.save(arguments.trace);
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app(
      "Example: gpiot-bench-tune MODEL.gguf examples/tiny-tune/records.jsonl --steps 10 --set type=f32\n\nTimes the "
      "training step.");
  app.add_option("model", arguments.model)->required();
  app.add_option("records", arguments.records)->required();
  app.add_option("--set", arguments.settings, "KEY=VALUE of tune.toml");
  app.add_option("--steps", arguments.steps);
  app.add_option("--warm", arguments.warm, "first steps that are not timed");
  app.add_option("--trace", arguments.trace, "file for the profile of one step more (chrome://tracing)");
  app.add_option("--threads", arguments.threads);
  app.add_option("--peer", arguments.peer, "folder for what peft_peer.py reads");
  CLI11_PARSE(app, argc, argv);
  return gpiot::bench::print_result([&] { return run(arguments); });
}
