#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "gpiot/core/requirement.h"

namespace gpiot::eval {

/// The folder named by `[data] path`, without symbolic links. Errors: NotFound; Data when it is no folder or may not
/// be read.
[[nodiscard]] std::filesystem::path data_folder(const core::Requirement& requirement,
                                                const std::filesystem::path& project_dir);

/// What to do where data is missing: `otherwise`, unless the project has a README.md, which is named then, since it
/// says where the data comes from.
[[nodiscard]] std::string data_remedy(const std::filesystem::path& project_dir, std::string_view otherwise);

/// Files of `folder` (not of its sub-folders) whose name matches the glob and not `but`, by record id (the file stem).
/// Errors: Data for a file that leads out of the folder, is no regular file, or shares its stem with another match;
/// Capacity for more than 100,000.
[[nodiscard]] std::map<std::string, std::filesystem::path> matching_files(const std::filesystem::path& folder,
                                                                          const std::string& glob,
                                                                          const std::string& but = "");

/// What stands for the only `*` of the glob: "a" of "a_beats.csv" by "*_beats.csv". Empty where the glob has another
/// form, or the name does not match it.
[[nodiscard]] std::string star_of(const std::string& glob, const std::string& name);

/// `folder / name` where that is a readable regular file within the folder. Errors: Data (a plain name is expected; a
/// link that leads out), NotFound.
[[nodiscard]] std::filesystem::path file_within(const std::filesystem::path& folder, const std::string& name);

/// The same of a file that may lie deeper.
[[nodiscard]] std::filesystem::path file_beneath(const std::filesystem::path& folder,
                                                 const std::filesystem::path& relative);

/// A data or label file of at most 1 GiB. Errors: NotFound, Data (no permission), Io, Capacity.
[[nodiscard]] std::string read_data(const std::filesystem::path& path, std::uint64_t limit_bytes = 1ULL << 30);

}  // namespace gpiot::eval
