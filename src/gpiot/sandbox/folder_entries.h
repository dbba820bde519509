#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace gpiot::sandbox {

/// Names in an open folder, without "." and "..", `most` of them at most; none where it cannot be read.
[[nodiscard]] std::vector<std::string> entries_of(int folder, std::size_t most);

}  // namespace gpiot::sandbox
