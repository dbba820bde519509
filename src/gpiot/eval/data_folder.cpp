#include "gpiot/eval/data_folder.h"

#include <fmt/format.h>
#include <fnmatch.h>
#include <unistd.h>

#include <algorithm>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"

namespace gpiot::eval {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "eval.data";
constexpr std::size_t kMaxRecords = 100'000;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20; }

bool is_one_line(const std::string& text) { return std::ranges::none_of(text, is_control); }

}  // namespace

fs::path data_folder(const core::Requirement& requirement, const fs::path& project_dir) {
  const fs::path path = project_dir / requirement.data.path;
  std::error_code failure;
  const auto status = fs::status(path, failure);
  if (status.type() == fs::file_type::not_found) {
    throw Error(ErrorCode::NotFound, kWhere,
                "no such data folder: got " + base::printable(path.string()) + ", expected a folder with the records",
                data_remedy(project_dir, "put the data there, or correct data.path in requirement.md"));
  }
  if (status.type() != fs::file_type::directory) {
    throw Error(ErrorCode::Data, kWhere, path.string() + " cannot be used as data: got a file, expected a folder",
                "correct data.path in requirement.md");
  }
  if (::access(path.c_str(), R_OK | X_OK) != 0) {
    throw Error(ErrorCode::Data, kWhere,
                "the data folder cannot be read: got no permission for " + path.string() + ", expected to list it",
                "give yourself permission, or correct data.path in requirement.md");
  }
  return fs::canonical(path);
}

std::string data_remedy(const fs::path& project_dir, std::string_view otherwise) {
  const auto readme = project_dir / "README.md";
  std::error_code failure;
  if (!fs::is_regular_file(readme, failure)) return std::string(otherwise);
  return fmt::format("get the data as {} says, or correct data.path in requirement.md",
                     base::printable(readme.lexically_normal().string()));
}

fs::path file_within(const fs::path& folder, const std::string& name) {
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos ||
      name.find('\0') != std::string::npos) {
    throw Error(ErrorCode::Data, kWhere,
                fmt::format("not a plain file name: got \"{}\", expected a file in {}", base::printable(name),
                            folder.string()));
  }
  return file_beneath(folder, name);
}

fs::path file_beneath(const fs::path& folder, const fs::path& relative) {
  const auto path = folder / relative;
  std::error_code failure;
  const auto real = fs::canonical(path, failure);
  if (failure) {
    throw Error(ErrorCode::NotFound, kWhere, fmt::format("no such data file: {}", base::printable(path.string())));
  }
  const auto base = fs::canonical(folder);
  const auto [end, ignored] = std::mismatch(base.begin(), base.end(), real.begin(), real.end());
  if (end != base.end()) {
    throw Error(ErrorCode::Data, kWhere,
                fmt::format("{} leads out of the data folder: got {}, expected a file within it",
                            base::printable(path.string()), base::printable(real.string())),
                "put a copy of the file in the place of the link");
  }
  if (!fs::is_regular_file(real, failure)) {
    throw Error(ErrorCode::Data, kWhere, base::printable(path.string()) + " is not a regular file");
  }
  if (::access(real.c_str(), R_OK) != 0) {
    throw Error(ErrorCode::Data, kWhere,
                fmt::format("a data file cannot be read: got no permission for {}, expected to read it",
                            base::printable(path.string())),
                "give yourself permission to read the file");
  }
  return path;
}

std::string star_of(const std::string& glob, const std::string& name) {
  const auto star = glob.find('*');
  if (star == std::string::npos || glob.find_first_of("*?[\\", star + 1) != std::string::npos ||
      glob.find_first_of("?[\\") < star || name.size() + 1 < glob.size()) {
    return "";
  }
  const auto before = glob.substr(0, star), after = glob.substr(star + 1);
  if (!name.starts_with(before) || !name.ends_with(after)) return "";
  return name.substr(before.size(), name.size() - before.size() - after.size());
}

std::map<std::string, fs::path> matching_files(const fs::path& folder, const std::string& glob,
                                               const std::string& but) {
  std::map<std::string, fs::path> found;
  std::error_code failure;
  for (fs::directory_iterator entries(folder, failure), end; !failure && entries != end; entries.increment(failure)) {
    const auto name = entries->path().filename().string();
    if (::fnmatch(glob.c_str(), name.c_str(), FNM_PERIOD) != 0) continue;
    if (!but.empty() && ::fnmatch(but.c_str(), name.c_str(), FNM_PERIOD) == 0) continue;
    const auto id = entries->path().stem().string();
    if (!base::is_valid_utf8(id) || id != base::printable(id) || !is_one_line(id)) {
      auto shown = base::printable(name);
      std::ranges::replace_if(shown, is_control, '?');
      throw Error(ErrorCode::Data, kWhere,
                  "a data file has a name that is not text: got \"" + shown + "\", expected one line of UTF-8",
                  "rename the file");
    }
    if (!found.emplace(id, file_within(folder, name)).second) {
      throw Error(ErrorCode::Data, kWhere,
                  fmt::format("two files of {} give the record \"{}\": expected one match of \"{}\" each",
                              folder.string(), id, glob));
    }
    if (found.size() > kMaxRecords) {
      throw Error(ErrorCode::Capacity, kWhere, fmt::format("more than {} records in {}", kMaxRecords, folder.string()));
    }
  }
  if (failure) {
    throw Error(ErrorCode::Io, kWhere, fmt::format("cannot list {}: {}", folder.string(), failure.message()));
  }
  return found;
}

std::string read_data(const fs::path& path, std::uint64_t limit_bytes) {
  return base::read_file(path, kWhere, limit_bytes);
}

}  // namespace gpiot::eval
