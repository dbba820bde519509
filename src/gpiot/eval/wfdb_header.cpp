#include "gpiot/eval/wfdb_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"

namespace gpiot::eval {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "eval.wfdb_header";
constexpr std::array kStorages = {8, 16, 24, 32, 61, 80, 160, 212, 310, 311};
constexpr std::size_t kMaxSignals = 512;
constexpr std::int64_t kMaxSamples = 1LL << 40;

std::vector<std::string> words(const std::string& line, std::size_t limit) {
  std::vector<std::string> found;
  std::size_t at = 0;
  while ((at = line.find_first_not_of(" \t", at)) != std::string::npos) {
    const bool last = found.size() + 1 == limit;
    const auto end = last ? std::string::npos : line.find_first_of(" \t", at);
    found.push_back(base::trim(line.substr(at, end == std::string::npos ? end : end - at)));
    if (end == std::string::npos) break;
    at = end;
  }
  return found;
}

/// The number that `text` begins with; what follows it (an option such as ":skew") goes to `rest`.
template <typename T>
bool leading(const std::string& text, T& value, std::string& rest) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  rest.assign(end, text.data() + text.size());
  return error == std::errc();
}

[[noreturn]] void broken(std::string_view name, std::string_view what, std::string_view got,
                         std::string_view expected) {
  throw Error(ErrorCode::Data, kWhere,
              fmt::format("{} has a broken {}: got \"{}\", expected {}", name, what, base::printable(got.substr(0, 80)),
                          expected));
}

WfdbSignal parse_signal(const std::string& line, std::string_view name) {
  const auto fields = words(line, 9);
  if (fields.size() < 2) broken(name, "signal line", line, "a file name and a storage format");
  WfdbSignal signal;
  signal.file = fields[0];
  std::string options;
  if (!leading(fields[1], signal.storage, options)) broken(name, "storage format", fields[1], "a number");
  if (std::find(kStorages.begin(), kStorages.end(), signal.storage) == kStorages.end()) {
    throw Error(ErrorCode::Unsupported, kWhere,
                fmt::format("{}: storage format is not known: got {}, expected one of {}", name, signal.storage,
                            fmt::join(kStorages, ", ")));
  }
  if (options.find('x') != std::string::npos) {
    throw Error(
        ErrorCode::Unsupported, kWhere,
        fmt::format("{}: several samples per frame are not supported: got {}", name, base::printable(fields[1])));
  }
  if (fields.size() == 9) signal.name = fields[8];
  return signal;
}

}  // namespace

WfdbHeader parse_wfdb_header(std::string_view text, std::string_view name) {
  std::vector<std::string> lines;
  for (auto& line : base::split_lines(text)) {
    if (const auto trimmed = base::trim(line); !trimmed.empty() && trimmed.front() != '#') lines.push_back(trimmed);
  }
  if (lines.empty()) broken(name, "record line", "", "a record name, signals, rate and samples");
  const auto fields = words(lines[0], 0);
  std::size_t signals = 0;
  std::string rest;
  WfdbHeader header;
  header.record = fields[0];
  if (header.record.find('/') != std::string::npos) {
    throw Error(ErrorCode::Unsupported, kWhere, fmt::format("{}: records of several segments are not supported", name));
  }
  if (fields.size() < 2 || !leading(fields[1], signals, rest) || !rest.empty() || signals > kMaxSignals) {
    broken(name, "number of signals", lines[0], fmt::format("0 to {}", kMaxSignals));
  }
  if (fields.size() > 2 && (!leading(fields[2], header.rate_hz, rest) || !std::isfinite(header.rate_hz) ||
                            header.rate_hz <= 0 || header.rate_hz > 1e9)) {
    broken(name, "sampling rate", fields[2], "a rate in Hz above 0");
  }
  if (fields.size() < 4 || !leading(fields[3], header.samples, rest) || !rest.empty() || header.samples <= 0 ||
      header.samples > kMaxSamples) {
    broken(name, "number of samples", lines[0], "a count above 0 as the fourth field");
  }
  if (lines.size() < signals + 1) {
    broken(name, "signal list", fmt::format("{} signal lines", lines.size() - 1), fmt::format("{}", signals));
  }
  for (std::size_t i = 0; i < signals; ++i) header.signals.push_back(parse_signal(lines[i + 1], name));
  return header;
}

std::uint64_t wfdb_bytes(int storage, std::uint64_t values) {
  switch (storage) {
    case 8:
    case 80:
      return values;
    case 16:
    case 61:
    case 160:
      return values * 2;
    case 24:
      return values * 3;
    case 32:
      return values * 4;
    case 212:
      return (values * 3 + 1) / 2;
    case 310:
    case 311:
      return values / 3 * 4;
    default:
      return 0;
  }
}

}  // namespace gpiot::eval
