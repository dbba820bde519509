#include "gpiot/models/store.h"

#include <sys/stat.h>

#include <algorithm>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/json.h"
#include "gpiot/base/paths.h"
#include "gpiot/models/file_lock.h"

namespace gpiot::models {
namespace {

using base::Error;
using base::ErrorCode;
using base::Json;
constexpr std::string_view kWhere = "models.store";

Json to_json(const InstalledModel& model) {
  Json json = {{"name", model.name},     {"path", model.path.string()}, {"bytes", model.bytes},
               {"sha256", model.sha256}, {"source", model.source},      {"licence", model.licence},
               {"date", model.date}};
  if (!model.parent.empty()) {
    json["parent"] = model.parent;
    json["recipe"] = model.recipe;
    json["tool"] = model.tool;
  }
  return json;
}

InstalledModel from_json(const Json& json) {
  InstalledModel model;
  model.name = json.at("name").get<std::string>();
  model.path = json.at("path").get<std::string>();
  model.bytes = json.at("bytes").get<std::uint64_t>();
  model.sha256 = json.at("sha256").get<std::string>();
  model.source = json.value("source", "");
  model.licence = json.value("licence", "unknown");
  model.date = json.value("date", "");
  model.parent = json.value("parent", "");
  model.recipe = json.value("recipe", "");
  model.tool = json.value("tool", "");
  return model;
}

Json read_lock(const std::filesystem::path& file) {
  std::string text;
  try {
    text = base::read_file(file, kWhere);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::NotFound) throw;
    return {{"version", 1}, {"models", Json::array()}, {"hashes", Json::array()}};
  }
  Json json;
  try {
    json = base::parse_json(text, kWhere, file.string());
  } catch (const Error&) {
    json = Json();  // told below, with a remedy
  }
  if (!json.is_object() || json.value("version", 0) != 1 || !json.contains("models") || !json["models"].is_array()) {
    throw Error(ErrorCode::Format, kWhere,
                file.string() + " cannot be understood: expected a lock file of models, version 1",
                "move it away and run `gpiot model pull` again: complete files are found and kept");
  }
  if (!json.contains("hashes")) json["hashes"] = Json::array();
  return json;
}

/// What tells a file from the same name with another content: path, length, time of change. Errors: NotFound.
Json key_of(const std::filesystem::path& file) {
  struct stat facts{};
  if (::stat(file.c_str(), &facts) != 0) throw Error(ErrorCode::NotFound, kWhere, "no such file: " + file.string());
  return {std::filesystem::absolute(file).string(), facts.st_size, facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec};
}

/// Notes the hash of the file with that key, in the place of what was known of its path.
void keep_hash(Json& lock, const Json& key, const std::string& sha256) {
  Json kept = Json::array();
  for (const auto& entry : lock["hashes"]) {
    const auto other = entry.value("file", Json());
    if (!other.is_array() || other.empty() || other[0] != key[0]) kept.push_back(entry);
  }
  kept.push_back({{"file", key}, {"sha256", sha256}});
  lock["hashes"] = std::move(kept);
}

std::filesystem::path guard_of(const std::filesystem::path& file) { return file.string() + ".guard"; }

}  // namespace

Store::Store(std::filesystem::path folder, std::filesystem::path lock_file)
    : folder_(std::move(folder)), lock_file_(std::move(lock_file)) {}

Store Store::of_user() {
  const auto paths = base::user_paths();
  return {paths.cache / "models", paths.state / "models.lock.json"};
}

void Store::make_folder() const {
  std::error_code failure;
  std::filesystem::create_directories(folder_, failure);
  if (!failure) return;
  throw base::io_error(kWhere, "cannot make the folder " + folder_.string(), failure.value(),
                       "set GPIOT_HOME to a folder that gpiot may write to");
}

std::vector<InstalledModel> Store::list() const {
  std::vector<InstalledModel> models;
  const auto json = read_lock(lock_file_);
  try {
    for (const auto& model : json["models"]) models.push_back(from_json(model));
  } catch (const Json::exception& error) {
    throw Error(ErrorCode::Format, kWhere, lock_file_.string() + " has a broken entry: " + error.what(),
                "move it away and run `gpiot model pull` again: complete files are found and kept");
  }
  std::sort(models.begin(), models.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return models;
}

std::optional<InstalledModel> Store::find(const std::string& name) const {
  for (auto& model : list()) {
    if (model.name == name) return model;
  }
  return std::nullopt;
}

void Store::record(const InstalledModel& model) const {
  const FileLock lock(guard_of(lock_file_));
  auto json = read_lock(lock_file_);
  keep_hash(json, key_of(model.path), model.sha256);
  Json kept = Json::array();
  for (const auto& other : json["models"]) {
    if (other.value("name", "") != model.name) kept.push_back(other);
  }
  kept.push_back(to_json(model));
  json["models"] = std::move(kept);
  base::write_file_atomic(lock_file_, base::dump_json(json, 1) + "\n", kWhere);
}

std::string Store::hash_of(const std::filesystem::path& file) const {
  const Json key = key_of(file);
  const auto before = read_lock(lock_file_);
  for (const auto& entry : before["hashes"]) {
    if (entry.value("file", Json()) == key && entry.contains("sha256")) return entry["sha256"].get<std::string>();
  }
  const auto hash = base::sha256_file(file, kWhere);
  try {
    const FileLock lock(guard_of(lock_file_));
    auto json = read_lock(lock_file_);
    keep_hash(json, key, hash);
    base::write_file_atomic(lock_file_, base::dump_json(json, 1) + "\n", kWhere);
  } catch (const Error& error) {
    // A home that is read-only or full costs no more than reading the file again next time.
    if (error.code() != ErrorCode::Io) throw;
  }
  return hash;
}

}  // namespace gpiot::models
