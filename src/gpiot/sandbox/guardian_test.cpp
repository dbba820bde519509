#include "gpiot/sandbox/guardian.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>

#include "gpiot/base/error.h"
#include "gpiot/sandbox/descriptor.h"

namespace gpiot::sandbox {
namespace {

class GuardianTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    life_read_ = Descriptor(ends[0]);
    life_ = Descriptor(ends[1]);
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    said_ = Descriptor(ends[0]);
    write_ = Descriptor(ends[1]);
    nothing_ = Descriptor(::open("/dev/null", O_RDWR | O_CLOEXEC));
  }

  void start(const std::string& script) { start_program({"/bin/sh", "-c", script}); }
  void start_program(std::vector<std::string> arguments) {
    const Launch launch(std::move(arguments), {nothing_.get(), write_.get(), write_.get()});
    guardian_ = start_guarded(launch, life_read_.get(), write_.get());
    write_.reset();
    life_read_.reset();
  }

  /// What was printed up to the end of the last process that can print, or up to a full line.
  std::string read(bool line) {
    std::string text;
    char one = 0;
    while (::read(said_.get(), &one, 1) == 1) {
      text.push_back(one);
      if (line && one == '\n') break;
    }
    return text;
  }

  int wait() const {
    int status = 0;
    ::waitpid(guardian_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  Descriptor life_read_, life_, said_, write_, nothing_;
  pid_t guardian_ = -1;
};

TEST_F(GuardianTest, PassesTheExitStatusOn) {
  start("echo hello; exit 7");
  EXPECT_EQ(read(false), "hello\n");
  EXPECT_EQ(wait(), 7);
}

TEST_F(GuardianTest, ASignalIs128AndItsNumber) {
  start("kill -SEGV $$");
  EXPECT_EQ(wait(), 128 + SIGSEGV);
}

TEST_F(GuardianTest, WithoutItsWriterAllDescendantsEnd) {
  // A child with a session of its own whose parent is gone, as bwrap's second process can be.
  start("(setsid sleep 1000 & setsid sleep 1000 & echo ready); sleep 1000");
  ASSERT_EQ(read(true), "ready\n");
  life_.reset();
  EXPECT_EQ(read(false), "");  // the pipe ends with the last of them
  EXPECT_EQ(wait(), 128 + SIGKILL);
}

TEST_F(GuardianTest, WhatAProgramLeavesBehindEnds) {
  start("setsid sleep 1000 & echo ready");
  EXPECT_EQ(read(false), "ready\n");
  EXPECT_EQ(wait(), 0);
}

TEST_F(GuardianTest, AnotherGuardianDoesNotKeepThePipeOpen) {
  start("sleep 1000");
  const auto first = guardian_;
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const Descriptor other_read(ends[0]);
  Descriptor other_life(ends[1]);
  const Launch launch({"/bin/sleep", "1000"}, {nothing_.get(), nothing_.get(), nothing_.get()});
  const auto second = start_guarded(launch, other_read.get(), nothing_.get());
  life_.reset();
  int status = 0;
  for (int turn = 0; turn < 500 && ::waitpid(first, &status, WNOHANG) == 0; ++turn) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(::waitpid(first, &status, WNOHANG), -1) << "the first goes on although its writer is gone";
  other_life.reset();
  ::waitpid(second, &status, 0);
}

TEST_F(GuardianTest, AProgramThatCannotBeStartedIsNamed) {
  start_program({"/no/such/program"});
  EXPECT_EQ(read(false), "cannot start the program: No such file or directory");
  EXPECT_EQ(wait(), 126);
}

TEST_F(GuardianTest, NoNulByteInAnArgument) {
  EXPECT_THROW(start_program({"/bin/echo", std::string("a\0b", 3)}), base::Error);
}

}  // namespace
}  // namespace gpiot::sandbox
