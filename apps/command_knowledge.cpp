#include "command_knowledge.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <memory>

#include "gpiot/base/error.h"
#include "gpiot/base/paths.h"
#include "gpiot/base/strings.h"
#include "gpiot/retrieve/knowledge_base.h"
#include "json_line.h"
#include "knowledge_build.h"
#include "knowledge_command.h"
#include "knowledge_use.h"
#include "sandbox_use.h"

namespace gpiot::apps {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using Clock = std::chrono::steady_clock;

constexpr double kPatience = 20;  // others may leave little of the machine

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

enum class Change { Add, Refresh };

void print_start(const AppContext& context, const fs::path& folder, const BuildStart& start) {
  if (!context.json) return fmt::print("the knowledge base {}\n", start.said);
  const auto running = running_build(folder);
  print_json_line({{"kind", "background"},
                   {"started", start.started},
                   {"process", running ? base::Json(running->process) : base::Json(nullptr)},
                   {"log", retrieve::build_log_file(folder).string()},
                   {"message", "the knowledge base " + start.said}});
}

/// The same call for a process in the background.
std::vector<std::string> words_of(const KnowledgeArguments& arguments, Change what) {
  std::vector<std::string> words = {what == Change::Add ? "add" : "refresh", "--sandbox", arguments.sandbox};
  if (!arguments.licence.empty()) words.insert(words.end(), {"--licence", arguments.licence});
  if (!arguments.names.empty()) words.emplace_back("--");
  words.insert(words.end(), arguments.names.begin(), arguments.names.end());
  return words;
}

/// An add or refresh under the lock, with its record.
void change_recorded(AppContext& context, const fs::path& folder, KnowledgeArguments arguments, Change what) {
  const auto start = Clock::now();
  const bool default_set = what == Change::Add && arguments.names.empty();
  BuildKeeper keeper(folder, arguments.detached, default_set);
  if (arguments.detached) leave_caller(folder);
  try {
    if (default_set) arguments.names = default_names(base::python_environment());
    const ProgressPrinter printer(context.json);
    const auto embedder = make_embedder(context, true);
    const auto sandbox = make_sandbox(arguments.sandbox, printer);
    auto tools = knowledge_tools(folder, *sandbox, embedder.get(), printer, context);
    if (arguments.detached) tools.patience = kPatience;
    tools.listener = [&keeper, shown = tools.listener](const retrieve::KnowledgeEvent& event) {
      keeper.listen(event);
      shown(event);
    };
    retrieve::KnowledgeBase knowledge(std::move(tools));
    const auto change = what == Change::Add ? knowledge.add(arguments.names, arguments.licence) : knowledge.refresh();
    print_change(context, change, std::chrono::duration<double>(Clock::now() - start).count());
    std::fflush(stdout);
    keeper.end_well();
  } catch (const base::Error& error) {
    keeper.end_with(error);
    throw;
  } catch (const std::exception& error) {
    keeper.end_with(base::Error(ErrorCode::Internal, "gpiot.knowledge", error.what()));
    throw;
  }
}

void change_knowledge(AppContext& context, const KnowledgeArguments& arguments, Change what) {
  const auto folder = knowledge_folder_of(arguments.folder);
  if (arguments.background) {
    if (what == Change::Add && arguments.names.empty())
      (void)default_names(base::python_environment());  // what is wrong with it is said here
    return print_start(context, folder, start_build(folder, words_of(arguments, what)));
  }
  const auto lock = arguments.detached ? lock_detached(folder) : lock_knowledge(folder, context);
  if (lock != nullptr) change_recorded(context, folder, arguments, what);
}

void stop_knowledge(const AppContext& context, const fs::path& folder) {
  const bool stopped = stop_build(folder);
  if (context.json) return print_json_line({{"kind", "stopped"}, {"stopped", stopped}});
  fmt::print("{}\n", stopped ? "stopped; what was read stays, and gpiot knowledge add goes on with the rest"
                             : "nothing is being built in the background");
}

void add(AppContext& context, const KnowledgeArguments& arguments) {
  const auto folder = knowledge_folder_of(arguments.folder);
  if (arguments.stop) return stop_knowledge(context, folder);
  if (!arguments.automatic) return change_knowledge(context, arguments, Change::Add);
  const auto news = see_to_default_set(folder, arguments.default_set);
  if (!news.line.empty()) fmt::print(stderr, "{}\n", news.line);
}

void remove(AppContext& context, const KnowledgeArguments& arguments) {
  const auto folder = knowledge_folder_of(arguments.folder);
  const auto lock = lock_knowledge(folder, context);
  const auto start = Clock::now();
  retrieve::forget_sources(folder, arguments.names);
  retrieve::KnowledgeChange change;
  change.dropped = arguments.names.size();
  print_change(context, change, std::chrono::duration<double>(Clock::now() - start).count());
}

void add_change_commands(CLI::App* knowledge, AppContext& context,
                         const std::shared_ptr<KnowledgeArguments>& arguments) {
  auto* add_command = knowledge->add_subcommand(
      "add",
      "Example: gpiot knowledge add ~/papers scipy\n\nTakes in files, folders and installed Python packages; without "
      "names, the packages that generated programs may use.");
  auto* names = add_command->add_option("names", arguments->names, "files, folders or packages");
  add_command->add_option("--licence", arguments->licence, "licence of the files, kept with them: CC-BY-4.0");
  add_command
      ->add_flag("--auto", arguments->automatic,
                 "the default set in the background, where it is missing and knowledge-background is on")
      ->excludes(names);
  add_command->add_flag("--stop", arguments->stop, "end what is built in the background; what was read stays")
      ->excludes(names);
  add_command->callback([&context, arguments] { add(context, *arguments); });

  auto* refresh = knowledge->add_subcommand(
      "refresh",
      "Example: gpiot knowledge refresh\n\nReads again what changed, drops what is gone, follows package upgrades.");
  refresh->callback([&context, arguments] { change_knowledge(context, *arguments, Change::Refresh); });

  auto* remove_command =
      knowledge->add_subcommand("remove", "Example: gpiot knowledge remove scipy\n\nForgets sources.");
  remove_command->add_option("names", arguments->names, "as gpiot knowledge list shows them")->required();
  remove_command->callback([&context, arguments] { remove(context, *arguments); });
  for (auto* command : {add_command, refresh}) {
    add_sandbox_option(command, arguments->sandbox);
    command->add_flag("--background", arguments->background, "in the background, at the lowest priority");
    command->add_flag("--detached", arguments->detached)->group("");  // what --background starts
  }
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
  add_background_option(knowledge, arguments->default_set);
  add_change_commands(knowledge, context, arguments);
  add_knowledge_readers(knowledge, context, arguments);
}

}  // namespace gpiot::apps
