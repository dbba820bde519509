#include "session.h"

#include <fmt/format.h>

#include <cstdlib>

#include "batch_copy.h"
#include "command_init.h"
#include "command_model.h"
#include "gpiot/agents/recording_generator.h"
#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/paths.h"
#include "gpiot/base/strings.h"
#include "gpiot/llm/endpoint_generator.h"
#include "gpiot/llm/llama_generator.h"
#include "gpiot/llm/llama_model.h"
#include "gpiot/models/pull.h"
#include "gpiot/pipeline/from_text.h"
#include "gpiot/project/requirement_checks.h"
#include "gpiot/project/requirement_file.h"
#include "gpiot/retrieve/knowledge_base.h"
#include "gpiot/retrieve/reference_finder.h"
#include "gpiot/weights/gguf_check.h"
#include "knowledge_build.h"
#include "knowledge_command.h"
#include "knowledge_use.h"
#include "sandbox_use.h"

namespace gpiot::apps {
namespace {

namespace fs = std::filesystem;

/// Records of WFDB with their headers are read by the host, all else is looked at in the sandbox.
pipeline::Draft from_words(const SessionOptions& options, const AppContext& context) {
  if (pipeline::is_for_host(options.data)) {
    return {.requirement = pipeline::requirement_from_text(options.target, options.data), .facts = {}, .guesses = {}};
  }
  project::check_statement(base::trim(options.target), "the requirement");
  return draft_from_data({.statement = options.target, .data = options.data}, options.sandbox, context);
}

/// The project folder of a target: the folder itself, or a new one made from words and --data.
fs::path find_project(const SessionOptions& options, const AppContext& context) {
  fs::path target(options.target);
  std::error_code failure;
  if (options.data.empty()) {
    if (fs::is_directory(target, failure)) return target;
    throw base::Error(base::ErrorCode::NotFound, "gpiot.project",
                      "no such project folder: got '" + base::printable(options.target.substr(0, 200)) +
                          "', expected a folder with requirement.md",
                      "give a folder with requirement.md, or the requirement in words together with --data DIR");
  }
  const auto draft = from_words(options, context);
  const fs::path project = options.output.empty() ? pipeline::project_name(options.target) : options.output;
  const auto file = project / "requirement.md";
  if (fs::exists(file, failure)) {
    // A second call goes on with the project that the first one made.
    if (project::load_requirement(file).statement == draft.requirement.statement) return project;
    throw base::Error(
        base::ErrorCode::InvalidArgument, "gpiot.project",
        "the project folder is taken: got another requirement in " + file.string() + ", expected this one or none",
        "choose another folder with -o");
  }
  const auto text = pipeline::to_markdown(draft);
  (void)project::parse_requirement(text);  // what the data says of itself may not fit: nothing is left behind then
  base::write_file_atomic(file, text, "gpiot.project");
  if (!context.json) {
    for (const auto& guess : draft.guesses) fmt::print(stderr, "guessed, please check: {}\n", guess);
  }
  return project;
}

}  // namespace

Session::Session(const SessionOptions& options, Needs needs, AppContext& context)
    : project_(find_project(options, context)), printer_(context.json) {
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
    runner_ = make_sandbox(options.sandbox, [this](const pipeline::Event& event) { printer_(event); });
  }
  bench_ = std::make_unique<pipeline::Workbench>(
      pipeline::Workbench{project_,
                          root / "runtime",
                          requirement,
                          base::sha256_hex(project::to_markdown(requirement)),
                          *state_,
                          {},
                          runner_.get(),
                          *prompts_,
                          options.pipeline,
                          [this](const pipeline::Event& event) { printer_(event); },
                          context.cancel});
  if (!state_->warning().empty()) bench_->say("project", "note", state_->warning());
  if (options.no_model && options.model != SessionOptions().model) {
    bench_->say("model", "note", "--no-model: " + base::printable(options.model) + " is not asked");
  }
  if (needs.model && options.endpoint.empty()) use_model(options, context);
  if (needs.model && !options.endpoint.empty()) use_endpoint(options);
  if (needs.model && options.retrieval == "on") open_knowledge(options, context);
}

void Session::open_knowledge(const SessionOptions& options, AppContext& context) {
  embedder_ = make_embedder(context, false);
  if (embedder_ == nullptr) {
    bench_->say("knowledge", "note",
                "no embedding model is installed: searching by words alone (gpiot model pull minilm-l6-v2)");
  }
  const auto folder = options.knowledge.empty() ? retrieve::knowledge_folder() : fs::path(options.knowledge);
  const auto news = see_to_default_set(folder, options.knowledge_background);
  if (!news.line.empty()) bench_->say("knowledge", "note", news.line);
  references_ =
      std::make_unique<retrieve::ReferenceFinder>(folder, embedder_.get(), query_maps_folder(), news.being_built);
  bench_->references = references_.get();
}

