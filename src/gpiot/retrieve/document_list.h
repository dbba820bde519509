#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gpiot/base/cancel.h"

namespace gpiot::retrieve {

/// A file that looks like a document by its ending.
struct ListedDocument {
  std::string name;  ///< path below the root
  std::string
      fingerprint;  ///< SHA-256 of its content; of what it is, where it is no regular file or too large to be read
};

/// What is to be read of a file or folder of the user. The endings and rules are those of runtime/knowledge_open.py:
/// hidden folders are left out, links are not followed here.
struct DocumentList {
  std::filesystem::path root;  ///< the folder that the reader is shown
  std::vector<ListedDocument> documents;
  std::vector<std::string> refused;  ///< names that cannot be read out or written down, a line each
};

/// Errors: NotFound; Capacity for more than 100,000 files; Io.
[[nodiscard]] DocumentList list_documents(const std::filesystem::path& place, const base::CancelToken& cancel);

}  // namespace gpiot::retrieve
