#include <fmt/format.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "gpiot/base/cancel.h"
#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"
#include "gpiot/models/resolve.h"
#include "gpiot/tune/device.h"
#include "gpiot/tune/estimate.h"
#include "gpiot/tune/export.h"
#include "gpiot/tune/records.h"
#include "gpiot/tune/result_files.h"
#include "program_end.h"
#include "tune_base.h"
#include "tune_report.h"

namespace {

namespace fs = std::filesystem;
using gpiot::base::CancelToken;
using gpiot::base::Error;
using gpiot::base::ErrorCode;
using namespace gpiot::tune;

struct Arguments {
  std::string folder;  ///< or its tune.toml
  std::vector<std::string> settings;
  std::string model;
  bool resume = false;
  bool dry_run = false;
  bool skip_bad = false;
  bool json = false;
  int threads = 0;
};

/// The configuration, with paths made whole.
TuneConfig config_of(const Arguments& arguments, fs::path& home) {
  fs::path file(arguments.folder);
  if (fs::is_directory(file)) file /= "tune.toml";
  home = file.has_parent_path() ? file.parent_path() : fs::path(".");
  TuneConfig config = read_config(file);
  for (const std::string& setting : arguments.settings) {
    const auto equals = setting.find('=');
    if (equals == std::string::npos) {
      throw Error(ErrorCode::InvalidArgument, "gpiot.tune", "--set: got '" + setting + "', expected KEY=VALUE");
    }
    set_value(config, setting.substr(0, equals), setting.substr(equals + 1));
  }
  if (!arguments.model.empty()) config.base = arguments.model;
  check_config(config);
  return config;
}

double free_memory() {
  struct sysinfo info{};
  return ::sysinfo(&info) == 0 ? static_cast<double>(info.freeram + info.bufferram) * info.mem_unit : 0;
}

void check_output(const fs::path& folder, bool resume) {
  if (resume) return;
  if (fs::exists(folder / "checkpoints") && !fs::is_empty(folder / "checkpoints") &&
      !fs::exists(folder / "tdslm.gguf")) {
    throw Error(ErrorCode::InvalidArgument, "gpiot.tune",
                "the output folder holds an unfinished training: " + folder.string(),
                "--resume goes on with it; or choose another folder with --set output=NAME");
  }
  if (!fs::exists(folder / "tdslm.gguf")) return;
  throw Error(ErrorCode::InvalidArgument, "gpiot.tune", "the output folder holds finished adapters: " + folder.string(),
              "choose another one with --set output=NAME, or move them away");
}

/// Examples of one split.
std::vector<Example> part(const std::vector<Example>& all, const RecordSet& set, bool validation) {
  std::vector<Example> out;
  for (const Example& example : all) {
    if (set.records[example.record].validation == validation) out.push_back(example);
  }
  return out;
}

std::int64_t tokens_of(const std::vector<Example>& examples, bool counted) {
  std::int64_t sum = 0;
  for (const Example& example : examples) {
    sum += static_cast<std::int64_t>(example.tokens.size() - (counted ? example.answer_start : 0));
  }
  return sum;
}

void check_tasks(const std::vector<Example>& training, const TuneConfig& config) {
  for (const Task task : kTasks) {
    if (std::ranges::any_of(training, [&](const Example& e) { return e.task == task; })) continue;
    if (config.adapters.sharing == Sharing::single) continue;
    throw Error(ErrorCode::Data, "gpiot.tune",
                fmt::format("no record of the task {} to train on: expected both tdd and cgd",
                            kTaskNames[static_cast<std::size_t>(task)]),
                "add records, or train one adapter for all with --set sharing=single");
  }
}

/// What is trained on, as tokens.
struct Records {
  RecordSet set;
  std::vector<Example> training, validation;
};

Records load_records(const Arguments& arguments, const TuneConfig& config, const fs::path& home,
                     const gpiot::models::ResolvedModel& base, gpiot::apps::TuneReport& report) {
  std::vector<fs::path> files;
  for (const std::string& file : config.data) files.push_back(home / file);
  Records records;
  records.set = read_records(files, arguments.skip_bad);
  part_records(records.set, config.validation_share);
  const gpiot::llm::LlamaModel vocabulary(base.path, {}, gpiot::llm::LlamaModel::Part::vocabulary);
  const std::vector<Example> examples =
      tokenise(vocabulary, records.set, static_cast<std::size_t>(config.context_tokens), arguments.skip_bad);
  records.training = part(examples, records.set, false);
  records.validation = part(examples, records.set, true);
  check_tasks(records.training, config);
  for (const std::string& skipped : records.set.skipped) report.note("left out: " + skipped);
  report.note(fmt::format("{} records to train on ({} tokens, {} of them counted), {} for validation, base {}",
                          records.training.size(), tokens_of(records.training, false),
                          tokens_of(records.training, true), records.validation.size(), base.name));
  return records;
}

void say_done(const Arguments& arguments, const RunResult& result, const std::string& base,
              const std::vector<fs::path>& written, gpiot::apps::TuneReport& report) {
  report.event("done", {{"steps", result.step},
                        {"best_step", result.best_step},
                        {"stopped_early", result.stopped_early},
                        {"peak_resident_bytes", resident().peak}});
  report.note(fmt::format("done after {} steps{}; at most {} of memory", result.step,
                          result.best_step > 0 ? fmt::format(", kept step {}", result.best_step) : "",
                          gpiot::base::human_bytes(resident().peak)));
  if (arguments.json) return;
  for (const fs::path& file : written) fmt::print("{}\n", file.string());
  fmt::print(stderr, "next: gpiot decompose PROJECT --model {} --tdslm {}\n", base, written[0].string());
}

int run(const Arguments& arguments, Collective& processes, const CancelToken& cancel) {
  const bool first = processes.rank() == 0;  // it speaks and writes for all
  fs::path home;
  const TuneConfig config = config_of(arguments, home);
  const fs::path output = home / config.output;
  if (!arguments.dry_run) {
    if (first) check_output(output, arguments.resume);
    fs::create_directories(output);
  }
  gpiot::apps::TuneReport report(arguments.json, arguments.dry_run || !first ? fs::path() : output, !first);
  use_threads(arguments.threads);
  keep_memory();
  const auto base = gpiot::apps::tuned_base(config, arguments.dry_run, report, cancel);
  const Records records = load_records(arguments, config, home, base, report);

  const gpiot::llm::GgufWeights weights(base.path);
  const ModelShape shape = read_shape(weights);
  const at::ScalarType type = number_type(config);
  Adapters adapters(shape, config.adapters, config.seed, at::kFloat, device_of(config));
  const Estimate needed = estimate(shape, config, type, adapters.values().numel(), tokens_of(records.training, false),
                                   tokens_of(records.training, true));
  report.estimate(needed, free_memory());
  if (arguments.dry_run) return 0;
  if (first) gpiot::base::write_file_atomic(output / "config.toml", config_text(config), "gpiot.tune");

  within_memory(needed, [&] {
    const BaseModel model = load_base(weights, matrix_format(type, device_of(config), config.base_storage));
    const RunInput input{
        model,    config, records.training, records.validation, output / "checkpoints", base.sha256, records.set.sha256,
        processes};
    const RunResult result = train(input, adapters, arguments.resume, report.listener(), cancel);
    if (!first) return;
    Provenance provenance = gpiot::apps::provenance_of(base);
    provenance.records_sha256 = records.set.sha256;
    provenance.records = records.set.records.size();
    provenance.version = GPIOT_VERSION;
    provenance.type = type == at::kBFloat16 ? "bf16" : "f32";
    if (!has_peft_form(adapters)) report.note("no form for PEFT: its base would have to be widened as well");
    say_done(arguments, result, base.name, write_roles(output, shape, adapters, config, result, provenance), report);
  });
  return 0;
}

/// Says what is wrong and returns the exit status. Stopped by the user all processes end by themselves, each after its
/// part of the checkpoint; in any other case the rest would wait for this one.
int failed(const Error& error, const Arguments& arguments, Collective* processes) {
  gpiot::apps::print_error(error, arguments.json);
  const int exit_status = gpiot::base::info(error.code()).exit_status;
  if (processes != nullptr && error.code() != ErrorCode::Cancelled) processes->abandon(exit_status);
  return exit_status;
}

}  // namespace

