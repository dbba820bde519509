#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace gpiot::base {

/// Lower-case hexadecimal SHA-256, 64 characters.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);
/// SHA-256 of a file, read in parts. `on_bytes` hears how many bytes are done. Errors: NotFound, Io.
[[nodiscard]] std::string sha256_file(const std::filesystem::path& path, std::string_view where,
                                      const std::function<void(std::uint64_t)>& on_bytes = {});

}  // namespace gpiot::base
