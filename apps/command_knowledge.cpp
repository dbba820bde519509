#include "command_knowledge.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <memory>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/paths.h"
#include "gpiot/base/strings.h"
#include "gpiot/retrieve/knowledge_base.h"
#include "json_line.h"
#include "knowledge_command.h"
#include "knowledge_use.h"
#include "sandbox_use.h"

namespace gpiot::apps {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using Clock = std::chrono::steady_clock;

void print_change(const AppContext& context, const retrieve::KnowledgeChange& change, double seconds) {
  if (context.json) {
    return print_json_line({{"kind", "changed"},
                            {"read", change.read},
                            {"unchanged", change.unchanged},
                            {"dropped", change.dropped},
                            {"refused", change.refused},
                            {"embedded", change.embedded},
                            {"seconds", seconds}});
  }
  fmt::print("{} read, {} unchanged, {} dropped, {} refused; {} texts embedded; {}\n", change.read, change.unchanged,
             change.dropped, change.refused, change.embedded, base::human_seconds(seconds));
}

/// The default set: what generated programs may use and is installed.
std::vector<std::string> default_names(const fs::path& environment) {
  const auto packages = retrieve::installed_packages(environment);
  std::vector<std::string> names;
  for (const auto& name : retrieve::default_packages()) {
    if (retrieve::find_package(packages, name)) names.push_back(name);
  }
  return names;
}

/// Goes on as a process of its own; its words go to a file beside the knowledge base. True in the child.
bool go_to_background(const fs::path& folder) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  const auto log = folder / "knowledge.log";
  const auto child = ::fork();
  if (child < 0) throw base::io_error("gpiot.knowledge", "no process can be started", errno);
  if (child > 0) {
    fmt::print("building in the background, process {}; gpiot knowledge stats shows how far it is; its log is {}\n",
               child, log.string());
    return false;
  }
  ::setsid();
  const bool moved = std::freopen("/dev/null", "r", stdin) != nullptr &&
                     std::freopen(log.c_str(), "w", stdout) != nullptr && ::dup2(STDOUT_FILENO, STDERR_FILENO) >= 0;
  if (!moved) std::_Exit(base::info(ErrorCode::Io).exit_status);
  return true;
}

enum class Change { Add, Refresh, Remove };

void change_knowledge(AppContext& context, KnowledgeArguments arguments, Change what) {
  const auto folder = knowledge_folder_of(arguments.folder);
  if (what == Change::Add && arguments.names.empty()) arguments.names = default_names(base::python_environment());
  if (arguments.background && !go_to_background(folder)) return;
  const auto lock = lock_knowledge(folder, context);
  const ProgressPrinter printer(context.json);
  const auto start = Clock::now();
  const auto embedder = make_embedder(context, true);
  const auto sandbox = make_sandbox(arguments.sandbox, printer);
  auto knowledge = open_knowledge(folder, *sandbox, embedder.get(), printer, context);
  retrieve::KnowledgeChange change;
  if (what == Change::Remove) {
    knowledge.remove(arguments.names);
    change.dropped = arguments.names.size();
  } else {
    change = what == Change::Add ? knowledge.add(arguments.names, arguments.licence) : knowledge.refresh();
  }
  print_change(context, change, std::chrono::duration<double>(Clock::now() - start).count());
}

void add_change_commands(CLI::App* knowledge, AppContext& context,
                         const std::shared_ptr<KnowledgeArguments>& arguments) {
  auto* add = knowledge->add_subcommand(
      "add",
      "Example: gpiot knowledge add ~/papers scipy\n\nTakes in files, folders and installed Python packages; without "
      "names, the packages that generated programs may use.");
  add->add_option("names", arguments->names, "files, folders or packages");
  add->add_option("--licence", arguments->licence, "licence of the files, kept with them: CC-BY-4.0");
  add->add_flag("--background", arguments->background, "go on in the background");
  add->callback([&context, arguments] { change_knowledge(context, *arguments, Change::Add); });

  auto* refresh = knowledge->add_subcommand(
      "refresh",
      "Example: gpiot knowledge refresh\n\nReads again what changed, drops what is gone, follows package upgrades.");
  refresh->add_flag("--background", arguments->background, "go on in the background");
  refresh->callback([&context, arguments] { change_knowledge(context, *arguments, Change::Refresh); });

  auto* remove = knowledge->add_subcommand("remove", "Example: gpiot knowledge remove scipy\n\nForgets sources.");
  remove->add_option("names", arguments->names, "as gpiot knowledge list shows them")->required();
  remove->callback([&context, arguments] { change_knowledge(context, *arguments, Change::Remove); });
  for (auto* command : {add, refresh}) add_sandbox_option(command, arguments->sandbox);
}

}  // namespace

void register_knowledge_command(CLI::App& app, AppContext& context) {
  auto* knowledge = app.add_subcommand("knowledge",
                                       "Example: gpiot knowledge search \"remove baseline wander\"\n\nThe knowledge "
                                       "base: documentation of the installed "
                                       "packages, your papers and notes.");
  knowledge->require_subcommand(1);
  knowledge->fallthrough();
  const auto arguments = std::make_shared<KnowledgeArguments>();  // shared: the callbacks outlive this function
  knowledge->add_option("--knowledge", arguments->folder, "folder of the knowledge base, in place of the user's own");
  add_change_commands(knowledge, context, arguments);
  add_knowledge_readers(knowledge, context, arguments);
}

}  // namespace gpiot::apps
