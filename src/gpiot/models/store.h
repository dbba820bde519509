#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gpiot::models {

/// A model file on this machine, as the lock file tells it.
struct InstalledModel {
  std::string name;  ///< alias, hf.co/owner/repo:file, or the name given to `add` or `derive`
  std::filesystem::path path;
  std::uint64_t bytes = 0;
  std::string sha256;
  std::string source;   ///< where the bytes came from: "hf.co/...@revision", "PyPI package version", "/a/file"
  std::string licence;  ///< SPDX, or "unknown"
  std::string date;     ///< UTC, 2026-01-31T12:00:00Z
  std::string parent;   ///< derived files: hash of the file it was made from
  std::string recipe;   ///< derived files: what was done, "requantise q4_0"
  std::string tool;     ///< derived files: version of gpiot
};

/// The models folder and its lock file. Every change reads, changes and writes the lock file under a file lock, so
/// that two gpiot processes do not lose each other's entries.
class Store {
 public:
  Store(std::filesystem::path folder, std::filesystem::path lock_file);
  /// cache/models and state/models.lock.json of this user.
  [[nodiscard]] static Store of_user();

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  /// Makes the models folder where it is missing. Errors: Io.
  void make_folder() const;
  [[nodiscard]] const std::filesystem::path& lock_file() const { return lock_file_; }

  /// In order of name. Errors: Format, Io.
  [[nodiscard]] std::vector<InstalledModel> list() const;
  [[nodiscard]] std::optional<InstalledModel> find(const std::string& name) const;
  /// Adds or replaces the entry of that name; its hash counts as taken just now. Errors: NotFound, Format, Io.
  void record(const InstalledModel& model) const;

  /// Hash of any file; kept beside its size and time of change, so that a second call does not read it again. Where
  /// the lock file cannot be written, the file is read each time. Errors: NotFound, Io, Format.
  [[nodiscard]] std::string hash_of(const std::filesystem::path& file) const;

 private:
  std::filesystem::path folder_;
  std::filesystem::path lock_file_;
};

}  // namespace gpiot::models
