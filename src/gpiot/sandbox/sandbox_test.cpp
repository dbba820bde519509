#include "gpiot/sandbox/sandbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "gpiot/base/error.h"

namespace gpiot::sandbox {
namespace {

using core::Ending;
using ::testing::HasSubstr;

/// Runs `code` with `python -c` under tight limits.
class SandboxTest : public ::testing::Test {
 protected:
  core::RunOutcome run(const std::string& code, std::vector<std::string> collect = {}) {
    request_.arguments = {"-c", code};
    request_.collect = std::move(collect);
    return sandbox_.run(request_, cancel_);
  }
  void SetUp() override {
    request_.limits.wall_ms = 10'000;
    request_.limits.disk_bytes = 32ULL << 20;
  }

  Sandbox sandbox_{SandboxOptions{}};
  core::RunRequest request_;
  base::CancelToken cancel_;
};

TEST_F(SandboxTest, RunsAProgramAndCollectsItsFile) {
  const auto outcome = run("print('hello'); open('/out/r.txt','w').write('42')", {"r.txt", "none.txt"});
  EXPECT_TRUE(outcome.ok()) << outcome.stderr_text;
  EXPECT_EQ(outcome.stdout_text, "hello\n");
  EXPECT_EQ(outcome.files.at("r.txt"), "42");
  EXPECT_EQ(outcome.refused.at("none.txt"), "missing");
  EXPECT_EQ(outcome.sandbox_level, "A");
  EXPECT_GT(outcome.cpu_ms, 1);
}

TEST_F(SandboxTest, PassesArgumentsAndStdinUntouched) {
  request_.stdin_text = std::string(300'000, 'x') + "\nend";
  request_.arguments = {"-c", "import sys; t=sys.stdin.read(); print(len(t), repr(sys.argv[1:]))", "a\nb", "$(id) 'q'",
                        ""};
  const auto outcome = sandbox_.run(request_, cancel_);
  EXPECT_EQ(outcome.stdout_text, "300004 ['a\\nb', \"$(id) 'q'\", '']\n") << outcome.stderr_text;
}

TEST_F(SandboxTest, TellsExitCodeExceptionAndSignalApart) {
  EXPECT_EQ(run("raise SystemExit(7)").exit_code, 7);
  const auto raised = run("1/0");
  EXPECT_EQ(raised.exit_code, 1);
  EXPECT_EQ(raised.ending, Ending::Exited);
  EXPECT_THAT(raised.stderr_text, HasSubstr("ZeroDivisionError"));
  EXPECT_EQ(run("import os; os.kill(os.getpid(), 11)").ending, Ending::Signalled);
}

TEST_F(SandboxTest, EndsAHangAtTheWallLimit) {
  request_.limits.wall_ms = 400;
  const auto outcome =
      run("import signal,time\nsignal.signal(15, signal.SIG_IGN)\nprint('on', flush=True)\ntime.sleep(60)");
  EXPECT_EQ(outcome.ending, Ending::WallLimit);
  EXPECT_EQ(outcome.stdout_text, "on\n");
  EXPECT_LT(outcome.wall_ms, 1500);
}

TEST_F(SandboxTest, EndsABusyTreeAtTheCpuLimit) {
  request_.limits.cpu_ms = 600;
  EXPECT_EQ(run("import os\nos.fork()\nwhile True: pass").ending, Ending::CpuLimit);
}

TEST_F(SandboxTest, ContainsAForkBomb) {
  request_.limits.wall_ms = 1500;
  const auto start = std::chrono::steady_clock::now();
  const auto outcome = run("import os\nwhile True:\n  try: os.fork()\n  except OSError: pass");
  EXPECT_NE(outcome.ending, Ending::Exited);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(4));
  EXPECT_TRUE(run("print(1)").ok());
}

TEST_F(SandboxTest, EndsAMemoryHog) {
  request_.limits.memory_bytes = 128ULL << 20;
  const auto own = run("b=[]\nwhile True: b.append(bytearray(b'x')*(8<<20))");
  EXPECT_EQ(own.ending, Ending::MemoryLimit);
  const auto shared =
      run("import mmap,time\nm=mmap.mmap(-1, 512<<20)\nfor i in range(0,512<<20,4096): m[i]=1\ntime.sleep(5)");
  EXPECT_EQ(shared.ending, Ending::MemoryLimit);
}

TEST_F(SandboxTest, MeasuresMemoryWithinFifteenPercent) {
  const auto bare = run("import time; time.sleep(0.3)");
  const auto outcome = run("import time\nb=bytearray(b'x')*(200<<20)\ntime.sleep(0.3)");
  const double grown = static_cast<double>(outcome.peak_memory_bytes - bare.peak_memory_bytes);
  EXPECT_NEAR(grown / (200 << 20), 1.0, 0.15) << outcome.memory_method;
}

TEST_F(SandboxTest, CutsAFloodOfOutput) {
  request_.limits.output_bytes = 10'000;
  const auto outcome =
      run("import sys\nfor i in range(3000): sys.stdout.write('y'*10000)\nsys.stderr.write('z'*20000)");
  EXPECT_TRUE(outcome.ok());
  EXPECT_TRUE(outcome.output_cut);
  EXPECT_EQ(outcome.stdout_text.size(), 10'000U);
  EXPECT_EQ(outcome.stderr_text.size(), 10'000U);
}

TEST_F(SandboxTest, LimitsDiskAndInodes) {
  EXPECT_THAT(run("open('/out/big','wb').write(bytes(64<<20))").stderr_text, HasSubstr("File too large"));
  EXPECT_THAT(run("for i in range(9): open(f'/tmp/{i}','wb').write(bytes(8<<20))").stderr_text,
              HasSubstr("No space left"));
  const auto outcome = run("import time\nfor i in range(20000): open(f'/out/{i}','w').close()\ntime.sleep(5)");
  EXPECT_EQ(outcome.ending, Ending::Signalled);
  EXPECT_THAT(outcome.stderr_text, HasSubstr("10000 files"));
  for (const auto* path : {"/x", "/dev/x", "/usr/x", "/app/x", "/etc/x"}) {
    EXPECT_NE(run(std::string("open('") + path + "','w')").exit_code, 0) << path;
  }
}

TEST_F(SandboxTest, RefusesPlantedLinksAndPipes) {
  const auto outcome =
      run("import os\nos.symlink('/etc/passwd','/out/link')\nos.mkfifo('/out/pipe')\nopen('/out/a','w').write('1')\n"
          "os.link('/out/a','/out/hard')\nos.mkdir('/out/dir')\nos.symlink('/etc','/out/etc')\nopen('/out/"
          "s','w').truncate(1<<20)",
          {"link", "pipe", "hard", "dir", "etc/passwd", "../etc/passwd", "/etc/passwd"});
  EXPECT_TRUE(outcome.ok()) << outcome.stderr_text;
  EXPECT_TRUE(outcome.files.empty());
  EXPECT_EQ(outcome.refused.size(), 7U);
}

TEST_F(SandboxTest, HasNoNetworkButUnixSockets) {
  const auto outcome =
      run("import socket\nfor f in (2,10,16,17,38,40):\n  try: socket.socket(f, socket.SOCK_DGRAM); print('open', f)\n"
          "  except OSError as e: print(e.errno)\na,b=socket.socketpair(); a.send(b'k'); print(b.recv(1))");
  EXPECT_EQ(outcome.stdout_text, "97\n97\n97\n97\n97\n97\nb'k'\n");
}

TEST_F(SandboxTest, StopsWhenCancelled) {
  std::thread later([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    cancel_.cancel();
  });
  const auto outcome = run("import time; time.sleep(60)");
  later.join();
  EXPECT_EQ(outcome.ending, Ending::Cancelled);
  EXPECT_LT(outcome.wall_ms, 2000);
}

TEST_F(SandboxTest, EndsADaemonWithTheProgram) {
  const auto start = std::chrono::steady_clock::now();
  const auto outcome =
      run("import os,time\nif os.fork()==0:\n  os.setsid()\n  if os.fork()==0: "
          "os.execv('/usr/bin/sleep',['gpiot-survivor-test','77'])\n  os._exit(0)\ntime.sleep(0.3)");
  EXPECT_TRUE(outcome.ok());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "cmdline");
    std::string name;
    std::getline(file, name, '\0');
    EXPECT_NE(name, "gpiot-survivor-test");
  }
  EXPECT_TRUE(run("print(1)").ok());
}

TEST_F(SandboxTest, ShowsMountsReadOnly) {
  const auto folder = std::filesystem::temp_directory_path() / "gpiot-sandbox-test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "in.txt") << "data";
  request_.mounts = {{folder, "/data"}};
  const auto outcome =
      run("print(open('/data/in.txt').read())\ntry: open('/data/x','w')\nexcept OSError as e: print(e.errno)");
  EXPECT_EQ(outcome.stdout_text, "data\n30\n") << outcome.stderr_text;
  std::filesystem::remove_all(folder);
}

TEST_F(SandboxTest, ShowsPrivateFoldersOfTheUser) {
  std::string folder = "/tmp/gpiot-private-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  std::ofstream(folder + "/in.txt") << "data";
  std::filesystem::permissions(folder + "/in.txt", std::filesystem::perms::owner_read);
  request_.mounts = {{folder, "/data"}, {folder + "/in.txt", "/app/one.txt"}};
  const auto outcome = run("print(open('/data/in.txt').read(), open('/app/one.txt').read())");
  EXPECT_EQ(outcome.stdout_text, "data data\n") << outcome.stderr_text;
  std::filesystem::remove_all(folder);
}

TEST_F(SandboxTest, HasWorkingDevicesThatCannotBeChanged) {
  const auto outcome =
      run("import os, subprocess\nsubprocess.run(['/usr/bin/true'], stdin=subprocess.DEVNULL, "
          "stdout=subprocess.DEVNULL, check=True)\n"
          "print(len(open('/dev/urandom','rb').read(4)))\ntry: os.chmod('/dev/null', 0o666)\nexcept OSError as e: "
          "print(e.errno)");
  EXPECT_EQ(outcome.stdout_text, "4\n1\n") << outcome.stderr_text;
}

TEST_F(SandboxTest, IsNeverTheHostsRoot) {
  const auto outcome =
      run("import os\nprint(os.getuid(), open('/proc/self/uid_map').read().split())\n"
          "for p in ('/proc/sys/kernel/core_pattern', '/proc/vmallocinfo', '/proc/sysrq-trigger'):\n"
          "  print(os.access(p, os.W_OK), os.access('/proc/vmallocinfo', os.R_OK))");
  EXPECT_EQ(outcome.stdout_text.find("True"), std::string::npos) << outcome.stdout_text;
}

TEST_F(SandboxTest, RefusesBadMounts) {
  request_.mounts = {{"/no/such/folder", "/data"}};
  EXPECT_THROW((void)run("pass"), base::Error);
  request_.mounts = {{"/tmp", "/app/../etc"}};
  EXPECT_THROW((void)run("pass"), base::Error);
}

TEST(SandboxSelfTest, NeverFallsBack) {
  SandboxOptions options;
  options.bwrap = "/no/such/bwrap";
  Sandbox missing(options);
  options.bwrap = "/bin/true";
  Sandbox wrong(options);
  for (auto* sandbox : {&missing, &wrong}) {
    try {
      (void)sandbox->run({}, base::CancelToken());
      FAIL() << "ran without a sandbox";
    } catch (const base::Error& error) {
      EXPECT_EQ(error.code(), base::ErrorCode::Sandbox);
      EXPECT_THAT(error.remedy(), HasSubstr("bubblewrap"));
    }
  }
}

}  // namespace
}  // namespace gpiot::sandbox
