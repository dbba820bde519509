#include "gpiot/sandbox/landlock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "gpiot/base/error.h"

namespace gpiot::sandbox {
namespace {

// The system's <linux/landlock.h> is older than the kernels this runs on, so the interface is written down here.
constexpr long kCreateRuleset = 444;
constexpr long kAddRule = 445;
constexpr long kRestrictSelf = 446;
constexpr unsigned kVersionQuery = 1;
constexpr int kPathBeneath = 1;
constexpr int kNewestKnown = 10;

struct RulesetAttributes {
  std::uint64_t files = 0;
  std::uint64_t network = 0;  ///< from ABI 4 on
  std::uint64_t scoped = 0;   ///< from ABI 6 on
};
struct [[gnu::packed]] PathRule {
  std::uint64_t allowed = 0;
  std::int32_t parent = -1;
};

constexpr std::uint64_t bit(int number) { return 1ULL << number; }
constexpr std::uint64_t kExecute = bit(0);
constexpr std::uint64_t kWriteFile = bit(1);
constexpr std::uint64_t kReadFile = bit(2);
constexpr std::uint64_t kReadFolder = bit(3);
constexpr std::uint64_t kRemove = bit(4) | bit(5);
constexpr std::uint64_t kMakeFolder = bit(7);
constexpr std::uint64_t kMakeRegular = bit(8);
constexpr std::uint64_t kMakeLink = bit(12);
constexpr std::uint64_t kRefer = bit(13);     // ABI 2
constexpr std::uint64_t kTruncate = bit(14);  // ABI 3
constexpr std::uint64_t kForFiles = kExecute | kWriteFile | kReadFile | kTruncate;

/// All file rights of the ABI: 13 of the first, then to other folders, truncation, devices' ioctl, path sockets.
std::uint64_t file_rights(int abi) {
  const int count = abi >= 9 ? 17 : abi >= 5 ? 16 : abi >= 3 ? 15 : abi >= 2 ? 14 : 13;
  return bit(count) - 1;
}

std::uint64_t rights_of(Access access) {
  switch (access) {
    case Access::Read:
      return kReadFile | kReadFolder;
    case Access::Execute:
      return kReadFile | kReadFolder | kExecute;
    case Access::Use:
      return kReadFile | kWriteFile;
    case Access::Write:
      return kReadFile | kReadFolder | kWriteFile | kRemove | kMakeFolder | kMakeRegular | kMakeLink | kRefer |
             kTruncate;
  }
  return 0;
}

[[noreturn]] void fail(const std::string& what) {
  throw base::Error(base::ErrorCode::Sandbox, "sandbox.landlock",
                    what + ": got " + std::strerror(errno) + ", expected success", "run `gpiot doctor`");
}

}  // namespace

int landlock_abi() {
  const long abi = ::syscall(kCreateRuleset, nullptr, 0, kVersionQuery);
  return abi < 1 ? 0 : static_cast<int>(std::min<long>(abi, kNewestKnown));
}

LandlockRuleset::LandlockRuleset(int abi) : handled_(file_rights(abi)) {
  // TCP from ABI 4 on, UDP from 10 on; abstract sockets and signals to others from 6 on.
  const RulesetAttributes attributes{handled_, abi >= 10 ? 15U : abi >= 4 ? 3U : 0U, abi >= 6 ? 3U : 0U};
  const auto size = abi >= 6 ? sizeof(attributes) : abi >= 4 ? 2 * sizeof(std::uint64_t) : sizeof(std::uint64_t);
  const Descriptor made(static_cast<int>(::syscall(kCreateRuleset, &attributes, size, 0)));
  // Above all numbers that a program is given, so that putting those in place overwrites none.
  if (made.valid()) ruleset_.reset(::fcntl(made.get(), F_DUPFD_CLOEXEC, 64));
  if (!ruleset_.valid()) fail("cannot make a Landlock rule set");
}

void LandlockRuleset::allow(const std::filesystem::path& path, Access access) {
  const Descriptor place(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!place.valid() && (errno == ENOENT || errno == ENOTDIR)) return;
  struct stat facts{};
  if (!place.valid() || ::fstat(place.get(), &facts) != 0) fail("cannot open " + path.string());
  auto rights = rights_of(access) & handled_;
  if (!S_ISDIR(facts.st_mode)) rights &= kForFiles;
  const PathRule rule{rights, place.get()};
  if (::syscall(kAddRule, ruleset_.get(), kPathBeneath, &rule, 0) != 0) fail("no rule for " + path.string());
}

bool restrict_self(int ruleset) noexcept { return ::syscall(kRestrictSelf, ruleset, 0) == 0; }

}  // namespace gpiot::sandbox
