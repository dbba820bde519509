#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace gpiot::project {

/// Keys and values of the user's config.toml, as text: top-level keys only, texts, numbers and true or false.
/// A file that is not there has no settings. Errors: Format (broken TOML, a table or list, a key that is not in
/// `known`; names line, key and the nearest known one); Io; Capacity.
[[nodiscard]] std::map<std::string, std::string> read_user_settings(const std::filesystem::path& file,
                                                                    const std::vector<std::string>& known);

}  // namespace gpiot::project
