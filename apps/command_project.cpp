#include "command_project.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"
#include "gpiot/pipeline/explain.h"
#include "gpiot/pipeline/export_app.h"
#include "gpiot/pipeline/figure_table.h"
#include "gpiot/pipeline/preflight.h"
#include "gpiot/pipeline/synthesize.h"
#include "knowledge_command.h"
#include "sandbox_use.h"
#include "session.h"

namespace gpiot::apps {
namespace {

using pipeline::Stage;

/// Of a traceback of the program only what it ends with: report.html has all of it.
std::string first_lines(const std::string& problem) {
  constexpr std::size_t kMost = 12;
  auto lines = base::split_lines(problem);
  while (!lines.empty() && base::trim(lines.back()).empty()) lines.pop_back();
  const auto begin =
      std::ranges::find_if(lines, [](const auto& line) { return base::trim(line).starts_with("Traceback"); });
  if (begin != lines.end()) lines.erase(begin, lines.end() - 1);
  const bool is_long = lines.size() > kMost;
  if (is_long) lines.resize(kMost);
  for (auto& line : lines) line = base::printable(line);
  return base::join(lines, "\n  ") + (is_long ? "\n  ..." : "");
}

int print_measurement(const char* title, const pipeline::Measurement& m, bool json) {
  if (!json) {
    fmt::print("{}: {}\n", title, m.summary);
    if (m.report.contains("measured")) {
      for (const auto& line : pipeline::table_lines(pipeline::figure_table(m.report["measured"]))) {
        fmt::print("  {}\n", line);
      }
    }
    if (!m.accepted && !m.problem.empty()) fmt::print("not accepted: {}\n", first_lines(m.problem));
  }
  return m.accepted ? 0 : base::info(base::ErrorCode::Check).exit_status;
}

int run_synthesize(const SessionOptions& options, AppContext& context) {
  Session session(options, {.model = !options.no_model, .runner = true}, context);
  const auto from = options.from.empty() ? std::nullopt : std::optional(pipeline::stage_of(options.from));
  const auto result = pipeline::synthesize(session.bench(), from);
  print_measurement("development part", result.development, context.json);
  const int status = print_measurement("final part (the result)", result.final_part, context.json);
  if (context.json) {
    fmt::print("{}\n", base::dump_json({{"schema", 1}, {"kind", "result"}, {"report", result.final_part.report}}));
  } else {
    fmt::print("application: {}/app   report: {}/runs/{:04}/report.html (and .json)\n",
               session.bench().project.string(), session.bench().project.string(), result.final_part.run);
  }
  return status;
}

int run_stage(Stage stage, const SessionOptions& options, AppContext& context) {
  const bool model =
      stage == Stage::Decompose || stage == Stage::Specify || stage == Stage::Generate || stage == Stage::Repair;
  const bool runner = stage == Stage::Generate || stage == Stage::Run || stage == Stage::Repair;
  Session session(options, {.model = model, .runner = runner}, context);
  auto& bench = session.bench();
  if (model && runner) pipeline::check_feasible(bench);
  switch (stage) {
    case Stage::Decompose:
      pipeline::run_decompose(bench);
      break;
    case Stage::Specify:
      pipeline::run_specify(bench);
      break;
    case Stage::Generate:
      pipeline::run_generate(bench);
      break;
    case Stage::Assemble:
      pipeline::run_assemble(bench);
      break;
    case Stage::Run:
    case Stage::Final:
      return print_measurement(
          options.final_part ? "final part" : "development part",
          pipeline::measure_app(bench, options.final_part ? pipeline::Part::Final : pipeline::Part::Development),
          context.json);
    case Stage::Repair: {
      int rounds = 0;
      auto current = pipeline::measure_app(bench, pipeline::Part::Development);
      return print_measurement("development part", pipeline::run_repair(bench, current, &rounds), context.json);
    }
  }
  return 0;
}

void add_common(CLI::App* command, SessionOptions& o) {
  command->add_option("project", o.target, "project folder")->required();
}

void add_model_options(CLI::App* command, SessionOptions& o) {
  command->add_option("--model", o.model, "alias, GGUF path or hf.co/owner/repo:file")->envname("GPIOT_MODEL");
  command->add_option("--tdslm", o.tdslm, "LoRA adapter of the model for decompose (GGUF)");
  command->add_option("--cgslm", o.cgslm, "LoRA adapter of the model for generate and repair (GGUF)");
  command
      ->add_option(
          "--batch-copy", o.batch_copy,
          "auto: where this processor is slow at Q6_K, a copy of the model in Q8_0 there is written once and used")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "off"}));
  command->add_option("--endpoint", o.endpoint, "OpenAI-compatible base URL instead of a local model")
      ->envname("GPIOT_ENDPOINT");
  command->add_flag("!--no-own-functions", o.pipeline.own_functions,
                    "the model's functions alone, none of gpiot's own before and beside them");
  command->add_option("--seed", o.pipeline.seed, "seed of every random choice")->capture_default_str();
  command->add_option("-n,--samples", o.pipeline.samples, "samples per sub-task")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  command->add_option("--temperature", o.pipeline.temperature, "of the samples")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 2.0));
  command
      ->add_option("--context", o.context_tokens, "tokens of one prompt with its answer; default 4096, endpoint 8192")
      ->check(CLI::Range(64, 1 << 20));
  command->add_option("--endpoint-timeout", o.endpoint_timeout_s, "seconds that one answer of the endpoint may take")
      ->capture_default_str()
      ->check(CLI::Range(1, 86'400));
  command->add_option("--endpoint-parallel", o.endpoint_parallel, "answers asked of the endpoint at a time")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  command->add_option("--retrieval", o.retrieval, "on: the prompts quote what the knowledge base says of the steps")
      ->capture_default_str()
      ->check(CLI::IsMember({"on", "off"}));
  command->add_option("--knowledge", o.knowledge, "folder of the knowledge base; default: the user's own");
  add_background_option(command, o.knowledge_background);
  command->add_option("--threads", o.threads, "0 = all cores")->capture_default_str();
}

void add_loop_options(CLI::App* command, SessionOptions& o) {
  command->add_option("--plans", o.pipeline.plans_tried, "plans worked out at most, while none is good enough")
      ->capture_default_str()
      ->check(CLI::Range(1, 16));
  command->add_option("--repair", o.pipeline.repair_rounds, "repair rounds at most")
      ->capture_default_str()
      ->check(CLI::Range(0, 20));
  command->add_flag("!--no-calibrate", o.pipeline.calibrate, "leave the numeric constants as the model wrote them");
}

}  // namespace

