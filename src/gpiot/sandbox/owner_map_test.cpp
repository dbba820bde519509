#include "gpiot/sandbox/owner_map.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

namespace gpiot::sandbox {
namespace {

using namespace std::chrono_literals;

TEST(OwnerMap, AKilledProgramLeavesNoStoppedChildBehind) {
  // What is orphaned comes to this process, so that its end is seen here.
  ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  int told[2];
  ASSERT_EQ(::pipe(told), 0);
  const pid_t program = ::fork();
  if (program == 0) {
    const pid_t child = stopped_in_user_namespace();
    if (::write(told[1], &child, sizeof(child)) != sizeof(child)) ::_exit(1);
    ::pause();
  }
  pid_t child = -1;
  ASSERT_EQ(::read(told[0], &child, sizeof(child)), static_cast<ssize_t>(sizeof(child)));
  ::kill(program, SIGKILL);
  ::waitpid(program, nullptr, 0);
  pid_t ended = child < 0 ? child : 0;
  for (int i = 0; i < 500 && ended == 0; ++i) {
    std::this_thread::sleep_for(10ms);
    ended = ::waitpid(child, nullptr, WNOHANG);
  }
  if (ended == 0) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
  ::close(told[0]);
  ::close(told[1]);
  if (child < 0) GTEST_SKIP() << "the kernel gives no user namespaces here";
  EXPECT_EQ(ended, child) << "it stands still for ever, and holds what its parent had locked";
}

}  // namespace
}  // namespace gpiot::sandbox
