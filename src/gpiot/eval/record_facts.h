#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "gpiot/core/requirement.h"

namespace gpiot::eval {

/// What is known of one record without its labels.
struct RecordFacts {
  std::string id;
  std::int64_t samples = 0;  ///< length of the signal
  double rate_hz = 0;
  std::vector<std::filesystem::path> files;  ///< the record's own files; of an item of a table below the data folder
};

/// Ids of all records of the data folder, sorted. Errors: those of data_folder; Data when no file matches.
[[nodiscard]] std::vector<std::string> list_records(const core::Requirement& requirement,
                                                    const std::filesystem::path& project_dir);

/// Reads lengths and rates and checks that each record is whole: its files are there and long enough, the channel is
/// among them, and the rate is the one that the requirement states.
/// Errors: NotFound (a listed file, an unknown id), Data (everything that does not fit), Unsupported, Capacity.
[[nodiscard]] std::vector<RecordFacts> read_facts(const core::Requirement& requirement,
                                                  const std::filesystem::path& project_dir,
                                                  std::span<const std::string> ids);

}  // namespace gpiot::eval