int main(int argc, char** argv) {
  CancelToken cancel;
  gpiot::apps::cancel_on_signals(cancel);
  Arguments arguments;
  CLI::App app(
      "Example: gpiot tune examples/tiny-tune\n\nTrains the two adapters (TDSLM, CGSLM) together on records of your "
      "own, "
      "as LoRA on a model file; see docs/tune.md.",
      "gpiot tune");
  app.add_option("folder", arguments.folder, "folder with tune.toml, or that file")->required();
  app.add_option("--set", arguments.settings, "KEY=VALUE of tune.toml; repeatable");
  app.add_option("--model", arguments.model, "base model: alias, path or hf.co/owner/repo:file");
  app.add_flag("--resume", arguments.resume, "go on from the newest checkpoint");
  app.add_flag("--dry-run", arguments.dry_run, "check records and settings, estimate time and memory, train nothing");
  app.add_flag("--skip-bad", arguments.skip_bad, "leave out records that are broken or too long");
  app.add_flag("--json", arguments.json, "one JSON event per line on stdout");
  bool yes = false;
  app.add_flag("--yes", yes, "answer every question with yes");
  app.add_option("--threads", arguments.threads, "processor threads; 0 = physical cores")
      ->check(CLI::NonNegativeNumber);
  std::unique_ptr<Collective> processes;
  try {
    app.parse(argc, argv);
    processes = make_collective();
    return run(arguments, *processes, cancel);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : gpiot::base::info(ErrorCode::InvalidArgument).exit_status;
  } catch (const Error& error) {
    return failed(error, arguments, processes.get());
  } catch (const std::bad_alloc&) {  // before there was an estimate
    return failed(Error(ErrorCode::Capacity, "gpiot.tune", "out of memory",
                        "fewer or shorter records; --dry-run shows the estimate"),
                  arguments, processes.get());
  } catch (const std::exception& error) {
    return failed(Error(ErrorCode::Internal, "gpiot.tune", error.what(), "this is a fault of gpiot: please report it"),
                  arguments, processes.get());
  }
}
