#include <fmt/format.h>

#include "gpiot/base/strings.h"
#include "knowledge_build.h"

namespace gpiot::apps {

namespace fs = std::filesystem;
using retrieve::BuildRecord;
using State = BuildRecord::State;

std::string progress_text(const BuildRecord& record) {
  if (record.to_embed > 0) {
    return fmt::format("all {} sources are read, {} of {} texts embedded", record.total, record.embedded,
                       record.to_embed);
  }
  if (record.total == 0) return "just begun";
  return fmt::format("{} of {} sources read{}", record.done, record.total,
                     record.source.empty() ? "" : ", " + base::printable(record.source) + " now");
}

base::Json build_facts(const fs::path& folder) {
  const auto record = retrieve::read_build_record(folder);
  if (!record) return nullptr;
  const bool running = is_running(*record);
  const bool killed = record->state == State::Running && !running;
  base::Json error = nullptr;
  if (!record->error.empty())
    error = {{"code", record->error_code}, {"message", record->error}, {"remedy", record->remedy}};
  return {{"state", killed ? "killed" : retrieve::name(record->state)},
          {"background", record->background},
          {"process", running ? base::Json(record->process) : base::Json(nullptr)},
          {"started_at", record->started_at},
          {"ended_at", record->ended_at},
          {"source", running ? record->source : ""},
          {"done", record->done},
          {"total", record->total},
          {"embedded", record->embedded},
          {"to_embed", record->to_embed},
          {"default_set", retrieve::name(record->default_set)},
          {"log", record->background ? retrieve::build_log_file(folder).string() : ""},
          {"error", error}};
}

std::vector<std::string> build_lines(const fs::path& folder) {
  const auto record = retrieve::read_build_record(folder);
  if (!record) return {};
  const std::string where = record->background ? " in the background" : "";
  const auto log = record->background ? "; log: " + base::printable(retrieve::build_log_file(folder).string()) : "";
  if (is_running(*record)) {
    return {fmt::format("being built{} since {} by process {}: {}{}", where, record->started_at, record->process,
                        progress_text(*record), log)};
  }
  const auto got = record->total > 0 ? "; " + progress_text(*record) : "";
  switch (record->state) {
    case State::Running:
      return {fmt::format("the build{} of {} was killed{}; gpiot knowledge add goes on with it{}", where,
                          record->started_at, got, log)};
    case State::Stopped:
      return {fmt::format("the build{} was stopped at {}{}; gpiot knowledge add goes on with it{}", where,
                          record->ended_at, got, log)};
    case State::Failed: {
      std::vector<std::string> lines = {fmt::format("the build{} failed at {}{}{}", where, record->ended_at, got, log),
                                        "  " + base::printable(record->error)};
      if (!record->remedy.empty()) lines.push_back("  what to do: " + base::printable(record->remedy));
      return lines;
    }
    case State::Finished:
      break;
  }
  return {};
}

}  // namespace gpiot::apps