std::unique_ptr<core::TextGenerator> Session::recorded(std::unique_ptr<core::TextGenerator> generator) {
  if (const char* trace = std::getenv("GPIOT_TRACE"); trace != nullptr && *trace != '\0') {
    generator = std::make_unique<agents::RecordingGenerator>(std::move(generator), trace);
  }
  return generator;
}

core::TextGenerator* Session::defer(agents::DeferredGenerator::Make make) {
  return generators_.emplace_back(std::make_unique<agents::DeferredGenerator>(std::move(make))).get();
}

void Session::use_endpoint(const SessionOptions& options) {
  if (!options.tdslm.empty() || !options.cgslm.empty()) {
    throw base::Error(base::ErrorCode::InvalidArgument, "gpiot.adapter",
                      "an adapter cannot be given to an endpoint: expected a local model beside --tdslm or --cgslm",
                      "let the endpoint serve the adapter, and name what it serves with --model");
  }
  llm::EndpointOptions endpoint;
  endpoint.base_url = options.endpoint;
  endpoint.model = options.model;
  endpoint.timeout_ms = std::int64_t{1000} * options.endpoint_timeout_s;
  endpoint.parallel = options.endpoint_parallel;
  if (options.context_tokens > 0) endpoint.context_tokens = options.context_tokens;
  (void)llm::EndpointGenerator(endpoint);  // an address that is none is refused at once
  auto* one = defer([endpoint] { return recorded(std::make_unique<llm::EndpointGenerator>(endpoint)); });
  bench_->roles = {.tdslm = one, .rtslm = one, .cgslm = one};
}

Session::Model Session::load_model(const SessionOptions& options, AppContext& context) {
  const auto store = models::Store::of_user();
  const auto catalogue = models::Catalogue::load(base::installation_root() / "models.toml");
  auto resolved = models::ensure(store, catalogue, options.model, make_pull_hooks(context), context.cancel);
  // An adapter belongs to the very file it was tuned on.
  if (options.batch_copy == "auto" && options.tdslm.empty() && options.cgslm.empty()) {
    resolved =
        batch_copy(store, resolved, context, [this](const std::string& text) { bench_->say("model", "note", text); });
  }
  return {resolved, std::make_shared<const llm::LlamaModel>(resolved.path)};
}

void Session::use_model(const SessionOptions& options, AppContext& context) {
  // What cannot be had is refused at once; what can be pulled is pulled when the model is asked.
  const auto store = models::Store::of_user();
  const auto catalogue = models::Catalogue::load(base::installation_root() / "models.toml");
  if (models::is_here(store, catalogue, options.model)) {
    (void)weights::check_gguf(models::resolve(store, catalogue, options.model).path);
  }
  const auto make = [this, options, &context](const std::string& adapter, const std::string& adapter_sha256) {
    if (!model_) model_ = load_model(options, context);
    llm::LlamaGeneratorOptions llama;
    llama.name = model_->resolved.name;
    llama.model_sha256 = model_->resolved.sha256;
    if (options.context_tokens > 0) llama.context_tokens = options.context_tokens;
    llama.threads = options.threads;
    llama.prompt_folder = base::user_paths().cache / "prompts";
    llama.adapter_path = adapter;
    llama.adapter_sha256 = adapter_sha256;
    auto generator = std::make_unique<llm::LlamaGenerator>(model_->weights, llama);
    bench_->say("model", "note",
                fmt::format("{} ({}){}, {}", model_->resolved.name, model_->resolved.sha256.substr(0, 12),
                            adapter.empty() ? "" : " with " + base::printable(adapter), generator->identity().backend));
    return recorded(std::move(generator));
  };
  auto* alone = defer([make] { return make("", ""); });
  const auto with_adapter = [&](const std::string& path) {
    if (path.empty()) return alone;
    return defer([make, path, sha256 = base::sha256_file(path, "gpiot.adapter")] { return make(path, sha256); });
  };
  bench_->roles = {.tdslm = with_adapter(options.tdslm), .rtslm = alone, .cgslm = with_adapter(options.cgslm)};
  // Whether an adapter fits is to be known before anything else is worked on.
  for (auto* const role : {bench_->roles.tdslm, bench_->roles.cgslm}) {
    if (role != alone) (void)role->context_tokens();
  }
}

}  // namespace gpiot::apps