void register_project_commands(CLI::App& app, AppContext& context) {
  const auto keep = [&](CLI::App* command, const std::shared_ptr<SessionOptions>& o, const auto& action) {
    command->callback([o, action, &context] { context.exit_status = action(*o, context); });
  };
  {
    auto o = std::make_shared<SessionOptions>();
    auto* command =
        app.add_subcommand("synthesize",
                           "Example: gpiot synthesize examples/heartbeat-detection\n\n"
                           "All stages: requirement -> sub-tasks -> specifications -> code -> run, measure, repair.");
    command->add_option("target", o->target, "project folder, or the requirement in words (with --data)")->required();
    command->add_option("--data", o->data, "data folder, where the target is in words");
    command->add_option("-o,--output", o->output, "project folder to make, where the target is in words");
    command->add_option("--from", o->from, "redo this stage and all after it");
    command->add_flag(
        "--no-model", o->no_model,
        "gpiot's own plan and functions alone, and no model after them; for events with labels, rates in a "
        "stated range, numbers that a place in a signal tells, and what is learned");
    command
        ->add_option("--budget-memory", o->budget_memory_mb,
                     "MB that the program may use, in place of the requirement's")
        ->check(CLI::PositiveNumber);
    add_model_options(command, *o);
    add_loop_options(command, *o);
    add_sandbox_option(command, o->sandbox);
    keep(command, o, run_synthesize);
  }
  for (const auto& info : pipeline::stage_list()) {
    if (info.stage == Stage::Final) continue;
    auto o = std::make_shared<SessionOptions>();
    auto* command = app.add_subcommand(
        std::string(info.name),
        fmt::format("Example: gpiot {} examples/heartbeat-detection\n\n{}", info.name, info.purpose));
    add_common(command, *o);
    if (info.stage != Stage::Assemble && info.stage != Stage::Run) add_model_options(command, *o);
    if (info.stage == Stage::Generate || info.stage == Stage::Repair) add_loop_options(command, *o);
    if (info.stage == Stage::Generate || info.stage == Stage::Repair || info.stage == Stage::Run) {
      add_sandbox_option(command, o->sandbox);
    }
    if (info.stage == Stage::Run)
      command->add_flag("--final", o->final_part, "the final part instead of the development part");
    keep(command, o,
         [stage = info.stage](const SessionOptions& options, AppContext& c) { return run_stage(stage, options, c); });
  }
  const auto add_reader = [&](const char* name, const char* help, auto text) {
    auto o = std::make_shared<SessionOptions>();
    auto* command = app.add_subcommand(name, help);
    add_common(command, *o);
    keep(command, o, [text](const SessionOptions& options, AppContext& c) {
      fmt::print("{}", text(options.target, c.json));
      return 0;
    });
  };
  add_reader("status", "Example: gpiot status examples/heartbeat-detection\n\nWhich files are fresh, stale or edited.",
             pipeline::status_text);
  {
    auto o = std::make_shared<SessionOptions>();
    auto wishes = std::make_shared<pipeline::ExportWishes>();
    auto* command = app.add_subcommand("export",
                                       "Example: gpiot export examples/heartbeat-detection --ipynb --docker\n\n"
                                       "Hands a finished app/ on: as a notebook with outputs, a container, a service.");
    add_common(command, *o);
    command->add_flag("--ipynb", wishes->notebook, "app/app.ipynb, its cells run in the sandbox");
    command->add_flag("--docker", wishes->docker, "app/Dockerfile");
    command->add_flag("--systemd", wishes->systemd, "a service and a timer");
    add_sandbox_option(command, o->sandbox);
    keep(command, o, [wishes](const SessionOptions& options, AppContext& c) {
      Session session(options, {.model = false, .runner = wishes->notebook}, c);
      for (const auto& file : pipeline::export_app(session.bench(), *wishes)) {
        fmt::print("{}\n", c.json ? base::dump_json({{"schema", 1}, {"kind", "file"}, {"file", file}}) : file);
      }
      return 0;
    });
  }
  add_reader(
      "explain",
      "Example: gpiot explain examples/heartbeat-detection\n\nWhat came from where: prompts, seeds, checks, runs.",
      pipeline::explain_text);
}

}  // namespace gpiot::apps
