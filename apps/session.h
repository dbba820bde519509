#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app_context.h"
#include "gpiot/agents/deferred_generator.h"
#include "gpiot/core/embedder.h"
#include "gpiot/core/program_runner.h"
#include "gpiot/core/text_generator.h"
#include "gpiot/llm/llama_model.h"
#include "gpiot/models/resolve.h"
#include "gpiot/pipeline/workbench.h"
#include "gpiot/project/project_lock.h"
#include "progress_printer.h"

namespace gpiot::apps {

/// What the project commands have in common on the command line.
struct SessionOptions {
  std::string target;  ///< project folder, or for synthesize the requirement in words
  std::string data;
  std::string output;
  std::string model;                ///< alias, path or hf.co/owner/repo:file; empty = the catalogue's default
  std::string tdslm;                ///< LoRA adapter (GGUF) of the model for decompose; empty = the model alone
  std::string cgslm;                ///< the same for generate and repair
  std::string endpoint;             ///< http://host:port/v1 instead of a local model
  std::string batch_copy = "auto";  ///< a copy of the model that decodes batches faster: auto, off
  std::string from;
  std::string sandbox = "auto";  ///< level: auto, A or B
  double budget_memory_mb = 0;
  int context_tokens = 0;        ///< of one prompt with its answer; 0 = what the generator takes by itself
  int endpoint_timeout_s = 900;  ///< of one answer of the endpoint
  int endpoint_parallel = 8;     ///< answers asked of the endpoint at a time
  int threads = 0;
  bool final_part = false;
  bool no_model = false;             ///< gpiot's own plan and functions alone
  std::string retrieval = "off";     ///< "on": what the knowledge base says is quoted in prompts
  std::string knowledge;             ///< folder of the knowledge base; empty = the user's own
  bool knowledge_background = true;  ///< its default set is built in the background where it is missing
  pipeline::Options pipeline;
};

/// What a command needs besides the project's files.
struct Needs {
  bool model = false;
  bool runner = false;
};

/// Builds the objects of one command and holds them: lock, state, generator, sandbox, workbench.
class Session {
 public:
  /// Errors: NotFound (project), Model, Download, Sandbox, Format.
  Session(const SessionOptions& options, Needs needs, AppContext& context);
  [[nodiscard]] pipeline::Workbench& bench() { return *bench_; }

 private:
  struct Model {
    models::ResolvedModel resolved;
    std::shared_ptr<const llm::LlamaModel> weights;
  };

  /// The model is pulled and loaded when it is asked for the first time.
  void use_model(const SessionOptions& options, AppContext& context);
  [[nodiscard]] Model load_model(const SessionOptions& options, AppContext& context);
  void use_endpoint(const SessionOptions& options);
  void open_knowledge(const SessionOptions& options, AppContext& context);
  /// The generator itself, or recorded where GPIOT_TRACE asks for it.
  [[nodiscard]] static std::unique_ptr<core::TextGenerator> recorded(std::unique_ptr<core::TextGenerator> generator);
  core::TextGenerator* defer(agents::DeferredGenerator::Make make);

  std::filesystem::path project_;
  std::unique_ptr<project::ProjectLock> lock_;
  std::optional<project::ProjectState> state_;
  std::optional<Model> model_;
  std::vector<std::unique_ptr<core::TextGenerator>> generators_;
  std::unique_ptr<core::ProgramRunner> runner_;
  std::optional<agents::PromptSet> prompts_;
  std::unique_ptr<core::Embedder> embedder_;
  std::unique_ptr<core::ReferenceSource> references_;
  ProgressPrinter printer_;
  std::unique_ptr<pipeline::Workbench> bench_;
};

}  // namespace gpiot::apps
