// gpiot-bench-form: the form of plans and specifications over a list of requirements, as JSON (README.md beside it).
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>

#include "collect.h"
#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/paths.h"
#include "gpiot/base/strings.h"
#include "gpiot/llm/llama_generator.h"
#include "gpiot/models/catalogue.h"
#include "gpiot/models/resolve.h"
#include "gpiot/models/store.h"
#include "report.h"

namespace {

using gpiot::base::Error;
using gpiot::base::ErrorCode;

constexpr std::string_view kWhere = "bench.form";

gpiot::base::CancelToken* g_cancel = nullptr;  // a signal handler has no other way to reach it

void on_signal(int number) {
  if (g_cancel->cancelled()) ::_exit(128 + number);
  g_cancel->cancel();
}

struct Options {
  std::string model, requirements, work, out;
  std::vector<std::string> only;
  gpiot::bench::CollectSettings collect;
};

void add_options(CLI::App& app, Options& options) {
  app.add_option("--model", options.model, "alias, or path of a GGUF file; the default model where it is left out");
  app.add_option("--seed", options.collect.form.seed, "of the sampler")->capture_default_str();
  app.add_option("--only", options.only, "ids of requirements, separated by commas")->delimiter(',');
  app.add_option("--parallel", options.collect.parallel, "answers decoded at a time")->capture_default_str();
  app.add_option("--workers", options.collect.form.workers, "requirements under way at a time")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--work", options.work,
                 "folder that keeps rows: what is done for the same seed, model and prompts is not run again");
  app.add_option("--out", options.out, "file for the report; stdout where it is left out");
  app.add_option("--requirements", options.requirements, "another list than bench/form/requirements.jsonl");
  app.add_flag("--texts", options.collect.texts,
               "write plans, specifications and answers as files into the work folder");
}

gpiot::bench::ReportFacts facts_of(const std::filesystem::path& requirements, const gpiot::models::ResolvedModel& model,
                                   const gpiot::agents::PromptSet& prompts, std::uint32_t seed, std::size_t wanted) {
  gpiot::bench::ReportFacts facts;
  facts.key.model.name = model.name;
  facts.key.model.model_sha256 = model.sha256;
  facts.key.seed = seed;
  for (const auto& name : gpiot::bench::role_prompts(prompts)) facts.key.prompts[name] = prompts.sha256(name);
  facts.source = gpiot::bench::built_from();
  facts.machine = gpiot::bench::machine_name();
  facts.requirements_sha256 = gpiot::base::sha256_file(requirements, kWhere);
  facts.wanted = wanted;
  return facts;
}

int run(Options options, const gpiot::base::CancelToken& cancel) {
  namespace bench = gpiot::bench;
  if (options.collect.texts && options.work.empty()) {
    throw Error(ErrorCode::InvalidArgument, kWhere, "--texts is given without --work", "say where with --work DIR");
  }
  const auto root = gpiot::base::installation_root();
  const auto file = options.requirements.empty() ? root / "bench" / "form" / "requirements.jsonl"
                                                 : std::filesystem::path(options.requirements);
  const auto list = bench::load_requirements(file, options.only);
  const auto prompts = gpiot::agents::PromptSet::load(root / "prompts");
  const auto catalogue = gpiot::models::Catalogue::load(root / "models.toml");
  const auto model = gpiot::models::resolve(gpiot::models::Store::of_user(), catalogue, options.model);

  const auto facts = facts_of(file, model, prompts, options.collect.form.seed, list.size());
  options.collect.commit = facts.source.name();
  const auto work = options.work.empty() ? nullptr : std::make_unique<bench::WorkFolder>(options.work, facts.key);
  const auto make_generator = [&]() -> std::unique_ptr<gpiot::core::TextGenerator> {
    gpiot::llm::LlamaGeneratorOptions llama;
    llama.name = model.name;
    llama.model_sha256 = model.sha256;
    llama.parallel = options.collect.parallel;
    return std::make_unique<gpiot::llm::LlamaGenerator>(model.path, llama);
  };
  const auto collected = bench::collect(
      list, work.get(), options.collect, prompts, make_generator,
      [](const std::string& line) { fmt::print(stderr, "{}\n", line); }, cancel);
  const auto report = bench::report_json(facts, collected.rows, collected.failed, collected.sessions);
  const std::string text = gpiot::base::dump_json(report, 1) + "\n";
  if (options.out.empty()) {
    fmt::print("{}", text);
  } else {
    gpiot::base::write_file_atomic(options.out, text, kWhere);
  }
  if (collected.cancelled) return gpiot::base::info(ErrorCode::Cancelled).exit_status;
  return collected.failed.empty() ? 0 : gpiot::base::info(collected.failed.front().code).exit_status;
}

}  // namespace

int main(int argc, char** argv) {
  gpiot::base::CancelToken cancel;
  g_cancel = &cancel;
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  CLI::App app(
      "Example: gpiot-bench-form --seed 1 --work form-work --out form.json\n\n"
      "Plans and specifies each requirement of a list, and reports in what form the answers are and whether the\n"
      "specifications fit each other. Ctrl-C reports what is done; with --work the same command goes on from there.");
  Options options;
  add_options(app, options);
  try {
    app.parse(argc, argv);
    return run(std::move(options), cancel);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : gpiot::base::info(ErrorCode::InvalidArgument).exit_status;
  } catch (const Error& error) {
    fmt::print(stderr, "error: {}\n", gpiot::base::printable(error.what()));
    if (!error.remedy().empty()) fmt::print(stderr, "  what to do: {}\n", gpiot::base::printable(error.remedy()));
    return gpiot::base::info(error.code()).exit_status;
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", gpiot::base::printable(error.what()));
    return gpiot::base::info(ErrorCode::Internal).exit_status;
  }
}
