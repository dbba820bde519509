#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "form_run.h"
#include "gpiot/base/json.h"
#include "machine.h"
#include "work_folder.h"

namespace gpiot::bench {

/// What stands at the head of a report.
struct ReportFacts {
  RunKey key;
  SourceState source;  ///< of the program that writes the report; each row has its own
  std::string machine;
  std::string requirements_sha256;  ///< of the list
  std::size_t wanted = 0;           ///< rows of a complete report
};

/// What one start of the program did, and its seconds without the loading of the model.
[[nodiscard]] base::Json session_json(const FormRun& run, const FormSettings& settings, int parallel,
                                      const std::string& backend, const std::string& commit);

/// The report: facts, shares over `rows`, counts, sessions, then the rows themselves.
[[nodiscard]] base::Json report_json(const ReportFacts& facts, std::span<const FormRow> rows,
                                     std::span<const FailedRow> failed, const std::vector<base::Json>& sessions);

}  // namespace gpiot::bench
