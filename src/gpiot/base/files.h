#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace gpiot::base {

/// The whole file. Errors: NotFound; Io; Capacity when it is larger than `limit_bytes`.
[[nodiscard]] std::string read_file(const std::filesystem::path& path, std::string_view where,
                                    std::uint64_t limit_bytes = 64ULL << 20);

/// Writes beside `path`, syncs, renames over it, syncs the folder: after a crash the old or the new file is there,
/// never half of one. Makes missing parent folders. Errors: Io (the message names a full disk as such).
void write_file_atomic(const std::filesystem::path& path, std::string_view content, std::string_view where);

/// Reads a file that untrusted code may have written, beneath `root`: no symbolic link, no device, no pipe is
/// followed (openat2 RESOLVE_BENEATH | NO_SYMLINKS | NO_MAGICLINKS). Errors: NotFound; Format when it is not a
/// regular file or leaves `root`; Capacity.
[[nodiscard]] std::string read_untrusted_file(const std::filesystem::path& root, const std::string& relative,
                                              std::string_view where, std::uint64_t limit_bytes);

}  // namespace gpiot::base
