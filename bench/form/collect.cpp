#include "collect.h"

#include <fmt/format.h>

#include <map>

#include "report.h"

namespace gpiot::bench {
namespace {

void make_missing(std::span<const ListedRequirement> missing, const WorkFolder* work, const CollectSettings& settings,
                  const agents::PromptSet& prompts, core::TextGenerator& generator, const Progress::Sink& sink,
                  const base::CancelToken& cancel, Collected& collected) {
  Progress progress(missing.size(), sink);
  const auto keep = [&](FormRow& row) {
    row.commit = settings.commit;
    if (work != nullptr) work->keep(row);
  };
  auto run = run_form(generator, prompts, missing, settings.form, keep, progress, cancel);
  const auto session =
      session_json(run, settings.form, settings.parallel, generator.identity().backend, settings.commit);
  if (work != nullptr) work->add_session(session);
  collected.sessions.push_back(session);
  collected.failed = std::move(run.failed);
  collected.cancelled = run.cancelled;
  for (auto& row : run.rows) collected.rows.push_back(std::move(row));
}

/// The rows in the order of the list.
std::vector<FormRow> in_order(std::span<const ListedRequirement> list, std::vector<FormRow> rows) {
  std::map<std::string, FormRow> by_id;
  for (auto& row : rows) by_id.emplace(row.id, std::move(row));
  std::vector<FormRow> ordered;
  for (const auto& listed : list) {
    if (const auto at = by_id.find(listed.id); at != by_id.end()) ordered.push_back(std::move(at->second));
  }
  return ordered;
}

}  // namespace

Collected collect(std::span<const ListedRequirement> list, const WorkFolder* work, const CollectSettings& settings,
                  const agents::PromptSet& prompts, const GeneratorMaker& make_generator, const Progress::Sink& sink,
                  const base::CancelToken& cancel) {
  Collected collected;
  std::vector<ListedRequirement> missing;
  int of_other_commits = 0;
  if (work != nullptr) collected.sessions = work->sessions();
  for (const auto& listed : list) {
    auto kept = work != nullptr ? work->load(listed) : std::nullopt;
    if (!kept) {
      missing.push_back(listed);
      continue;
    }
    if (kept->commit != settings.commit) ++of_other_commits;
    collected.rows.push_back(std::move(*kept));
  }
  if (work != nullptr) {
    sink(fmt::format("{} rows are kept in {}, {} of them made by another commit", collected.rows.size(),
                     work->path().string(), of_other_commits));
  }
  if (!missing.empty()) {
    const auto generator = make_generator();
    make_missing(missing, work, settings, prompts, *generator, sink, cancel, collected);
  }
  collected.rows = in_order(list, std::move(collected.rows));
  if (settings.texts && work != nullptr) {
    for (const auto& row : collected.rows) work->write_texts(row);
  }
  return collected;
}

}  // namespace gpiot::bench
