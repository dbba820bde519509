#include "gpiot/retrieve/build_record.h"

#include <array>
#include <string_view>
#include <utility>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/json.h"

namespace gpiot::retrieve {
namespace {

namespace fs = std::filesystem;
using base::Json;
using State = BuildRecord::State;

constexpr std::string_view kWhere = "retrieve.record";
constexpr std::uint64_t kMostBytes = 1 << 20;
constexpr std::array<std::string_view, 4> kStates = {"running", "finished", "stopped", "failed"};
constexpr std::array<std::string_view, 5> kSets = {"never", "unfinished", "stopped", "failed", "complete"};

/// The value with this name; `otherwise` where none has it.
template <typename Enum, std::size_t N>
Enum value_of(const std::array<std::string_view, N>& names, const std::string& name, Enum otherwise) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return otherwise;
}

BuildRecord record_from(const Json& json) {
  BuildRecord record;
  record.state = value_of(kStates, json.value("state", ""), State::Failed);
  record.background = json.value("background", false);
  record.process = json.value("process", 0);
  record.process_start = json.value("process_start", "");
  record.started_at = json.value("started_at", "");
  record.ended_at = json.value("ended_at", "");
  record.source = json.value("source", "");
  record.done = json.value("done", std::size_t{0});
  record.total = json.value("total", std::size_t{0});
  record.embedded = json.value("embedded", std::size_t{0});
  record.to_embed = json.value("to_embed", std::size_t{0});
  record.error = json.value("error", "");
  record.error_code = json.value("error_code", "");
  record.remedy = json.value("remedy", "");
  record.default_set = value_of(kSets, json.value("default_set", ""), DefaultSet::Never);
  record.default_set_s = json.value("default_set_s", std::int64_t{0});
  record.starts = json.value("starts", 0);
  return record;
}

}  // namespace

fs::path build_record_file(const fs::path& folder) { return folder / "knowledge.build.json"; }
fs::path build_log_file(const fs::path& folder) { return folder / "knowledge.log"; }

std::optional<BuildRecord> read_build_record(const fs::path& folder) {
  const auto file = build_record_file(folder);
  std::error_code failure;
  if (!fs::exists(file, failure)) return std::nullopt;
  try {
    return record_from(base::parse_json(base::read_file(file, kWhere, kMostBytes), kWhere, file.string()));
  } catch (const std::exception&) {  // spoilt, or of another version: no more is known than without it
    return std::nullopt;
  }
}

void write_build_record(const fs::path& folder, const BuildRecord& record) {
  const Json json = {{"state", name(record.state)},
                     {"background", record.background},
                     {"process", record.process},
                     {"process_start", record.process_start},
                     {"started_at", record.started_at},
                     {"ended_at", record.ended_at},
                     {"source", record.source},
                     {"done", record.done},
                     {"total", record.total},
                     {"embedded", record.embedded},
                     {"to_embed", record.to_embed},
                     {"error", record.error},
                     {"error_code", record.error_code},
                     {"remedy", record.remedy},
                     {"default_set", name(record.default_set)},
                     {"default_set_s", record.default_set_s},
                     {"starts", record.starts}};
  base::write_file_atomic(build_record_file(folder), base::dump_json(json) + "\n", kWhere);
}

std::string name(State state) { return std::string(kStates.at(static_cast<std::size_t>(state))); }
std::string name(DefaultSet set) { return std::string(kSets.at(static_cast<std::size_t>(set))); }

}  // namespace gpiot::retrieve
