#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "gpiot/base/cancel.h"
#include "gpiot/core/program_runner.h"
#include "gpiot/retrieve/usage_notes.h"
#include "gpiot/store/knowledge.h"

namespace gpiot::retrieve {

/// Changes with what the reader of packages writes: a base that an older one filled is read anew by its next refresh.
inline constexpr std::string_view kReaderOfPackages = "2";

/// A document with what is in it; where it was refused, `document.refused` says why and the rest is empty.
struct ReadDocument {
  store::Document document;
  std::vector<store::Passage> passages;
  std::vector<store::Object> objects;
};

/// Reads strangers' documents and packages by the scripts of `runtime/` in the sandbox (docs/knowledge.md). What they
/// answer is untrusted: only texts, names and numbers are taken from it. Errors: Sandbox, Cancelled, Format when an
/// answer is none.
class SourceReader {
 public:
  /// `characters`: of a passage with its titles. `patience`: time limits are so many times as long.
  SourceReader(core::ProgramRunner& runner, std::filesystem::path runtime, int characters, const UsageNotes& notes,
               double patience)
      : runner_(runner), runtime_(std::move(runtime)), characters_(characters), notes_(notes), patience_(patience) {}

  /// The package as one document. `note` gets what was left out, a line each.
  [[nodiscard]] ReadDocument read_package(const std::string& import_name, std::vector<std::string>& notes,
                                          const base::CancelToken& cancel);
  /// Documents below `root`, in the order of `files` but the refused ones last.
  [[nodiscard]] std::vector<ReadDocument> read_files(const std::filesystem::path& root,
                                                     const std::vector<std::string>& files,
                                                     const base::CancelToken& cancel);

 private:
  [[nodiscard]] core::RunOutcome run(base::Json job, const std::filesystem::path& data,
                                     const base::CancelToken& cancel);

  core::ProgramRunner& runner_;
  std::filesystem::path runtime_;
  int characters_;
  const UsageNotes& notes_;
  double patience_;
};

}  // namespace gpiot::retrieve
