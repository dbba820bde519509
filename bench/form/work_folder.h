#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "form_row.h"
#include "gpiot/core/text_generator.h"

namespace gpiot::bench {

/// What rows must have in common to stand in one report.
struct RunKey {
  core::GeneratorIdentity model;
  std::uint32_t seed = 1;
  std::map<std::string, std::string> prompts;  ///< name -> sha256
  /// "qwen2_5_coder_1_5b-seed1-3f9a0c12": a readable name with a hash of everything above but the backend.
  [[nodiscard]] std::string folder_name() const;
};

/// Where the rows of interrupted runs are kept: a folder per key, in it a folder per requirement. Different rows may be
/// kept by several threads at a time.
class WorkFolder {
 public:
  /// Makes nothing yet.
  WorkFolder(const std::filesystem::path& root, const RunKey& key);

  /// The row kept for this requirement, with its texts; none where there is none, the requirement has changed, or the
  /// file cannot be read.
  [[nodiscard]] std::optional<FormRow> load(const ListedRequirement& listed) const;
  /// Errors: Io.
  void keep(const FormRow& row) const;
  /// The row's texts as files beside it. Errors: Io.
  void write_texts(const FormRow& row) const;
  /// Remembers what one start of the program took, also one that was stopped. Errors: Io.
  void add_session(const base::Json& session) const;
  /// All of them, in order. Errors: Io, Format.
  [[nodiscard]] std::vector<base::Json> sessions() const;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace gpiot::bench
