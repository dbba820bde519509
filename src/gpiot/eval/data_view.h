#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "gpiot/base/json.h"
#include "gpiot/core/requirement.h"
#include "gpiot/eval/record_facts.h"

namespace gpiot::eval {

/// Records for choosing and repair, and records that are run once at the end. Both sorted, neither empty.
struct Split {
  std::vector<std::string> development;
  std::vector<std::string> final_part;
};

/// Parts the records as `[split]` says: by the ids given (one list given: the rest is the other part; both given:
/// records in neither are unused), else by a seeded share, the same on every machine.
/// Errors: Data when an id is unknown or in both parts, or a part has no record.
[[nodiscard]] Split make_split(const core::Requirement& requirement, std::span<const std::string> ids);

/// `all` in a seeded order, the same on every machine.
[[nodiscard]] std::vector<std::string> shuffled(std::vector<std::string> all, std::uint64_t seed);

/// A seeded share of the sorted `all`, sorted; the same on every machine.
[[nodiscard]] std::vector<std::string> draw(std::vector<std::string> all, double share, std::uint64_t seed);

/// A folder for the program to read: `test/` with the record files, `records.json` beside it. No labels.
struct View {
  std::filesystem::path folder;
  std::vector<RecordFacts> records;
};

/// What records.json of a view says, with no records, and the pattern of the data files: {"format", "channel",
/// "rate_hz", "inputs", "files"}. For a folder of new recordings.
[[nodiscard]] base::Json facts_of_recordings(const core::Requirement& requirement);

/// Makes the view of `ids` in `folder`, replacing a former view there. The files are read-only copies (links where the
/// original is read-only already: a link shares its mode, and the user's files stay as they are); that nothing in the
/// folder can be changed is the sandbox's part (read-only mount). A csv or npy record is named `<id>.csv`, `<id>.npy`;
/// of a csv there is the column of the channel alone, since others may hold what is to be found. records.json:
/// {"format", "channel", "rate_hz", "inputs": [variable...], "records": [id...]}. Errors: those of read_facts; Data
/// when a label file would get in, or `folder` holds something else; Io.
[[nodiscard]] View make_view(const core::Requirement& requirement, const std::filesystem::path& project_dir,
                             std::span<const std::string> ids, const std::filesystem::path& folder);

}  // namespace gpiot::eval
