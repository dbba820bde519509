#include "gpiot/models/catalogue.h"

#include <toml++/toml.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <set>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"

namespace gpiot::models {
namespace {

using base::Error;
using base::ErrorCode;
constexpr std::string_view kWhere = "models.catalogue";

std::string number_in(std::string text, int part) {
  char two_digits[12];
  std::snprintf(two_digits, sizeof two_digits, "%02d", part);
  text = base::replace_all(std::move(text), "{nn}", two_digits);
  return base::replace_all(std::move(text), "{n}", std::to_string(part));
}

[[noreturn]] void refuse(std::string_view file, std::string_view alias, const std::string& problem) {
  throw Error(ErrorCode::Format, kWhere, std::string(file) + ", model '" + std::string(alias) + "': " + problem);
}

std::optional<Mirror> read_mirror(const toml::table& model) {
  const auto* table = model["mirror"].as_table();
  if (table == nullptr) return std::nullopt;
  Mirror mirror;
  mirror.package = (*table)["package"].value_or(std::string());
  mirror.version = (*table)["version"].value_or(std::string());
  mirror.member = (*table)["member"].value_or(std::string());
  mirror.parts = (*table)["parts"].value_or(1);
  mirror.part_bytes = static_cast<std::uint64_t>((*table)["part_bytes"].value_or<std::int64_t>(0));
  return mirror;
}

std::optional<Making> read_making(const toml::table& model) {
  const auto* table = model["making"].as_table();
  if (table == nullptr) return std::nullopt;
  Making making;
  making.format = (*table)["format"].value_or(std::string());
  making.package = (*table)["package"].value_or(std::string());
  making.version = (*table)["version"].value_or(std::string());
  making.folder = (*table)["folder"].value_or(std::string());
  if (const auto* files = (*table)["files"].as_array()) {
    for (const auto& node : *files) {
      const auto* file = node.as_table();
      if (file == nullptr) continue;
      making.files.push_back({(*file)["file"].value_or(std::string()),
                              static_cast<std::uint64_t>((*file)["bytes"].value_or<std::int64_t>(0)),
                              (*file)["sha256"].value_or(std::string())});
    }
  }
  return making;
}

bool plain(std::string_view text, std::string_view also) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || also.find(c) != std::string_view::npos;
  });
}

void check_making(const CatalogueEntry& entry, std::string_view file) {
  if (entry.made_by != "weights") refuse(file, entry.alias, "made_by: got '" + entry.made_by + "', expected weights");
  if (!entry.making || entry.making->files.empty() || entry.making->package.empty() || entry.hf_repo.empty()) {
    refuse(file, entry.alias, "a model that is made needs hf, and making with package, version, folder and files");
  }
  for (const auto& source : entry.making->files) {
    if (!plain(source.file, "-_.") || source.file[0] == '.' || source.bytes == 0 || source.sha256.size() != 64) {
      refuse(file, entry.alias, "making.files: each needs file, bytes and sha256");
    }
  }
  if (entry.bytes == 0 || entry.sha256.empty())
    refuse(file, entry.alias, "a model that is made needs bytes and sha256");
}

