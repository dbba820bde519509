#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gpiot::retrieve {

/// A distribution of the private Python environment, by its own records: nothing of it is run.
struct InstalledPackage {
  std::string distribution;               ///< "scikit-learn"
  std::vector<std::string> import_names;  ///< "sklearn"
  std::string version;
  std::string licence;      ///< "License-Expression", or the short form of "License"; empty = not stated
  std::string fingerprint;  ///< hash of its list of files with their hashes: another one after an upgrade
};

/// All of them, by name. `environment` is a virtual environment. Errors: NotFound where it has no site-packages.
[[nodiscard]] std::vector<InstalledPackage> installed_packages(const std::filesystem::path& environment);
/// By its import name or that of its distribution, in any case.
[[nodiscard]] std::optional<InstalledPackage> find_package(const std::vector<InstalledPackage>& packages,
                                                           const std::string& name);

/// Import names of what generated programs may use, the most used first: the set that is read by default.
[[nodiscard]] const std::vector<std::string>& default_packages();

}  // namespace gpiot::retrieve
