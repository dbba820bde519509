#include "knowledge_build.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "background.h"
#include "gpiot/base/strings.h"
#include "gpiot/base/utc.h"

namespace gpiot::apps {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;
using retrieve::BuildRecord;
using retrieve::DefaultSet;
using State = BuildRecord::State;

constexpr std::string_view kWhere = "gpiot.knowledge";
constexpr int kLockTries = 10;  // somebody may have looked at the lock at that very moment
constexpr int kBetweenTries_us = 100'000;
constexpr int kEndPatience_s = 20;

std::int64_t now_s() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

void set_default(BuildRecord& record, DefaultSet set) {
  record.default_set = set;
  record.default_set_s = now_s();
}

}  // namespace

bool is_running(const BuildRecord& record) {
  return record.state == State::Running && !record.process_start.empty() &&
         process_start(record.process) == record.process_start;
}

BuildKeeper::BuildKeeper(fs::path folder, bool background, bool default_set)
    : folder_(std::move(folder)), default_set_(default_set) {
  const auto before = retrieve::read_build_record(folder_);
  record_.background = background;
  record_.process = static_cast<int>(::getpid());
  record_.process_start = process_start(::getpid());
  record_.started_at = base::utc_now();
  if (before) {
    record_.default_set = before->default_set;
    record_.default_set_s = before->default_set_s;
    record_.starts = before->starts;
  }
  if (default_set_ && record_.default_set != DefaultSet::Complete) {
    set_default(record_, DefaultSet::Unfinished);
    ++record_.starts;
  }
  retrieve::write_build_record(folder_, record_);
}

void BuildKeeper::listen(const retrieve::KnowledgeEvent& event) {
  using Kind = retrieve::KnowledgeEvent::Kind;
  if (event.kind == Kind::Note || event.kind == Kind::Read) return;
  if (event.kind == Kind::Source) {
    record_.source = event.text;
    record_.done = event.done;
    record_.total = event.total;
  } else {
    record_.embedded = event.done;
    record_.to_embed = event.total;
  }
  if (event.kind == Kind::Embed && now_s() == written_s_) return;  // once a second is often enough
  written_s_ = now_s();
  retrieve::write_build_record(folder_, record_);
}

void BuildKeeper::end(State state, DefaultSet set) {
  record_.state = state;
  record_.ended_at = base::utc_now();
  record_.source.clear();
  if (default_set_ && record_.default_set != DefaultSet::Complete) set_default(record_, set);
  if (default_set_) record_.starts = 0;
  retrieve::write_build_record(folder_, record_);
}

void BuildKeeper::end_well() { end(State::Finished, DefaultSet::Complete); }

void BuildKeeper::end_with(const Error& error) try {
  const bool stopped = error.code() == ErrorCode::Cancelled;
  if (!stopped) {
    record_.error = error.what();
    record_.error_code = base::info(error.code()).name;
    record_.remedy = error.remedy();
  }
  // A signal in the background is a machine that shuts down; `stop_build` says what it is by itself.
  const auto stopped_set = record_.background ? DefaultSet::Unfinished : DefaultSet::Stopped;
  end(stopped ? State::Stopped : State::Failed, stopped ? stopped_set : DefaultSet::Failed);
} catch (const std::exception&) {
}

BuildStart start_build(const fs::path& folder, const std::vector<std::string>& words) {
  const auto place = fs::absolute(folder);
  std::vector<std::string> arguments = {"knowledge", "--knowledge", place.string(), words.front(), "--detached"};
  arguments.insert(arguments.end(), words.begin() + 1, words.end());
  const auto said = base::trim(start_in_background(arguments));
  const auto log = retrieve::build_log_file(place).string();
  if (said.starts_with("started")) {
    return {true, fmt::format("is being built in the background, at the lowest priority (process{}): gpiot knowledge "
                              "stats shows how far it is, gpiot knowledge add --stop ends it; log: {}",
                              said.substr(7), base::printable(log))};
  }
  if (said == "busy") {
    const auto running = running_build(folder);
    return {false, fmt::format("is being {} already{}: nothing was started; gpiot knowledge stats shows how far it is",
                               running && running->background ? "built in the background" : "changed",
                               running ? fmt::format(" (process {})", running->process) : "")};
  }
  throw Error(ErrorCode::Io, kWhere,
              "the build in the background did not start: got " +
                  (said.empty() ? std::string("nothing") : base::printable(said).substr(0, 1000)) +
                  ", expected a process that works",
              "gpiot knowledge add, without --background, shows what is wrong");
}

std::unique_ptr<models::FileLock> lock_detached(const fs::path& folder) {
  take_lowest_priority();
  auto lock = std::make_unique<models::FileLock>(folder / "knowledge.lock", false);
  for (int i = 1; i < kLockTries && !lock->held() && !lock->try_again(); ++i) ::usleep(kBetweenTries_us);
  if (!lock->held()) {
    fmt::print("busy\n");
    return nullptr;
  }
  return lock;
}

void leave_caller(const fs::path& folder) {
  fmt::print("started {}\n", ::getpid());
  talk_to_log(retrieve::build_log_file(folder));
}

bool stop_build(const fs::path& folder) {
  auto record = running_build(folder);
  if (!record || !record->background) return false;
  if (!end_process(record->process, record->process_start, kEndPatience_s)) {
    throw Error(ErrorCode::Timeout, kWhere, fmt::format("process {} does not end", record->process),
                "try once more: it may be waiting for the disk");
  }
  const models::FileLock lock(folder / "knowledge.lock");
  record = retrieve::read_build_record(folder);
  if (!record || is_running(*record)) return true;
  if (record->state == State::Running) record->state = State::Stopped;
  if (record->ended_at.empty()) record->ended_at = base::utc_now();
  if (record->default_set == DefaultSet::Unfinished) set_default(*record, DefaultSet::Stopped);
  retrieve::write_build_record(folder, *record);
  return true;
}

std::optional<BuildRecord> running_build(const fs::path& folder) {
  auto record = retrieve::read_build_record(folder);
  return record && is_running(*record) ? record : std::nullopt;
}

}  // namespace gpiot::apps