CatalogueEntry read_entry(const toml::table& model, std::string_view file) {
  CatalogueEntry entry;
  entry.alias = model["alias"].value_or(std::string());
  entry.purpose = model["purpose"].value_or(std::string());
  entry.file = model["file"].value_or(std::string());
  entry.bytes = static_cast<std::uint64_t>(model["bytes"].value_or<std::int64_t>(0));
  entry.sha256 = model["sha256"].value_or(std::string());
  entry.licence = model["licence"].value_or(std::string());
  entry.hf_repo = model["hf"].value_or(std::string());
  entry.made_by = model["made_by"].value_or(std::string());
  entry.mirror = read_mirror(model);
  entry.making = read_making(model);
  entry.is_default = model["default"].value_or(false);
  if (entry.alias.empty()) refuse(file, "", "it has no alias");
  if (entry.licence.empty()) refuse(file, entry.alias, "it has no licence");
  if (entry.file.empty() || entry.file.find('/') != std::string::npos || entry.file[0] == '.') {
    refuse(file, entry.alias, "file: got '" + entry.file + "', expected a plain file name");
  }
  if (!entry.sha256.empty() && entry.sha256.size() != 64) refuse(file, entry.alias, "sha256: expected 64 digits");
  if (entry.hf_repo.empty() && !entry.mirror && entry.made_by.empty()) refuse(file, entry.alias, "it has no source");
  if (!entry.made_by.empty()) check_making(entry, file);
  if (entry.mirror) {
    const auto& mirror = *entry.mirror;
    if (mirror.parts < 1 || mirror.part_bytes == 0 || mirror.package.empty() || mirror.member.empty()) {
      refuse(file, entry.alias, "mirror: package, version, member, parts and part_bytes are needed");
    }
    if (entry.bytes == 0 || entry.sha256.empty()) refuse(file, entry.alias, "a mirror needs bytes and sha256");
  }
  return entry;
}

}  // namespace

std::string Mirror::package_of(int part) const { return number_in(package, part); }
std::string Mirror::member_of(int part) const { return number_in(member, part); }

Catalogue Catalogue::load(const std::filesystem::path& file) {
  return parse(base::read_file(file, kWhere), file.string());
}

Catalogue Catalogue::parse(std::string_view text, std::string_view name) {
  toml::table root;
  try {
    root = toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    throw Error(ErrorCode::Format, kWhere,
                std::string(name) + ", line " + std::to_string(error.source().begin.line) + ": " +
                    std::string(error.description()));
  }
  Catalogue catalogue;
  std::set<std::string> seen;
  const auto* models = root["model"].as_array();
  if (models == nullptr) throw Error(ErrorCode::Format, kWhere, std::string(name) + " has no [[model]]");
  for (const auto& node : *models) {
    const auto* table = node.as_table();
    if (table == nullptr) throw Error(ErrorCode::Format, kWhere, std::string(name) + ": a model is not a table");
    auto entry = read_entry(*table, name);
    if (!seen.insert(entry.alias).second) refuse(name, entry.alias, "the alias is given twice");
    catalogue.entries_.push_back(std::move(entry));
  }
  return catalogue;
}

const CatalogueEntry* Catalogue::find(std::string_view alias) const {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const auto& entry) { return entry.alias == alias; });
  return found == entries_.end() ? nullptr : &*found;
}

const CatalogueEntry& Catalogue::default_entry() const {
  for (const auto& entry : entries_) {
    if (entry.is_default) return entry;
  }
  throw Error(ErrorCode::Format, kWhere, "models.toml names no default model");
}

std::optional<HubReference> parse_hub_reference(std::string_view text) {
  for (const std::string_view prefix : {"https://", ""}) {
    for (const std::string_view host : {"hf.co/", "huggingface.co/"}) {
      const auto start = std::string(prefix) + std::string(host);
      if (text.substr(0, start.size()) != start) continue;
      const auto rest = text.substr(start.size());
      const auto colon = rest.find(':');
      HubReference reference{std::string(rest.substr(0, colon)),
                             colon == std::string_view::npos ? "" : std::string(rest.substr(colon + 1))};
      const auto parts = base::split(reference.repo, '/');
      const bool climbs =
          reference.repo.find("..") != std::string::npos || reference.file.find("..") != std::string::npos;
      if (parts.size() != 2 || !plain(parts[0], "-_.") || !plain(parts[1], "-_.") || !plain(reference.file, "-_./") ||
          reference.file.front() == '/' || climbs) {
        throw Error(ErrorCode::InvalidArgument, kWhere,
                    "not a file on the hub: got '" + base::printable(text) + "', expected hf.co/owner/repo:file.gguf");
      }
      return reference;
    }
  }
  return std::nullopt;
}

bool licence_needs_consent(std::string_view licence) {
  const auto lower = base::to_lower(licence);
  return lower != "apache-2.0" && lower != "mit";
}

}  // namespace gpiot::models
