#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gpiot::project {

enum class FileState {
  Missing,
  Fresh,   ///< as generated, from the inputs as they are
  Stale,   ///< as generated, but its inputs have changed
  Edited,  ///< differs from what gpiot generated, or gpiot does not know it: never replaced
};
[[nodiscard]] std::string_view name(FileState state);

/// What is known of one generated file.
struct GeneratedFile {
  std::string stage;          ///< the stage that made it: "decompose"
  std::string sha256;         ///< of the content as generated
  std::string input_sha256;   ///< over everything it was made from, see input_hash
  std::string former_sha256;  ///< of the content being replaced, while a write is under way; else empty
};

/// Where write_generated put the content.
struct WrittenFile {
  std::string file;     ///< relative to the project: the file asked for, or that name + ".new"
  bool beside = false;  ///< the file asked for is edited and was left alone
};

/// SHA-256 over named inputs (name, content), in the order given.
[[nodiscard]] std::string input_hash(const std::vector<std::pair<std::string, std::string>>& inputs);

/// What gpiot generated in a project folder: `.gpiot/state.json`. Files are named relative to the folder.
/// Changing methods want a ProjectLock held by the caller; reading needs none. Not for use by several threads at once.
class ProjectState {
 public:
  /// Reads the state, an empty one where there is none. A state that cannot be understood is moved aside to
  /// `state.json.broken` and told in `warning()`; every file then counts as edited, so nothing is overwritten.
  /// Errors: NotFound when `folder` does not exist; Io.
  [[nodiscard]] static ProjectState load(const std::filesystem::path& folder);

  /// Writes the state, atomically. Errors: Io.
  void save() const;

  /// With `input_sha256` empty the inputs are not compared, so the answer is never Stale unless a write was cut short.
  /// Errors: InvalidArgument for a name that is absolute or leaves the folder; Io.
  [[nodiscard]] FileState state_of(const std::string& file, std::string_view input_sha256 = {}) const;

  /// Writes a generated file and the state. An edited file is never replaced: the content goes to `<file>.new`.
  /// When the process is killed in between, the file is afterwards the old or the new one and known as generated.
  /// Errors: InvalidArgument as state_of; Io.
  WrittenFile write_generated(const std::string& file, std::string_view content, std::string_view stage,
                              std::string_view input_sha256);

  /// Takes a file off the list, for files that a new decomposition no longer has. The file itself stays.
  void forget(const std::string& file) { files_.erase(file); }

  [[nodiscard]] const std::map<std::string, GeneratedFile>& files() const { return files_; }
  /// What was wrong with the state file when it was loaded; empty where nothing was.
  [[nodiscard]] const std::string& warning() const { return warning_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  explicit ProjectState(std::filesystem::path folder) : folder_(std::move(folder)) {}
  void read(std::string_view text);
  void set_aside(std::string_view problem);

  std::filesystem::path folder_;
  std::map<std::string, GeneratedFile> files_;
  std::string warning_;
};

}  // namespace gpiot::project
