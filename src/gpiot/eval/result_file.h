#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gpiot/core/requirement.h"
#include "gpiot/eval/labels.h"
#include "gpiot/eval/record_facts.h"

namespace gpiot::eval {

/// One way in which a program's output breaks the contract.
struct Breach {
  std::string kind;    ///< stable: "missing_record", "not_increasing" ...; all are listed in result_file.cpp
  std::string record;  ///< id, empty where it is not known
  std::string detail;  ///< "line 3: r_peaks[17]: got 650000, expected 0 to 649999"; safe to print
};

/// What a result file holds.
struct ContractReport {
  std::vector<Breach> breaches;  ///< the first 20
  std::size_t breach_count = 0;  ///< of all
  Events events;                 ///< of the records that keep the contract; of the kind of the result only
  std::map<std::string, std::string> classes;
  std::map<std::string, double> values;
  std::map<std::string, Position> positions;
  [[nodiscard]] bool ok() const { return breach_count == 0; }
};

/// Reads the output of a program, which may be anything: JSON Lines, one object per record,
/// {"record": "100", "<result variable>": X}, each record once, in any order. X is a list of indices, increasing,
/// within the record ("events"), a text that is not empty ("class"), a finite number ("value"), or a list of two or
/// three finite numbers ("position"). At most 64 MiB.
/// Never throws on content.
[[nodiscard]] ContractReport parse_result(const core::Requirement& requirement, std::span<const RecordFacts> records,
                                          std::string_view text);

}  // namespace gpiot::eval
