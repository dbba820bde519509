#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace gpiot::retrieve {

/// How far the default set of packages is in a knowledge base: what decides whether it is built unasked.
enum class DefaultSet {
  Never,       ///< nobody has asked for it
  Unfinished,  ///< it is being built, or what built it was killed: to be gone on with
  Stopped,     ///< on request: not gone on with unasked
  Failed,      ///< tried again unasked after a day at the earliest
  Complete     ///< what is removed later stays away
};

/// What is known of the last `add` or `refresh` of a knowledge base, also while it works; a file beside the store, so
/// that it can be told before there is a store and after a failure.
struct BuildRecord {
  enum class State { Running, Finished, Stopped, Failed };
  State state = State::Running;
  bool background = false;
  int process = 0;
  std::string process_start;               ///< so that a later process with the same number is not taken for it
  std::string started_at, ended_at;        ///< UTC; empty = not yet
  std::string source;                      ///< that is read now; empty = none
  std::size_t done = 0, total = 0;         ///< sources
  std::size_t embedded = 0, to_embed = 0;  ///< texts, after the sources; 0 of 0 = not begun
  std::string error, error_code, remedy;   ///< of a failure
  DefaultSet default_set = DefaultSet::Never;
  std::int64_t default_set_s = 0;  ///< when that was written, seconds since 1970
  int starts = 0;                  ///< of the default set, since one said how it ended: all but the last were killed
};

[[nodiscard]] std::filesystem::path build_record_file(const std::filesystem::path& folder);
/// What a build in the background says.
[[nodiscard]] std::filesystem::path build_log_file(const std::filesystem::path& folder);

/// None where there is none, or where the file is no such record.
[[nodiscard]] std::optional<BuildRecord> read_build_record(const std::filesystem::path& folder);
/// Errors: Io.
void write_build_record(const std::filesystem::path& folder, const BuildRecord& record);

/// "running", "finished", "stopped", "failed".
[[nodiscard]] std::string name(BuildRecord::State state);
/// "never", "unfinished", "stopped", "failed", "complete".
[[nodiscard]] std::string name(DefaultSet set);

}  // namespace gpiot::retrieve
