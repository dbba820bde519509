#pragma once

#include <filesystem>

namespace gpiot::project {

/// Held by a gpiot that changes a project folder; the system releases it when the process ends, however it ends.
class ProjectLock {
 public:
  /// Takes `.gpiot/lock` without waiting. Errors: InvalidArgument when another gpiot (named by its process id) works in
  /// this project; NotFound when `folder` does not exist; Io.
  explicit ProjectLock(const std::filesystem::path& folder);
  ProjectLock(const ProjectLock&) = delete;
  ProjectLock& operator=(const ProjectLock&) = delete;
  ~ProjectLock();

  /// Removes the unfinished files (base::is_unfinished_file) that a killed gpiot left beside those it generates.
  void remove_leftovers() const;

 private:
  std::filesystem::path folder_;
  int descriptor_ = -1;
};

}  // namespace gpiot::project
