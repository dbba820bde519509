#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gpiot::eval {

/// One signal line of a WFDB header.
struct WfdbSignal {
  std::string file;  ///< a plain name beside the header
  int storage = 0;   ///< WFDB storage format: 8, 16, 24, 32, 61, 80, 160, 212, 310, 311
  std::string name;  ///< "MLII"; empty where the header gives none
};

/// A single-segment WFDB header (.hea). Source: PhysioNet, header(5).
struct WfdbHeader {
  std::string record;
  double rate_hz = 250;      ///< the format's default where the header gives none
  std::int64_t samples = 0;  ///< per signal
  std::vector<WfdbSignal> signals;
};

/// Reads a header of at most 1 MB and 512 signals. `name` goes into messages.
/// Errors: Data (broken lines, no length, several samples per frame), Unsupported (several segments, unknown storage).
[[nodiscard]] WfdbHeader parse_wfdb_header(std::string_view text, std::string_view name);

/// Bytes that `signals` signals of one file need, 0 where the storage has no fixed size (FLAC).
[[nodiscard]] std::uint64_t wfdb_bytes(int storage, std::uint64_t values);

}  // namespace gpiot::eval
