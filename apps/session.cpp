#include "session.h"

#include <fmt/format.h>

#include <cstdlib>

#include "command_model.h"
#include "gpiot/agents/recording_generator.h"
#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/paths.h"
#include "gpiot/base/strings.h"
#include "gpiot/llm/endpoint_generator.h"
#include "gpiot/llm/llama_generator.h"
#include "gpiot/models/pull.h"
#include "gpiot/pipeline/from_text.h"
#include "gpiot/project/requirement_file.h"
#include "gpiot/sandbox/sandbox.h"

namespace gpiot::apps {
namespace {

namespace fs = std::filesystem;

/// The project folder of a target: the folder itself, or a new one made from words and --data.
fs::path find_project(const SessionOptions& options) {
  const fs::path target(options.target);
  std::error_code failure;
  if (options.data.empty()) {
    if (fs::is_directory(target, failure)) return target;
    throw base::Error(base::ErrorCode::NotFound, "gpiot.project",
                      "no such project folder: got '" + base::printable(options.target.substr(0, 200)) +
                          "', expected a folder with requirement.md",
                      "give a folder with requirement.md, or the requirement in words together with --data DIR");
  }
  const auto requirement = pipeline::requirement_from_text(options.target, options.data);
  const fs::path project = options.output.empty() ? pipeline::project_name(options.target) : options.output;
  const auto file = project / "requirement.md";
  if (fs::exists(file, failure)) {
    // A second call goes on with the project that the first one made.
    if (project::load_requirement(file).statement == requirement.statement) return project;
    throw base::Error(base::ErrorCode::InvalidArgument, "gpiot.project",
                      "the project folder is taken: got another requirement in " + file.string() +
                          ", expected this one or none",
                      "choose another folder with -o");
  }
  const auto text = project::to_markdown(requirement);
  (void)project::parse_requirement(text);  // what the data says of itself may not fit: nothing is left behind then
  base::write_file_atomic(file, text, "gpiot.project");
  return project;
}

}  // namespace

Session::Session(const SessionOptions& options, Needs needs, AppContext& context)
    : project_(find_project(options)), printer_(context.json) {
  // Read before anything is written: a folder that is no project stays as it is.
  auto requirement = project::load_requirement(project_ / "requirement.md");
  lock_ = std::make_unique<project::ProjectLock>(project_);
  lock_->remove_leftovers();
  state_ = project::ProjectState::load(project_);
  if (options.budget_memory_mb > 0) requirement.budget.memory_mb = options.budget_memory_mb;
  const auto root = base::installation_root();
  prompts_ = agents::PromptSet::load(root / "prompts");
  // The sandbox is tested before the model is loaded: without one no token is spent.
  if (needs.runner) {
    sandbox::SandboxOptions sandbox_options;
    sandbox_options.python_environment = base::python_environment();
    auto sandbox = std::make_unique<sandbox::Sandbox>(sandbox_options);
    sandbox->self_test();
    runner_ = std::move(sandbox);
  }
  bench_ = std::make_unique<pipeline::Workbench>(pipeline::Workbench{
      project_, root / "runtime", requirement, base::sha256_hex(project::to_markdown(requirement)), *state_, nullptr,
      runner_.get(), *prompts_, options.pipeline, [this](const pipeline::Event& event) { printer_(event); },
      context.cancel});
  if (!state_->warning().empty()) bench_->say("project", "note", state_->warning());
  if (needs.model) load_model(options, context);
  if (const char* trace = std::getenv("GPIOT_TRACE"); needs.model && trace != nullptr && *trace != '\0') {
    generator_ = std::make_unique<agents::RecordingGenerator>(std::move(generator_), trace);
  }
  bench_->generator = generator_.get();
}

void Session::load_model(const SessionOptions& options, AppContext& context) {
  if (!options.endpoint.empty()) {
    llm::EndpointOptions endpoint;
    endpoint.base_url = options.endpoint;
    endpoint.model = options.model;
    endpoint.timeout_ms = std::int64_t{1000} * options.endpoint_timeout_s;
    if (options.context_tokens > 0) endpoint.context_tokens = options.context_tokens;
    generator_ = std::make_unique<llm::EndpointGenerator>(endpoint);
    return;
  }
  const auto store = models::Store::of_user();
  const auto catalogue = models::Catalogue::load(base::installation_root() / "models.toml");
  const auto model = models::ensure(store, catalogue, options.model, make_pull_hooks(context), context.cancel);
  llm::LlamaGeneratorOptions llama;
  llama.name = model.name;
  llama.model_sha256 = model.sha256;
  if (options.context_tokens > 0) llama.context_tokens = options.context_tokens;
  llama.threads = options.threads;
  generator_ = std::make_unique<llm::LlamaGenerator>(model.path, llama);
  bench_->say("model", "note", fmt::format("{} ({}), {}", model.name, model.sha256.substr(0, 12),
                                           generator_->identity().backend));
}

}  // namespace gpiot::apps
