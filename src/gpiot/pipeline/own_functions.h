#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gpiot/core/program.h"
#include "gpiot/core/requirement.h"
#include "gpiot/eval/labels.h"
#include "gpiot/pipeline/calibrate.h"

namespace gpiot::pipeline {

/// What CheckedCandidate::origin of such a function begins with.
inline constexpr std::string_view kOwnOrigin = "gpiot's own function";

/// Functions that are shipped with gpiot (`runtime`/own) and stand beside the model's samples of a learned program: the
/// learner, or the features, of sounds (one sequence at 2 kHz or more) in a second way, too. They are checked and tried
/// as those are, and chosen where nothing of the model's measures better. None for other sub-tasks, and where the
/// requirement does not allow the packages. Ours: the paper is silent.
/// Errors: those of base::read_file, Internal where a file there has no function.
[[nodiscard]] std::vector<CheckedCandidate> own_functions(const std::filesystem::path& runtime,
                                                          const core::Requirement& requirement,
                                                          const core::Specification& spec);

/// The function of `runtime`/own/`file` with the name and inputs that `spec` wants, and its defaults `standing` written
/// as `instead`. Errors: as own_functions.
[[nodiscard]] CheckedCandidate own_function(const std::filesystem::path& runtime, const std::string& file,
                                            const core::Specification& spec, std::string_view standing = "",
                                            const std::string& instead = "");

/// Times from one labelled event to the next over all records, in s.
struct Gaps {
  double usual_s = 1;  ///< the median; where no record has several, their length by the number of events; else 1
  double least_s = 0;  ///< the shortest but one in fifty, which may be wrong labels; 0 where no record has several
};
[[nodiscard]] Gaps gaps_of(const eval::Events& events, std::span<const eval::RecordFacts> records);

/// The functions of the plan for events (agents/event_plan.h), several for each of its two sub-tasks: what an event is,
/// a slow and a fast band, and what of it is its place, or which of them are of the right size. Lengths and bands
/// begin at shares of the usual gap and are left to calibration, but for distances, which stay below the least gap:
/// the next heart may beat faster. Errors: as own_functions.
[[nodiscard]] std::vector<std::vector<CheckedCandidate>> own_event_functions(const std::filesystem::path& runtime,
                                                                             std::span<const core::Specification> specs,
                                                                             const Gaps& gaps, double rate_hz);

/// The two functions of a plan for a rate (agents/rate_plan.h), with its bands; empty where `specs` are of another plan
/// or the packages are not allowed. Errors: as own_functions.
[[nodiscard]] std::vector<std::vector<CheckedCandidate>> own_rate_functions(const std::filesystem::path& runtime,
                                                                            const core::Requirement& requirement,
                                                                            std::span<const core::Specification> specs);

[[nodiscard]] bool is_own(const CheckedCandidate& candidate);

/// The names of the sub-tasks of `steps` whose function is gpiot's own.
[[nodiscard]] std::vector<std::string> own_among(std::span<const CheckedCandidate> steps,
                                                 std::span<const core::Specification> specs);

}  // namespace gpiot::pipeline
