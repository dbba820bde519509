#include "command_accept.h"

#include <fmt/format.h>

#include <memory>

#include "gpiot/base/paths.h"
#include "gpiot/base/strings.h"
#include "gpiot/pipeline/accept.h"
#include "knowledge_command.h"
#include "knowledge_use.h"
#include "sandbox_use.h"

namespace gpiot::apps {
namespace {

namespace fs = std::filesystem;

void accept(AppContext& context, const std::string& target, int run) {
  const auto project = fs::canonical(target);
  const auto accepted = pipeline::accept_run(project, run);
  std::vector<retrieve::ProgramPassage> passages;
  for (const auto& function : accepted.functions)
    passages.push_back({accepted.title + " > " + function.name, function.target + "\n\n" + function.code});
  const auto folder = retrieve::knowledge_folder();
  const auto lock = lock_knowledge(folder, context);
  const ProgressPrinter printer(context.json);
  const auto embedder = make_embedder(context, true);
  const auto sandbox = make_sandbox("auto", printer);
  retrieve::KnowledgeBase knowledge({folder, base::installation_root() / "runtime", base::python_environment(),
                                     base::installation_root() / "knowledge" / "uses", *sandbox, embedder.get(),
                                     knowledge_listener(printer), context.cancel});
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
  const auto target = std::make_shared<std::string>();  // shared: the callback outlives this function
  const auto run = std::make_shared<int>(0);
  command->add_option("project", *target, "project folder")->required()->check(CLI::ExistingDirectory);
  command->add_option("--run", *run, "number of the run; default: the last finished one")->check(CLI::PositiveNumber);
  command->callback([&context, target, run] { accept(context, *target, *run); });
}

}  // namespace gpiot::apps
