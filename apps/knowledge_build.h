#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gpiot/base/error.h"
#include "gpiot/models/file_lock.h"
#include "gpiot/retrieve/build_record.h"
#include "gpiot/retrieve/knowledge_base.h"
#include "json_line.h"

namespace gpiot::apps {

/// Keeps the record of an `add` or `refresh` from its beginning to its end. Used under the lock of the knowledge base.
class BuildKeeper {
 public:
  /// `default_set`: the packages of the default set are taken in, all of them. Errors: Io.
  BuildKeeper(std::filesystem::path folder, bool background, bool default_set);
  void listen(const retrieve::KnowledgeEvent& event);
  void end_well();
  /// Says nothing where the record cannot be written: the failure itself is what counts.
  void end_with(const base::Error& error);

 private:
  void end(retrieve::BuildRecord::State state, retrieve::DefaultSet set);

  std::filesystem::path folder_;
  bool default_set_;
  retrieve::BuildRecord record_;
  std::int64_t written_s_ = 0;
};

/// What came of an attempt to build in the background.
struct BuildStart {
  bool started = false;
  std::string said;  ///< one line for the user
};

/// Starts `gpiot knowledge WORDS... --detached` on this folder as a process of the lowest priority. Nothing is started
/// where the knowledge base is being changed already. Errors: Io; those that the process meets before it has the lock.
[[nodiscard]] BuildStart start_build(const std::filesystem::path& folder, const std::vector<std::string>& words);

/// The part of that process: takes the lowest priority and the lock. Null where another process has the lock, which the
/// caller of `start_build` is told.
[[nodiscard]] std::unique_ptr<models::FileLock> lock_detached(const std::filesystem::path& folder);
/// Tells that caller that the build has begun, with its record written, and writes to the log from then on.
void leave_caller(const std::filesystem::path& folder);

/// Ends a build in the background. True where one ran.
bool stop_build(const std::filesystem::path& folder);

/// Whether its process lives and has not said how it ended.
[[nodiscard]] bool is_running(const retrieve::BuildRecord& record);
/// The record of such a build.
[[nodiscard]] std::optional<retrieve::BuildRecord> running_build(const std::filesystem::path& folder);
/// How far a build is: "3 of 10 sources read, scipy now".
[[nodiscard]] std::string progress_text(const retrieve::BuildRecord& record);
/// What is known of the last build, for --json: null where nothing is.
[[nodiscard]] base::Json build_facts(const std::filesystem::path& folder);
/// The same in lines; none where nothing is worth a word.
[[nodiscard]] std::vector<std::string> build_lines(const std::filesystem::path& folder);

/// What a reader of the knowledge base is to say of the default set.
struct DefaultSetNews {
  bool being_built = false;
  std::string line;  ///< empty = nothing
};

/// Sees to it that the user's own knowledge base gets the default set: starts building it in the background where it
/// holds no package yet or a build of it was killed. Not where `wanted` is false (--knowledge-background), CI is set,
/// it was stopped on request, is complete, or failed within a day; nor in a folder that was named for one call. Nothing
/// that goes wrong here ends the caller.
[[nodiscard]] DefaultSetNews see_to_default_set(const std::filesystem::path& folder, bool wanted);

}  // namespace gpiot::apps
