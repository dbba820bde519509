#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "gpiot/base/error.h"

namespace gpiot::base {

/// The error of a failed call: `problem`, then why, from `error_number` (errno, or the value of a std::error_code).
/// A full disk, a read-only file system and a missing permission are named as such, with a remedy; for the latter two
/// it is `elsewhere`, where that is given.
[[nodiscard]] Error io_error(std::string_view where, const std::string& problem, int error_number,
                             const std::string& elsewhere = {});

/// The whole file. Errors: NotFound; Io; Format when it is no regular file (a pipe could be waited for without end);
/// Capacity when it is larger than `limit_bytes`.
[[nodiscard]] std::string read_file(const std::filesystem::path& path, std::string_view where,
                                    std::uint64_t limit_bytes = 64ULL << 20);

/// Writes beside `path`, syncs, renames over it, syncs the folder: after a crash the old or the new file is there,
/// never half of one. Makes missing parent folders. A process that is killed in between leaves a file that
/// `is_unfinished_file` knows. Errors: Io.
void write_file_atomic(const std::filesystem::path& path, std::string_view content, std::string_view where);

/// True for the names that write_file_atomic writes to before it renames: ".state.json.4711.partial".
[[nodiscard]] bool is_unfinished_file(std::string_view name);

/// A copy of the content of a file, to a name that is not taken. std::filesystem::copy_file calls a full disk an
/// input/output error. Errors: Io; then nothing is left of the copy.
void copy_file(const std::filesystem::path& from, const std::filesystem::path& to, std::string_view where);

/// Adds `line` and a line feed at the end of a file of lines, whole or not at all; a last line that was cut short by
/// a crash is ended first, so that it spoils no other. Errors: Io.
void append_line(const std::filesystem::path& path, std::string_view line, std::string_view where);

/// Reads a file that untrusted code may have written, beneath `root`: no symbolic link, no device, no pipe is
/// followed (openat2 RESOLVE_BENEATH | NO_SYMLINKS | NO_MAGICLINKS). Errors: NotFound; Format when it is not a
/// regular file or leaves `root`; Capacity.
[[nodiscard]] std::string read_untrusted_file(const std::filesystem::path& root, const std::string& relative,
                                              std::string_view where, std::uint64_t limit_bytes);

}  // namespace gpiot::base
