#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gpiot/core/requirement.h"

namespace gpiot::bench {

/// One line of requirements.jsonl.
struct ListedRequirement {
  std::string id;        ///< [a-z0-9-]+, unique within the list
  std::string modality;  ///< "ECG", "radar", ...
  std::string sha256;    ///< of the line
  core::Requirement requirement;
};

/// The list at `path`, in its order; of it only those in `only`, unless that is empty.
/// Errors: NotFound and Io for the file; Format, naming the line; InvalidArgument for an id in `only` that is not
/// there.
[[nodiscard]] std::vector<ListedRequirement> load_requirements(const std::filesystem::path& path,
                                                               const std::vector<std::string>& only);

}  // namespace gpiot::bench
