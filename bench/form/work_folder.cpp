#include "work_folder.h"

#include <fmt/format.h>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/strings.h"

namespace gpiot::bench {
namespace {

constexpr std::string_view kWhere = "bench.work";
constexpr const char* kRowFile = "row.json";
constexpr const char* kSessionsFile = "sessions.jsonl";
constexpr std::size_t kHashShown = 8;

}  // namespace

std::string RunKey::folder_name() const {
  std::string all = fmt::format("{} {} {} {}\n", model.name, model.model_sha256, model.adapter_sha256, seed);
  for (const auto& [name, sha256] : prompts) all += name + " " + sha256 + "\n";
  const auto file = std::filesystem::path(model.name).filename().string();
  return fmt::format("{}-seed{}-{}", base::to_identifier(file), seed, base::sha256_hex(all).substr(0, kHashShown));
}

WorkFolder::WorkFolder(const std::filesystem::path& root, const RunKey& key) : path_(root / key.folder_name()) {}

std::optional<FormRow> WorkFolder::load(const ListedRequirement& listed) const {
  try {
    const auto file = path_ / listed.id / kRowFile;
    auto row = row_from_json(base::parse_json(base::read_file(file, kWhere), kWhere, file.string()));
    if (row.id != listed.id || row.requirement_sha256 != listed.sha256) return std::nullopt;
    return row;
  } catch (const base::Error&) {
    return std::nullopt;  // the row is made again
  }
}

void WorkFolder::keep(const FormRow& row) const {
  auto json = to_json(row);
  json["texts"] = row.texts;
  base::write_file_atomic(path_ / row.id / kRowFile, base::dump_json(json, 1), kWhere);
}

void WorkFolder::write_texts(const FormRow& row) const {
  for (const auto& [name, text] : row.texts) base::write_file_atomic(path_ / row.id / name, text, kWhere);
}

void WorkFolder::add_session(const base::Json& session) const {
  std::string text;
  for (const auto& earlier : sessions()) text += base::dump_json(earlier) + "\n";
  base::write_file_atomic(path_ / kSessionsFile, text + base::dump_json(session) + "\n", kWhere);
}

std::vector<base::Json> WorkFolder::sessions() const {
  std::vector<base::Json> list;
  const auto file = path_ / kSessionsFile;
  std::error_code failure;
  if (!std::filesystem::exists(file, failure)) return list;
  for (const auto& line : base::split_lines(base::read_file(file, kWhere))) {
    list.push_back(base::parse_json(line, kWhere, file.string()));
  }
  return list;
}

}  // namespace gpiot::bench
