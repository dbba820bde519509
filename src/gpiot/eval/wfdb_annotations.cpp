#include "gpiot/eval/wfdb_annotations.h"

#include <fmt/format.h>

#include <array>

#include "gpiot/base/error.h"

namespace gpiot::eval {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "eval.wfdb_annotations";
constexpr std::size_t kMaxAnnotations = 10'000'000;
constexpr std::int64_t kMaxSample = 1LL << 40;

enum Code : unsigned { kSkip = 59, kNum = 60, kSub = 61, kChn = 62, kAux = 63 };

// By code, 0 to 49; source: ecgcodes.h of the WFDB library.
constexpr std::array<std::string_view, 50> kSymbols = {"",  "N", "L", "R", "a", "V", "F", "J", "A", "S",  "E", "j", "/",
                                                       "Q", "~", "",  "|", "",  "s", "T", "*", "D", "\"", "=", "p", "B",
                                                       "^", "t", "+", "u", "?", "!", "[", "]", "e", "n",  "@", "x", "f",
                                                       "(", ")", "r", "",  "",  "",  "",  "",  "",  "",   ""};

/// Walks over the words of the file; every step is checked against its end.
class Reader {
 public:
  Reader(std::string_view bytes, std::string_view name) : bytes_(bytes), name_(name) {}

  unsigned word() {
    const auto pair = take(2);
    return static_cast<unsigned char>(pair[0]) | static_cast<unsigned>(static_cast<unsigned char>(pair[1])) << 8;
  }

  std::string_view take(std::size_t count) {
    if (bytes_.size() - at_ < count) {
      fail(fmt::format("is cut short: got {} bytes, expected more and an end mark", bytes_.size()));
    }
    const auto part = bytes_.substr(at_, count);
    at_ += count;
    return part;
  }

  [[noreturn]] void fail(const std::string& problem) const {
    throw Error(ErrorCode::Data, kWhere, fmt::format("{} at byte {} {}", name_, at_, problem));
  }

 private:
  std::string_view bytes_;
  std::string_view name_;
  std::size_t at_ = 0;
};

/// A signed 32-bit interval in PDP-11 order: high word first.
std::int64_t long_interval(Reader& reader) {
  const std::uint32_t high = reader.word();
  return static_cast<std::int32_t>(high << 16 | reader.word());
}

/// What a pseudo code says of the annotation before it. An odd AUX text is padded by one byte.
void apply(unsigned code, unsigned value, Reader& reader, WfdbAnnotation* last) {
  std::string aux;
  if (code == kAux) aux = reader.take(value + value % 2).substr(0, value);
  if (last == nullptr) return;
  const int byte = static_cast<int>(value & 0xFF);
  const int small = byte < 128 ? byte : byte - 256;
  if (code == kNum) last->number = small;
  if (code == kSub) last->subtype = small;
  if (code == kChn) last->channel = static_cast<int>(value & 0xFF);
  if (code == kAux) last->aux = std::move(aux);
}

}  // namespace

std::vector<WfdbAnnotation> parse_wfdb_annotations(std::string_view bytes, std::string_view name) {
  std::vector<WfdbAnnotation> found;
  Reader reader(bytes, name);
  std::int64_t sample = 0;
  while (true) {
    const unsigned word = reader.word();
    const unsigned code = word >> 10;
    const unsigned value = word & 0x3FF;
    if (word == 0) return found;
    if (code == kSkip) {
      sample += long_interval(reader);
    } else if (code > kSkip) {
      apply(code, value, reader, found.empty() ? nullptr : &found.back());
      continue;
    } else {
      sample += value;
    }
    if (sample < 0 || sample > kMaxSample) reader.fail(fmt::format("has a time out of range: got sample {}", sample));
    if (code == kSkip) continue;
    if (found.size() >= kMaxAnnotations) {
      throw Error(ErrorCode::Capacity, kWhere, fmt::format("{} has more than {} annotations", name, kMaxAnnotations));
    }
    WfdbAnnotation next{sample, std::string(code < kSymbols.size() ? kSymbols.at(code) : ""), 0, 0, 0, {}};
    if (!found.empty()) {
      next.channel = found.back().channel;
      next.number = found.back().number;
    }
    found.push_back(std::move(next));
  }
}

}  // namespace gpiot::eval
