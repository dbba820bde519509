#include "command_knowledge.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <memory>

#include "gpiot/base/error.h"
#include "gpiot/base/json.h"
#include "gpiot/base/paths.h"
#include "gpiot/base/strings.h"
#include "gpiot/models/file_lock.h"
#include "gpiot/pipeline/accept.h"
#include "gpiot/retrieve/knowledge_base.h"
#include "gpiot/retrieve/search.h"
#include "gpiot/store/knowledge_database.h"
#include "knowledge_use.h"
#include "progress_printer.h"
#include "sandbox_use.h"

namespace gpiot::apps {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;
using base::Json;
using Clock = std::chrono::steady_clock;

struct KnowledgeArguments {
  std::vector<std::string> names;
  std::string folder;
  std::string licence;
  std::string sandbox = "auto";
  bool background = false;
  std::string query;
  store::Filter filter;
  std::size_t count = 5;
  std::string by = "both";
  bool whole = false;
};

fs::path folder_of(const KnowledgeArguments& arguments) {
  return arguments.folder.empty() ? retrieve::knowledge_folder() : fs::path(arguments.folder);
}

void print_json(Json facts) {
  Json line = {{"schema", 1}};
  line.update(facts);
  fmt::print("{}\n", base::dump_json(line));
  std::fflush(stdout);
}

/// Notes as lines, counts as progress with an estimate of what is left.
retrieve::KnowledgeListener listener_of(const AppContext& context, ProgressPrinter printer) {
  const auto start = std::make_shared<Clock::time_point>(Clock::now());
  return [&context, printer, start](const retrieve::KnowledgeEvent& event) mutable {
    if (event.kind == retrieve::KnowledgeEvent::Kind::Note) {
      *start = Clock::now();
      return printer({"knowledge", "note", base::printable(event.text), {{"text", event.text}}});
    }
    const double passed_s = std::chrono::duration<double>(Clock::now() - *start).count();
    const double left_s = passed_s / static_cast<double>(event.done) * static_cast<double>(event.total - event.done);
    const bool embed = event.kind == retrieve::KnowledgeEvent::Kind::Embed;
    printer({"knowledge",
             "progress",
             fmt::format("{} {} of {}, {} left", embed ? "embedded" : "read", event.done, event.total,
                         base::human_seconds(left_s)),
             {{"what", embed ? "embed" : "read"}, {"done", event.done}, {"total", event.total}, {"left_s", left_s}}});
    if (event.done == event.total) *start = Clock::now();
  };
}

void print_change(const AppContext& context, const retrieve::KnowledgeChange& change, double seconds) {
  if (context.json) {
    return print_json({{"kind", "changed"},
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

/// One writer at a time; the others wait, and say so.
std::unique_ptr<models::FileLock> lock_knowledge(const fs::path& folder, const AppContext& context) {
  auto lock = std::make_unique<models::FileLock>(folder / "knowledge.lock", false);
  if (!lock->held()) fmt::print(stderr, "another gpiot is changing this knowledge base: waiting\n");
  while (!lock->held() && !lock->try_again()) {
    context.cancel.throw_if_cancelled("gpiot.knowledge");
    ::usleep(100'000);
  }
  return lock;
}

enum class Change { Add, Refresh, Remove };

void change_knowledge(AppContext& context, KnowledgeArguments arguments, Change what) {
  const auto folder = folder_of(arguments);
  const auto environment = base::python_environment();
  if (what == Change::Add && arguments.names.empty()) arguments.names = default_names(environment);
  if (arguments.background && !go_to_background(folder)) return;
  const auto lock = lock_knowledge(folder, context);
  const ProgressPrinter printer(context.json);
  const auto start = Clock::now();
  const auto embedder = make_embedder(context, true);
  const auto sandbox = make_sandbox(arguments.sandbox, printer);
  retrieve::KnowledgeBase knowledge({folder, base::installation_root() / "runtime", environment,
                                     base::installation_root() / "knowledge" / "uses", *sandbox, embedder.get(),
                                     listener_of(context, printer), context.cancel});
  retrieve::KnowledgeChange change;
  if (what == Change::Remove) {
    knowledge.remove(arguments.names);
    change.dropped = arguments.names.size();
  } else {
    change = what == Change::Add ? knowledge.add(arguments.names, arguments.licence) : knowledge.refresh();
  }
  print_change(context, change, std::chrono::duration<double>(Clock::now() - start).count());
}

void list_sources(const AppContext& context, const KnowledgeArguments& arguments) {
  auto database = store::open_to_read(folder_of(arguments));
  if (!context.json)
    fmt::print("{:<9} {:<14} {:<16} {:>9} {:>9} {:>9}  {}\n", "kind", "version", "licence", "documents", "passages",
               "embedded", "source");
  for (const auto& source : store::sources_of(database)) {
    if (context.json) {
      print_json({{"kind", "source"},
                  {"of", source.kind},
                  {"name", source.name},
                  {"version", source.version},
                  {"licence", source.licence},
                  {"read_at", source.read_at},
                  {"documents", source.documents},
                  {"refused", source.refused},
                  {"passages", source.passages},
                  {"embedded", source.embedded}});
      continue;
    }
    const auto or_none = [](const std::string& text) {
      return text.empty() ? std::string("-") : base::printable(text);
    };
    fmt::print("{:<9} {:<14} {:<16} {:>9} {:>9} {:>9}  {}\n", source.kind, or_none(source.version).substr(0, 14),
               or_none(source.licence).substr(0, 16), source.documents, source.passages, source.embedded,
               base::printable(source.name));
  }
}

void print_stats(const AppContext& context, const KnowledgeArguments& arguments) {
  const auto folder = folder_of(arguments);
  auto database = store::open_to_read(folder);
  const auto making = store::making_of(database);
  const auto count = [&](std::string_view what) {
    return database.integer(fmt::format("SELECT count(*) FROM {}", what));
  };
  std::error_code failure;
  Json facts = {{"kind", "stats"},
                {"folder", folder.string()},
                {"sources", count("source")},
                {"documents", count("document")},
                {"refused", count("document WHERE refused != ''")},
                {"passages", count("passage")},
                {"objects", count("object")},
                {"texts", count("vector")},
                {"embedded", count("vector WHERE components IS NOT NULL")},
                {"bytes", fs::file_size(store::database_file(folder), failure)},
                {"encoder", making.encoder},
                {"encoder_sha256", making.encoder_sha256},
                {"dimension", making.dimension},
                {"max_tokens", making.max_tokens},
                {"characters", making.characters},
                {"being_changed", !models::FileLock(folder / "knowledge.lock", false).held()}};
  if (context.json) return print_json(facts);
  fmt::print("{} sources, {} documents ({} refused), {} passages, {} functions and classes; {}\n", count("source"),
             count("document"), count("document WHERE refused != ''"), count("passage"), count("object"),
             base::human_bytes(facts["bytes"].get<double>()));
  fmt::print("embedded: {} of {} texts, {} numbers each by {}, at most {} tokens of a text\n",
             count("vector WHERE components IS NOT NULL"), count("vector"), making.dimension,
             making.encoder.empty() ? "no encoder" : base::printable(making.encoder), making.max_tokens);
  fmt::print("{}{}\n", base::printable(folder.string()),
             facts["being_changed"].get<bool>() ? ", being changed now" : "");
}

void verify_knowledge(const AppContext& context, const KnowledgeArguments& arguments) {
  auto database = store::open_to_read(folder_of(arguments));
  const auto faults = store::faults_of(database);
  for (const auto& fault : faults) {
    if (!context.json) fmt::print("{}\n", base::printable(fault));
  }
  if (context.json) print_json({{"kind", "verified"}, {"faults", faults}});
  if (!faults.empty()) {
    throw Error(ErrorCode::Format, "knowledge.verify",
                fmt::format("the knowledge base is not whole: {} faults", faults.size()),
                "move its folder away, then gpiot knowledge add");
  }
  if (!context.json) fmt::print("the knowledge base is whole\n");
}

std::string where_from(const store::FoundPassage& found) {
  if (found.source_kind == "package") return found.source + " " + found.version;
  const auto place = found.source.ends_with(found.document) ? found.source : found.source + "/" + found.document;
  return fmt::format("{}, {} {} to {}", base::printable(place), found.span, found.passage.start, found.passage.end);
}

void print_result(const AppContext& context, const retrieve::Result& result, std::size_t number, bool whole) {
  const auto& found = result.found;
  if (context.json) {
    return print_json({{"kind", "result"},
                       {"rank", number},
                       {"name", result.name},
                       {"score", result.score},
                       {"word_rank", result.word_rank},
                       {"word_score", result.word_score},
                       {"vector_rank", result.vector_rank},
                       {"vector_score", result.vector_score},
                       {"of", found.passage.kind},
                       {"source", found.source},
                       {"version", found.version},
                       {"licence", found.licence},
                       {"document", found.document},
                       {"start", found.passage.start},
                       {"end", found.passage.end},
                       {"names", found.passage.names},
                       {"text", found.passage.text}});
  }
  const auto rank = [](int place) { return place == 0 ? std::string("-") : std::to_string(place); };
  fmt::print("{}. {}  ({})\n", number, base::printable(result.name), found.passage.kind);
  fmt::print("   {}; score {:.4f}: by words {}, by meaning {} ({:.2f})\n", where_from(found), result.score,
             rank(result.word_rank), rank(result.vector_rank), result.vector_score);
  constexpr std::size_t kShort = 3;
  std::size_t shown = 0;
  for (const auto& line : base::split_lines(base::printable(found.passage.text))) {
    if (!whole && (line.empty() || shown >= kShort)) continue;
    fmt::print("   | {}\n", whole ? line : line.substr(0, 110));
    ++shown;
  }
}

void search(AppContext& context, const KnowledgeArguments& arguments) {
  const bool vectors = arguments.by != "words";
  const auto embedder = vectors ? make_embedder(context, false) : nullptr;
  if (vectors && embedder == nullptr)
    fmt::print(stderr, "no embedding model is installed: searching by words alone (gpiot model pull minilm-l6-v2)\n");
  retrieve::KnowledgeSearch knowledge(folder_of(arguments), embedder.get());
  retrieve::Query query;
  query.text = arguments.query;
  query.filter = arguments.filter;
  query.count = arguments.count;
  query.words = arguments.by != "vectors";
  query.vectors = vectors;
  const auto results = knowledge.search(query, context.cancel);
  if (results.empty()) fmt::print(stderr, "nothing found\n");
  for (std::size_t i = 0; i < results.size(); ++i) print_result(context, results[i], i + 1, arguments.whole);
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

void add_read_commands(CLI::App* knowledge, AppContext& context, const std::shared_ptr<KnowledgeArguments>& arguments) {
  auto* list = knowledge->add_subcommand("list", "Example: gpiot knowledge list\n\nWhat is known, with licences.");
  list->callback([&context, arguments] { list_sources(context, *arguments); });

  auto* stats = knowledge->add_subcommand("stats", "Example: gpiot knowledge stats\n\nCounts, encoder and size.");
  stats->callback([&context, arguments] { print_stats(context, *arguments); });

  auto* verify = knowledge->add_subcommand(
      "verify", "Example: gpiot knowledge verify\n\nReads all of the knowledge base: is it whole?");
  verify->callback([&context, arguments] { verify_knowledge(context, *arguments); });

  auto* command = knowledge->add_subcommand(
      "search",
      "Example: gpiot knowledge search \"find R peaks in a noisy ECG\"\n\nThe best passages, with scores and sources.");
  command->add_option("query", arguments->query, "in your words, or a name")->required();
  command->add_option("-n,--count", arguments->count, "results")->check(CLI::Range(1, 100))->capture_default_str();
  command->add_option("--by", arguments->by, "both, words or vectors")
      ->check(CLI::IsMember({"both", "words", "vectors"}))
      ->capture_default_str();
  command->add_option("--source", arguments->filter.sources, "only this package, file or folder");
  command->add_option("--version", arguments->filter.version, "only this version of a package");
  command->add_option("--kind", arguments->filter.kinds,
                      "only function, class, method, module, object, section, code or program");
  command->add_option("--licence", arguments->filter.licence, "only sources with this licence");
  command->add_flag("--whole", arguments->whole, "whole passages");
  command->callback([&context, arguments] { search(context, *arguments); });
}

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
                                     listener_of(context, printer), context.cancel});
  (void)knowledge.add_program(project.string(), fmt::format("run {:04}", accepted.run), passages);
  if (context.json) {
    return print_json({{"kind", "accepted"},
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
  add_read_commands(knowledge, context, arguments);
}

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
