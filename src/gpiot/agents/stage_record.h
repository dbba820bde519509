#pragma once

#include <cstdint>
#include <string>

namespace gpiot::agents {

/// How one answer of a role came about; goes into report.json.
struct StageRecord {
  std::string prompt;         ///< name of the prompt, e.g. "decompose"
  std::string prompt_sha256;  ///< of the prompt file
  std::uint32_t seed = 0;
  double temperature = 0;
  int prompt_tokens = 0;
  int completion_tokens = 0;
  std::string raw;  ///< the answer as the model gave it
};

}  // namespace gpiot::agents
