#include "gpiot/project/project_state.h"

#include <fmt/format.h>

#include <algorithm>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"

namespace gpiot::project {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;
using base::Json;

constexpr std::string_view kWhere = "project.state";
constexpr int kVersion = 1;

fs::path state_path(const fs::path& folder) { return folder / ".gpiot" / "state.json"; }

fs::path within(const fs::path& folder, const std::string& file) {
  const fs::path relative(file);
  const bool leaves = std::any_of(relative.begin(), relative.end(), [](const auto& part) { return part == ".."; });
  if (file.empty() || relative.is_absolute() || leaves) {
    throw Error(ErrorCode::InvalidArgument, kWhere,
                fmt::format("not a file of the project: got \"{}\", expected a path within its folder", file));
  }
  return folder / relative;
}

bool is_file(const fs::path& path) {
  std::error_code failure;
  return fs::is_regular_file(path, failure);
}

bool is_there(const fs::path& path) {
  std::error_code failure;
  return fs::symlink_status(path, failure).type() != fs::file_type::not_found;
}

std::string text_member(const Json& object, const std::string& file, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) {
    throw Error(ErrorCode::Format, kWhere, fmt::format("entry \"{}\" has no text \"{}\"", base::printable(file), key));
  }
  return found->get<std::string>();
}

}  // namespace

std::string_view name(FileState state) {
  switch (state) {
    case FileState::Missing:
      return "missing";
    case FileState::Fresh:
      return "fresh";
    case FileState::Stale:
      return "stale";
    case FileState::Edited:
      break;
  }
  return "edited";
}

std::string input_hash(const std::vector<std::pair<std::string, std::string>>& inputs) {
  std::string listed;
  for (const auto& [input, content] : inputs) {
    listed += fmt::format("{}:{}={}\n", input.size(), input, base::sha256_hex(content));
  }
  return base::sha256_hex(listed);
}

ProjectState ProjectState::load(const fs::path& folder) {
  std::error_code failure;
  if (!fs::is_directory(folder, failure)) {
    throw Error(ErrorCode::NotFound, kWhere,
                "no such project folder: got '" + base::printable(folder.string()) + "', expected a folder",
                "give the folder that holds requirement.md");
  }
  ProjectState state(folder);
  if (!is_there(state_path(folder))) return state;
  try {
    state.read(base::read_file(state_path(folder), kWhere));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::Format && error.code() != ErrorCode::Capacity) throw;
    state.set_aside(error.what());
  } catch (const Json::exception& error) {  // a number too large for a double is no parse error to the parser
    state.set_aside(error.what());
  }
  return state;
}

void ProjectState::read(std::string_view text) {
  const auto document = base::parse_json(text, kWhere, state_path(folder_).string());
  const auto version = document.is_object() ? document.value("version", Json()) : Json();
  if (!version.is_number_integer() || version != kVersion) {
    throw Error(ErrorCode::Format, kWhere,
                fmt::format("version: got {}, expected {}", base::dump_json(version).substr(0, 40), kVersion));
  }
  const auto files = document.find("files");
  if (files == document.end() || !files->is_object()) {
    throw Error(ErrorCode::Format, kWhere, "files: expected an object");
  }
  for (const auto& [file, entry] : files->items()) {
    if (!entry.is_object()) throw Error(ErrorCode::Format, kWhere, "an entry of files is not an object");
    files_[file] = {text_member(entry, file, "stage"), text_member(entry, file, "sha256"),
                    text_member(entry, file, "input_sha256"),
                    entry.contains("former_sha256") ? text_member(entry, file, "former_sha256") : ""};
  }
}

void ProjectState::set_aside(std::string_view problem) {
  files_.clear();
  auto aside = state_path(folder_);
  aside += ".broken";
  for (int i = 2; is_there(aside) && i < 100; ++i) aside = state_path(folder_).string() + fmt::format(".broken{}", i);
  std::error_code failure;
  fs::rename(state_path(folder_), aside, failure);
  if (failure) {
    throw base::io_error(kWhere, "cannot move " + state_path(folder_).string() + " aside", failure.value());
  }
  warning_ = fmt::format("{} cannot be understood and was moved to {}; all files count as edited ({})",
                         state_path(folder_).string(), aside.filename().string(), problem);
}

void ProjectState::save() const {
  Json files = Json::object();
  for (const auto& [file, entry] : files_) {
    files[file] = {{"stage", entry.stage}, {"sha256", entry.sha256}, {"input_sha256", entry.input_sha256}};
    if (!entry.former_sha256.empty()) files[file]["former_sha256"] = entry.former_sha256;
  }
  const Json document = {{"version", kVersion}, {"files", files}};
  base::write_file_atomic(state_path(folder_), base::dump_json(document, 1) + "\n", kWhere);
}

FileState ProjectState::state_of(const std::string& file, std::string_view input_sha256) const {
  const auto path = within(folder_, file);
  if (!is_there(path)) return FileState::Missing;
  if (!is_file(path)) return FileState::Edited;
  const auto content = base::sha256_file(path, kWhere);
  // A user who takes over what was offered as .new has a generated file again.
  for (const auto& candidate : {file, file + ".new"}) {
    const auto found = files_.find(candidate);
    if (found == files_.end()) continue;
    const auto& entry = found->second;
    if (content == entry.sha256) {
      const bool same = input_sha256.empty() || entry.input_sha256 == input_sha256;
      return same ? FileState::Fresh : FileState::Stale;
    }
    // Killed between the two writes of write_generated: the old content stands, its successor never came.
    if (content == entry.former_sha256) return FileState::Stale;
  }
  return FileState::Edited;
}

WrittenFile ProjectState::write_generated(const std::string& file, std::string_view content, std::string_view stage,
                                          std::string_view input_sha256) {
  const auto path = within(folder_, file);
  const auto state = state_of(file);
  const auto sha256 = base::sha256_hex(content);
  if (state == FileState::Edited && (!is_file(path) || base::sha256_file(path, kWhere) != sha256)) {
    return {write_generated(file + ".new", content, stage, input_sha256).file, true};
  }
  GeneratedFile entry{std::string(stage), sha256, std::string(input_sha256), {}};
  if (state != FileState::Missing) entry.former_sha256 = base::sha256_file(path, kWhere);
  files_[file] = entry;
  save();
  base::write_file_atomic(path, content, kWhere);
  files_[file].former_sha256.clear();
  save();
  return {file, false};
}

}  // namespace gpiot::project
