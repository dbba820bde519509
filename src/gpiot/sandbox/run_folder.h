#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "gpiot/core/program_runner.h"
#include "gpiot/sandbox/descriptor.h"

namespace gpiot::sandbox {

/// Use of the writable folders.
struct DiskUse {
  std::uint64_t bytes = 0;          ///< of all
  std::uint64_t fullest_bytes = 0;  ///< of the fullest
  std::uint64_t files = 0;          ///< inodes, the largest of the folders
  bool hides = false;               ///< folders too deep to be looked at, or writable and not readable
};

/// What stands in level B for the mounts of level A: a folder in the temporary folder with app and data (links to the
/// host's own) that the program may only read, and out and tmp that it may write. Gone with the object; folders of
/// gpiot processes that were killed are removed by the next one.
class RunFolder {
 public:
  /// `owner`: user and group of out and tmp. Errors: Sandbox when it cannot be made.
  RunFolder(const std::vector<core::ReadOnlyMount>& mounts, unsigned owner);
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;
  ~RunFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// "/out/result.csv" -> its place here; any other text stays as it is.
  [[nodiscard]] std::string real(const std::string& inside) const;
  [[nodiscard]] const Descriptor& out() const { return out_; }
  [[nodiscard]] std::uint64_t device() const { return device_; }
  /// Files with a name only. The program may change the folders meanwhile: nothing is followed.
  [[nodiscard]] DiskUse use() const;

 private:
  void link_mounts(const std::vector<core::ReadOnlyMount>& mounts) const;

  std::filesystem::path path_;
  Descriptor lock_, out_, tmp_;
  std::uint64_t device_ = 0;
};

/// Removes a folder that no process uses any more, however deep it is and whatever modes it has. Follows no link.
void remove_untrusted(int parent, const char* name);

}  // namespace gpiot::sandbox
