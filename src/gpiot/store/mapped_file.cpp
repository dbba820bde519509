#include "gpiot/store/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace gpiot::store {

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
}

MappedFile::MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

MappedFile MappedFile::map(const std::filesystem::path& file) {
  MappedFile out;
  const int handle = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (handle < 0) return out;
  struct stat state{};
  const bool known = ::fstat(handle, &state) == 0 && S_ISREG(state.st_mode);
  const auto size = known ? static_cast<std::size_t>(state.st_size) : 0;
  void* bytes = size > 0 ? ::mmap(nullptr, size, PROT_READ, MAP_SHARED, handle, 0) : MAP_FAILED;
  ::close(handle);
  if (bytes != MAP_FAILED) out.bytes_ = {static_cast<std::byte*>(bytes), size};
  return out;
}

}  // namespace gpiot::store
