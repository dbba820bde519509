#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gpiot::eval {

/// One annotation of a MIT-format file.
struct WfdbAnnotation {
  std::int64_t sample = 0;
  std::string symbol;  ///< "N", "V", "+": the mnemonic of the code, "" for a code without one
  int subtype = 0;     ///< SUB
  int channel = 0;     ///< CHN: holds until the next one
  int number = 0;      ///< NUM: holds until the next one
  std::string aux;     ///< AUX: "(AFIB"; bytes as they stand in the file
};

/// Reads annotation bytes (.atr), at most 10 million annotations. Source: PhysioNet, annot(5), MIT format: 16-bit
/// little-endian words, 6 bits code and 10 bits time since the last annotation; pseudo codes SKIP, NUM, SUB, CHN, AUX.
/// Errors: Data (cut short, no end mark, time below 0); Capacity. `name` goes into messages.
[[nodiscard]] std::vector<WfdbAnnotation> parse_wfdb_annotations(std::string_view bytes, std::string_view name);

}  // namespace gpiot::eval
