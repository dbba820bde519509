#include "gpiot/retrieve/installed_packages.h"

#include <algorithm>
#include <set>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/strings.h"

namespace gpiot::retrieve {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kWhere = "retrieve.packages";
constexpr std::size_t kLicenceLength = 60;  // some packages have the whole text there

fs::path site_packages(const fs::path& environment) {
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(environment / "lib", failure)) {
    const auto folder = entry.path() / "site-packages";
    if (entry.path().filename().string().starts_with("python") && fs::is_directory(folder)) return folder;
  }
  throw base::Error(
      base::ErrorCode::NotFound, kWhere,
      "no Python environment: got " + environment.string() + ", expected one with lib/python*/site-packages",
      "./gpiot setup");
}

/// First value of a header of METADATA.
std::string header(const std::string& metadata, std::string_view key) {
  for (const auto& line : base::split_lines(metadata)) {
    if (line.empty()) break;
    if (line.starts_with(key) && line.size() > key.size() && line[key.size()] == ':')
      return base::trim(line.substr(key.size() + 1));
  }
  return {};
}

/// The top folders and modules that a RECORD lists: what can be imported.
std::vector<std::string> imports_of(const std::string& record) {
  std::set<std::string> names;
  for (const auto& line : base::split_lines(record)) {
    const std::string path = line.substr(0, line.find(','));
    const auto slash = path.find('/');
    if (slash == std::string::npos) {
      if (path.ends_with(".py")) names.insert(path.substr(0, path.size() - 3));
    } else if (path.substr(slash + 1) == "__init__.py") {
      names.insert(path.substr(0, slash));
    }
  }
  return {names.begin(), names.end()};
}

std::string normal(std::string name) {
  name = base::to_lower(name);
  for (char& c : name) {
    if (c == '_' || c == '.') c = '-';
  }
  return name;
}

}  // namespace

std::vector<InstalledPackage> installed_packages(const fs::path& environment) {
  std::vector<InstalledPackage> packages;
  for (const auto& entry : fs::directory_iterator(site_packages(environment))) {
    const auto record = entry.path() / "RECORD";
    const auto metadata = entry.path() / "METADATA";
    if (entry.path().extension() != ".dist-info" || !fs::is_regular_file(record) || !fs::is_regular_file(metadata))
      continue;
    const std::string about = base::read_file(metadata, kWhere);
    const std::string files = base::read_file(record, kWhere);
    InstalledPackage package;
    package.distribution = header(about, "Name");
    package.version = header(about, "Version");
    package.licence = header(about, "License-Expression");
    if (package.licence.empty()) package.licence = header(about, "License");
    if (package.licence.size() > kLicenceLength) package.licence.clear();
    package.import_names = imports_of(files);
    package.fingerprint = base::sha256_hex(files);
    packages.push_back(std::move(package));
  }
  std::ranges::sort(packages, {}, &InstalledPackage::distribution);
  return packages;
}

std::optional<InstalledPackage> find_package(const std::vector<InstalledPackage>& packages, const std::string& name) {
  for (const auto& package : packages) {
    if (std::ranges::find(package.import_names, name) != package.import_names.end()) return package;
  }
  for (const auto& package : packages) {
    if (normal(package.distribution) == normal(name)) return package;
  }
  return std::nullopt;
}

const std::vector<std::string>& default_packages() {
  static const std::vector<std::string> names = {"numpy",  "scipy", "sklearn",    "pandas",    "pywt", "wfdb",
                                                 "joblib", "PIL",   "matplotlib", "soundfile", "torch"};
  return names;
}

}  // namespace gpiot::retrieve
