#include "gpiot/tune/event_file.h"

#include <bit>
#include <chrono>
#include <cstring>

#include "gpiot/base/error.h"

namespace gpiot::tune {
namespace {

double now_s() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

template <typename T>
void append(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void append_varint(std::string& out, std::uint64_t value) {
  for (; value >= 128; value >>= 7) out.push_back(static_cast<char>(value | 128));
  out.push_back(static_cast<char>(value));
}

/// A field of bytes: tag with wire type 2, length, bytes.
void append_bytes(std::string& out, int field, const std::string& bytes) {
  append_varint(out, static_cast<std::uint64_t>(field) << 3 | 2);
  append_varint(out, bytes.size());
  out += bytes;
}

/// Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; }
std::string event_head(std::int64_t step) {
  std::string out("\x09");
  append(out, now_s());
  out.push_back('\x10');
  append_varint(out, static_cast<std::uint64_t>(step));
  return out;
}

/// As TensorFlow's record writer does, so that a CRC of data that holds CRCs is no special value.
std::uint32_t masked(std::uint32_t crc) { return std::rotr(crc, 15) + 0xa282ead8U; }

}  // namespace

std::uint32_t crc32c(const std::string& bytes) {
  std::uint32_t crc = 0xffffffffU;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0x82f63b78U : 0U);
  }
  return ~crc;
}

EventFile::EventFile(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  path_ = folder / ("events.out.tfevents." + std::to_string(static_cast<std::int64_t>(now_s() * 1000)) + ".gpiot");
  file_.open(path_, std::ios::binary);
  std::string first = event_head(0);
  append_bytes(first, 3, "brain.Event:2");
  write(first);
}

void EventFile::add(std::int64_t step, const std::vector<std::pair<std::string, double>>& scalars) {
  std::string summary;
  for (const auto& [name, value] : scalars) {
    std::string one;  // Summary.Value { string tag = 1; float simple_value = 2; }
    append_bytes(one, 1, name);
    one.push_back('\x15');
    append(one, static_cast<float>(value));
    append_bytes(summary, 1, one);
  }
  std::string event = event_head(step);
  append_bytes(event, 5, summary);
  write(event);
}

void EventFile::write(const std::string& event) {
  std::string length;
  append(length, static_cast<std::uint64_t>(event.size()));
  std::string record = length;
  append(record, masked(crc32c(length)));
  record += event;
  append(record, masked(crc32c(event)));
  file_.write(record.data(), static_cast<std::streamsize>(record.size()));
  file_.flush();
  if (!file_) throw base::Error(base::ErrorCode::Io, "tune.events", "cannot write " + path_.string());
}

}  // namespace gpiot::tune
