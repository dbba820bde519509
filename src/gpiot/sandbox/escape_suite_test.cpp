#include "gpiot/sandbox/escape_suite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpiot/base/paths.h"

namespace gpiot::sandbox {
namespace {

std::filesystem::path suite() { return base::installation_root() / "runtime" / "escape"; }

EscapeReport run(Weakening weakening, std::vector<std::string> only, LevelChoice level = LevelChoice::A) {
  SandboxOptions options;
  options.level = level;
  options.weakening = std::move(weakening);
  Sandbox sandbox(options);
  return run_escape_suite(sandbox, suite(), base::CancelToken(), {.only = std::move(only), .on_result = {}});
}

TEST(EscapeSuiteTest, EveryAttemptIsHeld) {
  const auto report = run({}, {});
  EXPECT_GE(report.results.size(), 96U);
  for (const auto& result : report.results) {
    EXPECT_THAT(result.verdict, ::testing::AnyOf(EscapeVerdict::Blocked, EscapeVerdict::Contained))
        << result.group << "." << result.name << ": " << name(result.verdict) << ": " << result.detail;
  }
}

/// With the least that level B may find: the oldest Landlock, no control group. tests/program/level_b_test.py runs it
/// as an ordinary user with all that the kernel has.
TEST(EscapeSuiteTest, LevelBHoldsAllButItsKnownGaps) {
  Weakening weakening;
  weakening.landlock_abi_at_most = 1;
  weakening.no_cgroup = true;
  const auto report = run(weakening, {}, LevelChoice::B);
  EXPECT_EQ(report.level, "B");
  EXPECT_GE(report.results.size(), 200U);
  for (const auto& result : report.results) {
    EXPECT_NE(result.verdict, EscapeVerdict::Error) << result.group << "." << result.name << ": " << result.detail;
    EXPECT_TRUE(result.verdict != EscapeVerdict::Escaped || known_gap("B", result) != nullptr)
        << result.group << "." << result.name << ": " << result.detail;
  }
  EXPECT_EQ(report.count(EscapeVerdict::Escaped), known_gaps("B").size()) << "a gap that is closed leaves the list";
}

TEST(EscapeSuiteTest, NoGapIsInFilesNetworkOrVerdict) {
  EXPECT_TRUE(known_gaps("A").empty());
  for (const auto& gap : known_gaps("B")) {
    EXPECT_FALSE(gap.attempt.starts_with("files.") || gap.attempt.starts_with("network.") ||
                 gap.attempt.starts_with("verdict."))
        << gap.attempt;
  }
}

TEST(EscapeSuiteTest, SeesWhatLandlockAloneLetsThrough) {
  const auto report =
      run({.share_network = false, .no_seccomp = true, .writable_host_folders = {}},
          {"network.udp_to_host", "network.datagram_pair_to_path", "process.memfd_create"}, LevelChoice::B);
  EXPECT_EQ(report.count(EscapeVerdict::Escaped), report.results.size());
}

TEST(EscapeSuiteTest, SeesAnEscapeThroughAnOpenNetwork) {
  const auto report = run({.share_network = true, .no_seccomp = true, .writable_host_folders = {}},
                          {"network.tcp_to_host", "network.udp_to_host", "network.abstract_socket"});
  ASSERT_EQ(report.results.size(), 3U);
  for (const auto& result : report.results) {
    EXPECT_EQ(result.verdict, EscapeVerdict::Escaped) << result.name << result.detail;
    EXPECT_THAT(result.detail, ::testing::HasSubstr("reached the host's")) << result.name;
  }
}

TEST(EscapeSuiteTest, SeesAnEscapeThroughAnOpenFolder) {
  std::string open_folder = "/tmp/gpiot-open-XXXXXX";
  ASSERT_NE(::mkdtemp(open_folder.data()), nullptr);
  ::setenv("TMPDIR", open_folder.c_str(), 1);
  const auto report = run({.share_network = false, .no_seccomp = false, .writable_host_folders = {open_folder}},
                          {"files.read_canary", "files.write_host_folder", "verdict.result_is_link_to_canary"});
  ::unsetenv("TMPDIR");
  std::filesystem::remove_all(open_folder);
  ASSERT_EQ(report.results.size(), 3U);
  EXPECT_EQ(report.results[0].verdict, EscapeVerdict::Escaped) << report.results[0].detail;
  EXPECT_THAT(report.results[1].detail, ::testing::HasSubstr("changed a file of the host"));
  // The host follows no link, so this one holds even then.
  EXPECT_EQ(report.results[2].verdict, EscapeVerdict::Contained) << report.results[2].detail;
}

TEST(EscapeSuiteTest, SeesDangerousCallsWithoutTheFilter) {
  const auto report = run({.share_network = false, .no_seccomp = true, .writable_host_folders = {}},
                          {"process.memfd_create", "process.shmget"});
  EXPECT_EQ(report.count(EscapeVerdict::Escaped), 2U);
}

}  // namespace
}  // namespace gpiot::sandbox
