#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "gpiot/core/text_generator.h"

namespace gpiot::agents {

/// The size of one answer; its text is not kept.
struct TracedAnswer {
  int tokens = 0;         ///< of the answer, without `answer_start`
  int prompt_tokens = 0;  ///< with the chat template and `answer_start`
  core::FinishReason finish = core::FinishReason::Stop;
};

/// One call of core::TextGenerator::generate.
struct TracedCall {
  int call = 0;       ///< counted from 0
  double wall_s = 0;  ///< how long the call took when it was recorded
  std::vector<core::GenerationRequest> requests;
  std::vector<TracedAnswer> answers;  ///< one for each request
};

/// The call as one line of JSON, without a line feed.
[[nodiscard]] std::string trace_line(const TracedCall& call);

/// The call of one line; `name` says in messages where the line is from. Errors: Format (not JSON, another schema, a
/// member missing or of another type, not as many answers as requests).
[[nodiscard]] TracedCall parse_trace_line(std::string_view line, const std::string& name);

/// All calls of a trace file, in its order; empty lines do not count.
/// Errors: NotFound; Io; Capacity (more than 64 MiB); Format (no call, or as parse_trace_line).
[[nodiscard]] std::vector<TracedCall> load_trace(const std::filesystem::path& path);

}  // namespace gpiot::agents
