#include "command_accept.h"

#include <fmt/format.h>

#include <memory>

#include "gpiot/base/strings.h"
#include "gpiot/pipeline/accept.h"
#include "json_line.h"
#include "knowledge_command.h"
#include "knowledge_use.h"
#include "sandbox_use.h"

namespace gpiot::apps {
namespace {

namespace fs = std::filesystem;

struct AcceptOptions {
  std::string target;
  int run = 0;            ///< 0 = the last finished one
  std::string knowledge;  ///< folder of the knowledge base; empty = the user's own
};

void accept(AppContext& context, const AcceptOptions& options) {
  const auto project = fs::canonical(options.target);
  const auto accepted = pipeline::accept_run(project, options.run);
  std::vector<retrieve::ProgramPassage> passages;
  for (const auto& function : accepted.functions)
    passages.push_back({accepted.title + " > " + function.name, function.target + "\n\n" + function.code});
  const auto folder = knowledge_folder_of(options.knowledge);
  const auto lock = lock_knowledge(folder, context);
  const ProgressPrinter printer(context.json);
  const auto embedder = make_embedder(context, true);
  const auto sandbox = make_sandbox("auto", printer);
  auto knowledge = open_knowledge(folder, *sandbox, embedder.get(), printer, context);
  (void)knowledge.add_program(project.string(), fmt::format("run {:04}", accepted.run), passages);
  if (context.json) {
    return print_json_line({{"kind", "accepted"},
                            {"run", accepted.run},
                            {"reached", accepted.reached},
                            {"summary", accepted.summary},
                            {"functions", passages.size()}});
  }
  fmt::print("run {:04} is accepted{}: {}\n{} functions are in the knowledge base now\n", accepted.run,
             accepted.reached ? "" : " (it did not reach its thresholds on the final part)",
             base::printable(accepted.summary), passages.size());
}

}  // namespace

void register_accept_command(CLI::App& app, AppContext& context) {
  auto* command = app.add_subcommand(
      "accept",
      "Example: gpiot accept examples/heartbeat-detection\n\nMarks a run as good: its functions become passages of the "
      "knowledge base.");
  const auto options = std::make_shared<AcceptOptions>();  // shared: the callback outlives this function
  command->add_option("project", options->target, "project folder")->required()->check(CLI::ExistingDirectory);
  command->add_option("--knowledge", options->knowledge, "folder of the knowledge base; default: the user's own");
  command->add_option("--run", options->run, "number of the run; default: the last finished one")
      ->check(CLI::PositiveNumber);
  command->callback([&context, options] { accept(context, *options); });
}

}  // namespace gpiot::apps
