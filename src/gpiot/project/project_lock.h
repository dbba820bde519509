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

 private:
  int descriptor_ = -1;
};

}  // namespace gpiot::project
