#include "knowledge_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>

#include "gpiot/base/paths.h"
#include "gpiot/base/strings.h"

namespace gpiot::apps {

std::filesystem::path knowledge_folder_of(const std::string& asked) {
  return asked.empty() ? retrieve::knowledge_folder() : std::filesystem::path(asked);
}

std::filesystem::path query_maps_folder() { return base::installation_root() / "knowledge" / "query_maps"; }

namespace {

/// Notes as lines, counts as progress with an estimate of what is left.
retrieve::KnowledgeListener knowledge_listener(const ProgressPrinter& printer) {
  const auto start = std::make_shared<std::chrono::steady_clock::time_point>(std::chrono::steady_clock::now());
  return [printer = printer, start](const retrieve::KnowledgeEvent& event) mutable {
    if (event.kind == retrieve::KnowledgeEvent::Kind::Source) return;  // a package has a note of its own
    if (event.kind == retrieve::KnowledgeEvent::Kind::Note) {
      *start = std::chrono::steady_clock::now();
      return printer({"knowledge", "note", base::printable(event.text), {{"text", event.text}}});
    }
    const double passed_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - *start).count();
    const double left_s = passed_s / static_cast<double>(event.done) * static_cast<double>(event.total - event.done);
    const bool embed = event.kind == retrieve::KnowledgeEvent::Kind::Embed;
    printer({"knowledge",
             "progress",
             fmt::format("{} {} of {}, {} left", embed ? "embedded" : "read", event.done, event.total,
                         base::human_seconds(left_s)),
             {{"what", embed ? "embed" : "read"}, {"done", event.done}, {"total", event.total}, {"left_s", left_s}}});
    if (event.done == event.total) *start = std::chrono::steady_clock::now();
  };
}

}  // namespace

std::unique_ptr<models::FileLock> lock_knowledge(const std::filesystem::path& folder, const AppContext& context) {
  auto lock = std::make_unique<models::FileLock>(folder / "knowledge.lock", false);
  if (!lock->held())
    fmt::print(stderr, "another gpiot is changing this knowledge base (gpiot knowledge stats): waiting\n");
  while (!lock->held() && !lock->try_again()) {
    context.cancel.throw_if_cancelled("gpiot.knowledge");
    ::usleep(100'000);
  }
  return lock;
}

retrieve::KnowledgeTools knowledge_tools(const std::filesystem::path& folder, core::ProgramRunner& sandbox,
                                         core::Embedder* embedder, const ProgressPrinter& printer,
                                         AppContext& context) {
  const auto root = base::installation_root();
  return {folder,  root / "runtime", base::python_environment(),  root / "knowledge" / "uses",
          sandbox, embedder,         knowledge_listener(printer), context.cancel};
}

retrieve::KnowledgeBase open_knowledge(const std::filesystem::path& folder, core::ProgramRunner& sandbox,
                                       core::Embedder* embedder, const ProgressPrinter& printer, AppContext& context) {
  return retrieve::KnowledgeBase(knowledge_tools(folder, sandbox, embedder, printer, context));
}

void add_background_option(CLI::App* command, bool& wanted) {
  command
      ->add_option("--knowledge-background", wanted,
                   "off: the default knowledge base is not built in the background where one is asked for and missing")
      ->capture_default_str();
}

}  // namespace gpiot::apps
