#include "gpiot/sandbox/folder_entries.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <memory>

namespace gpiot::sandbox {

std::vector<std::string> entries_of(int folder, std::size_t most) {
  std::vector<std::string> names;
  // A descriptor of its own: the folder's place in the list is shared by copies made with dup.
  const int own = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (own < 0) return names;
  const std::unique_ptr<DIR, int (*)(DIR*)> list(::fdopendir(own), &::closedir);
  if (!list) {
    ::close(own);
    return names;
  }
  while (names.size() < most) {
    const dirent* entry = ::readdir(list.get());
    if (entry == nullptr) break;
    if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0)
      names.emplace_back(entry->d_name);
  }
  return names;
}

}  // namespace gpiot::sandbox
