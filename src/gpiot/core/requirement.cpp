#include "gpiot/core/requirement.h"

namespace gpiot::core {

bool is_table(const Requirement& requirement) {
  const auto& data = requirement.data;
  const bool plain_records = data.format == "wfdb" || data.format == "csv" || data.format == "npy";
  return !plain_records || data.items != "file" || requirement.result.kind != "events";
}

}  // namespace gpiot::core
