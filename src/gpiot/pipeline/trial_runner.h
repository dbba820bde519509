#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "gpiot/base/json.h"
#include "gpiot/core/program.h"
#include "gpiot/core/program_runner.h"
#include "gpiot/core/requirement.h"

namespace gpiot::pipeline {

/// A numeric constant of a candidate that calibration may change; columns count bytes.
struct Constant {
  int line = 0;
  int column = 0;
  int end_column = 0;
  double value = 0;
  bool integer = false;
  std::string label;  ///< parameter name, or "line 12"
};

/// What the checks found about one candidate function.
struct CandidateReport {
  bool ok = false;
  std::vector<std::string> passed;  ///< syntax, signature, imports, names, fixture
  std::string kind;  ///< of the first problem: syntax, signature, import, name, call, run, output, effect, hang, crash
  std::string problem;
  std::vector<Constant> constants;
  std::string mended_code;  ///< where a rule of the checks changed the code; untrusted as the code itself
};

/// A candidate to check against the specification with index `spec`.
struct CandidateJob {
  std::size_t spec = 0;
  std::string code;
  bool as_it_is = false;  ///< no rule may change it: it was not written by a model
};

/// What one variant of the chain did on the records of a view.
struct TrialOutcome {
  bool ok = false;
  int step = -1;  ///< the step that failed, -1 where none or not known
  std::string problem;
  std::map<std::string, base::Json> results;  ///< record -> value of the result variable, untrusted
  double wall_s = 0;
};

/// Answers of one batch of trials.
struct TrialBatch {
  std::int64_t excerpt_samples = 0;  ///< as asked for, 0 = whole records
  std::vector<TrialOutcome> outcomes;
};

/// Where the excerpt of a record lies: the middle of one that is longer. The host reckons it by itself: what comes out
/// of the sandbox must not say on what it is scored. runtime/trials.py cuts in the same way.
struct Excerpt {
  std::int64_t start = 0;
  std::int64_t samples = 0;
};
[[nodiscard]] Excerpt excerpt_of(std::int64_t record_samples, std::int64_t excerpt_samples);

/// Checks candidates and tries chains inside the sandbox, many per start of the interpreter. A batch that gives no
/// answer is tried again in halves: one function that brings the process down spoils its own report only.
class TrialRunner {
 public:
  /// `runtime` is the folder with check_candidates.py and trials.py.
  TrialRunner(core::ProgramRunner& runner, std::filesystem::path runtime)
      : runner_(runner), runtime_(std::move(runtime)) {}

  /// Reports in the order of `jobs`. Of the requirement the check is told the packages, and for the synthetic inputs
  /// (docs/fixtures.md) the rate, the inputs and what is asked for in words. Errors: Sandbox.
  [[nodiscard]] std::vector<CandidateReport> check(const std::vector<CandidateJob>& jobs,
                                                   const std::vector<core::Specification>& specs,
                                                   const core::Requirement& requirement,
                                                   const base::CancelToken& cancel);

  /// Each trial names one index into `codes` per specification. `excerpt_samples` 0 = whole records.
  [[nodiscard]] TrialBatch run(const std::vector<std::string>& codes, const std::vector<std::vector<int>>& trials,
                               const std::vector<core::Specification>& specs, const std::string& result,
                               const std::filesystem::path& view, std::int64_t excerpt_samples,
                               const base::CancelToken& cancel);

  /// What `script` of the runtime folder answers to `job` about a view; {"failed": why} where it gives no answer.
  /// Errors: Sandbox.
  [[nodiscard]] base::Json look(const std::string& script, const base::Json& job, const std::filesystem::path& view,
                                double wall_s, const base::CancelToken& cancel);

 private:
  core::ProgramRunner& runner_;
  std::filesystem::path runtime_;
};

/// What the synthetic inputs are made by: title, statement, rate (0 = not stated) and inputs.
[[nodiscard]] base::Json about(const core::Requirement& requirement);

/// `variable` as the runtime scripts read it.
[[nodiscard]] base::Json to_json(const core::Variable& variable);

}  // namespace gpiot::pipeline
