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

/// One form of the sandbox; the oldest Landlock and no control groups are what level B must do with at the least.
struct Form {
  std::string name;
  LevelChoice level = LevelChoice::A;
  Weakening weakening;
};

// NOLINTNEXTLINE(readability-identifier-naming): the name that GoogleTest looks for
void PrintTo(const Form& form, std::ostream* out) { *out << form.name; }

SandboxOptions options_of(const Form& form) {
  SandboxOptions options;
  options.level = form.level;
  options.weakening = form.weakening;
  return options;
}

Form least_of_b() {
  Form form{.name = "BLeast", .level = LevelChoice::B, .weakening = {}};
  form.weakening.landlock_abi_at_most = 1;
  form.weakening.no_cgroup = true;
  return form;
}

/// A folder of this test alone that everybody may read: both levels run at the same time.
std::filesystem::path new_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "gpiot-sandbox-test-XXXXXX").string();
  const std::filesystem::path folder = ::mkdtemp(name.data());
  std::filesystem::permissions(folder, std::filesystem::perms(0755));
  return folder;
}

/// Runs `code` with `python -c` under tight limits; it knows its folders as OUT, TMP, DATA and APP.
class SandboxTest : public ::testing::TestWithParam<Form> {
 protected:
  core::RunOutcome run(const std::string& code, std::vector<std::string> collect = {}) {
    request_.arguments = {"-c",  "import sys\nOUT, TMP, DATA, APP = sys.argv[1:]\n" + code, "/out", "/tmp", "/data",
                          "/app"};
    request_.collect = std::move(collect);
    return sandbox_.run(request_, cancel_);
  }
  bool is_a() const { return GetParam().level == LevelChoice::A; }
  void SetUp() override {
    request_.limits.wall_ms = 10'000;
    request_.limits.disk_bytes = 32ULL << 20;
  }

  Sandbox sandbox_{options_of(GetParam())};
  core::RunRequest request_;
  base::CancelToken cancel_;
};

INSTANTIATE_TEST_SUITE_P(Levels, SandboxTest,
                         ::testing::Values(Form{"A", LevelChoice::A, {}}, Form{"B", LevelChoice::B, {}}, least_of_b()),
                         [](const auto& form) { return form.param.name; });

TEST_P(SandboxTest, RunsAProgramAndCollectsItsFile) {
  const auto outcome = run("print('hello'); open(OUT+'/r.txt','w').write('42')", {"r.txt", "none.txt"});
  EXPECT_TRUE(outcome.ok()) << outcome.stderr_text;
  EXPECT_EQ(outcome.stdout_text, "hello\n");
  EXPECT_EQ(outcome.files.at("r.txt"), "42");
  EXPECT_EQ(outcome.refused.at("none.txt"), "missing");
  EXPECT_EQ(outcome.sandbox_level, is_a() ? "A" : "B");
  EXPECT_GT(outcome.cpu_ms, 1);
}

TEST_P(SandboxTest, PassesArgumentsAndStdinUntouched) {
  request_.stdin_text = std::string(300'000, 'x') + "\nend";
  request_.arguments = {"-c", "import sys; t=sys.stdin.read(); print(len(t), repr(sys.argv[1:]))", "a\nb", "$(id) 'q'",
                        ""};
  const auto outcome = sandbox_.run(request_, cancel_);
  EXPECT_EQ(outcome.stdout_text, "300004 ['a\\nb', \"$(id) 'q'\", '']\n") << outcome.stderr_text;
}

TEST_P(SandboxTest, AFileThatIsReadOnlyIsNotEmptiedByOpeningItToRead) {
  const auto folder = new_folder();
  std::ofstream(folder / "kept.txt") << "kept";
  std::filesystem::permissions(folder / "kept.txt", std::filesystem::perms(0666));
  request_.mounts = {{folder, "/app"}};
  for (const auto* const access : {"os.O_RDONLY", "3"}) {
    const auto outcome = run(std::string("import os\nos.open(APP + '/kept.txt', os.O_TRUNC | ") + access + ")");
    EXPECT_THAT(outcome.stderr_text, HasSubstr("Error")) << access;
    EXPECT_EQ(std::filesystem::file_size(folder / "kept.txt"), 4U) << access;
  }
  EXPECT_EQ(run("print(open(APP + '/kept.txt').read())").stdout_text, "kept\n");
  std::filesystem::remove_all(folder);
}

TEST_P(SandboxTest, TellsExitCodeExceptionAndSignalApart) {
  EXPECT_EQ(run("raise SystemExit(7)").exit_code, 7);
  const auto raised = run("1/0");
  EXPECT_EQ(raised.exit_code, 1);
  EXPECT_EQ(raised.ending, Ending::Exited);
  EXPECT_THAT(raised.stderr_text, HasSubstr("ZeroDivisionError"));
  EXPECT_EQ(run("import os; os.kill(os.getpid(), 11)").ending, Ending::Signalled);
}

TEST_P(SandboxTest, EndsAHangAtTheWallLimit) {
  request_.limits.wall_ms = 400;
  const auto outcome =
      run("import signal,time\nsignal.signal(15, signal.SIG_IGN)\nprint('on', flush=True)\ntime.sleep(60)");
  EXPECT_EQ(outcome.ending, Ending::WallLimit);
  EXPECT_EQ(outcome.stdout_text, "on\n");
  EXPECT_LT(outcome.wall_ms, 1500);
}

TEST_P(SandboxTest, EndsABusyTreeAtTheCpuLimit) {
  request_.limits.cpu_ms = 600;
  EXPECT_EQ(run("import os\nos.fork()\nwhile True: pass").ending, Ending::CpuLimit);
}

TEST_P(SandboxTest, ContainsAForkBomb) {
  request_.limits.wall_ms = 1500;
  const auto start = std::chrono::steady_clock::now();
  const auto outcome = run("import os\nwhile True:\n  try: os.fork()\n  except OSError: pass");
  EXPECT_NE(outcome.ending, Ending::Exited);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(4));
  EXPECT_TRUE(run("print(1)").ok());
}

TEST_P(SandboxTest, EndsAMemoryHog) {
  request_.limits.memory_bytes = 128ULL << 20;
  const auto own = run("b=[]\nwhile True: b.append(bytearray(b'x')*(8<<20))");
  EXPECT_EQ(own.ending, Ending::MemoryLimit);
  const auto shared =
      run("import mmap,time\nm=mmap.mmap(-1, 512<<20)\nfor i in range(0,512<<20,4096): m[i]=1\ntime.sleep(5)");
  EXPECT_EQ(shared.ending, Ending::MemoryLimit);
}

TEST_P(SandboxTest, MeasuresMemoryWithinFifteenPercent) {
  const auto bare = run("import time; time.sleep(0.3)");
  const auto outcome = run("import time\nb=bytearray(b'x')*(200<<20)\ntime.sleep(0.3)");
  const double grown = static_cast<double>(outcome.peak_memory_bytes - bare.peak_memory_bytes);
  EXPECT_NEAR(grown / (200 << 20), 1.0, 0.15) << outcome.memory_method;
}

TEST_P(SandboxTest, CutsAFloodOfOutput) {
  request_.limits.output_bytes = 10'000;
  const auto outcome =
      run("import sys\nfor i in range(3000): sys.stdout.write('y'*10000)\nsys.stderr.write('z'*20000)");
  EXPECT_TRUE(outcome.ok());
  EXPECT_TRUE(outcome.output_cut);
  EXPECT_EQ(outcome.stdout_text.size(), 10'000U);
  EXPECT_EQ(outcome.stderr_text.size(), 10'000U);
}

TEST_P(SandboxTest, LimitsDiskAndInodes) {
  request_.limits.wall_ms = 60'000;
  EXPECT_THAT(run("open(OUT+'/big','wb').write(bytes(64<<20))").stderr_text, HasSubstr("File too large"));
  EXPECT_THAT(
      run("for i in range(9): open(f'{TMP}/{i}','wb').write(bytes(8<<20))\nimport time; time.sleep(5)").stderr_text,
      HasSubstr("No space left"));
  const auto outcome = run("import time\nfor i in range(20000): open(f'{OUT}/{i}','w').close()\ntime.sleep(5)");
  EXPECT_EQ(outcome.ending, Ending::Signalled);
  EXPECT_THAT(outcome.stderr_text, HasSubstr("10000 files"));
  for (const auto* path : {"/x", "/dev/x", "/usr/x", "/app/x", "/etc/x"}) {
    EXPECT_NE(run(std::string("open('") + path + "','w')").exit_code, 0) << path;
  }
}

TEST_P(SandboxTest, RefusesPlantedLinksAndPipes) {
  const auto outcome =
      run("import os\nos.symlink('/etc/passwd',OUT+'/link')\ntry: os.mkfifo(OUT+'/pipe')\nexcept OSError: "
          "pass\nopen(OUT+'/a','w').write('1')\n"
          "os.link(OUT+'/a',OUT+'/hard')\nos.mkdir(OUT+'/dir')\nos.symlink('/etc',OUT+'/etc')\nopen(OUT+'/"
          "s','w').truncate(1<<20)",
          {"link", "pipe", "hard", "dir", "etc/passwd", "../etc/passwd", "/etc/passwd"});
  EXPECT_TRUE(outcome.ok()) << outcome.stderr_text;
  EXPECT_TRUE(outcome.files.empty());
  EXPECT_EQ(outcome.refused.size(), 7U);
}

TEST_P(SandboxTest, HasNoNetworkButUnixSockets) {
  const auto outcome =
      run("import socket\nfor f in (2,10,16,17,38,40):\n  try: socket.socket(f, socket.SOCK_DGRAM); print('open', f)\n"
          "  except OSError as e: print(e.errno)\na,b=socket.socketpair(); a.send(b'k'); print(b.recv(1))");
  EXPECT_EQ(outcome.stdout_text, "97\n97\n97\n97\n97\n97\nb'k'\n");
}

TEST_P(SandboxTest, StopsWhenCancelled) {
  std::thread later([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    cancel_.cancel();
  });
  const auto outcome = run("import time; time.sleep(60)");
  later.join();
  EXPECT_EQ(outcome.ending, Ending::Cancelled);
  EXPECT_LT(outcome.wall_ms, 2000);
}

TEST_P(SandboxTest, EndsADaemonWithTheProgram) {
  const auto start = std::chrono::steady_clock::now();
  const auto outcome =
      run("import os,time\nif os.fork()==0:\n  try: os.setsid()\n  except OSError: pass\n  if os.fork()==0: "
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

TEST_P(SandboxTest, ShowsMountsReadOnly) {
  const auto folder = new_folder();
  std::ofstream(folder / "in.txt") << "data";
  request_.mounts = {{folder, "/data"}};
  const auto outcome =
      run("print(open(DATA+'/in.txt').read())\ntry: open(DATA+'/x','w')\nexcept OSError as e: print(e.errno)");
  EXPECT_EQ(outcome.stdout_text, is_a() ? "data\n30\n" : "data\n13\n") << outcome.stderr_text;
  std::filesystem::remove_all(folder);
  std::filesystem::remove_all(folder);
}

TEST_P(SandboxTest, ShowsPrivateFoldersOfTheUser) {
  std::string folder = "/tmp/gpiot-private-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  std::ofstream(folder + "/in.txt") << "data";
  std::filesystem::permissions(folder + "/in.txt", std::filesystem::perms::owner_read);
  request_.mounts = {{folder, "/data"}, {folder + "/in.txt", "/app/one.txt"}};
  const auto outcome = run("print(open(DATA+'/in.txt').read(), open(APP+'/one.txt').read())");
  EXPECT_EQ(outcome.stdout_text, "data data\n") << outcome.stderr_text;
  std::filesystem::remove_all(folder);
}

TEST_P(SandboxTest, HasWorkingDevicesThatCannotBeChanged) {
  const auto outcome =
      run("import os, subprocess\nsubprocess.run(['/usr/bin/true'], stdin=subprocess.DEVNULL, "
          "stdout=subprocess.DEVNULL, check=True)\n"
          "print(len(open('/dev/urandom','rb').read(4)))\ntry: os.chmod('/dev/null', 0o666)\nexcept OSError as e: "
          "print(e.errno)");
  EXPECT_EQ(outcome.stdout_text, "4\n1\n") << outcome.stderr_text;
}

TEST_P(SandboxTest, IsNeverTheHostsRoot) {
  const auto outcome =
      run("import os\nprint(os.getuid(), open('/proc/self/uid_map').read().split())\n"
          "for p in ('/proc/sys/kernel/core_pattern', '/proc/vmallocinfo', '/proc/sysrq-trigger'):\n"
          "  print(os.access(p, os.W_OK), os.access('/proc/vmallocinfo', os.R_OK))");
  EXPECT_EQ(outcome.stdout_text.find("True"), std::string::npos) << outcome.stdout_text;
}

TEST_P(SandboxTest, RefusesBadMounts) {
  request_.mounts = {{"/no/such/folder", "/data"}};
  EXPECT_THROW((void)run("pass"), base::Error);
  request_.mounts = {{"/tmp", "/app/../etc"}};
  EXPECT_THROW((void)run("pass"), base::Error);
}

TEST(SandboxSelfTest, NeverFallsBack) {
  SandboxOptions options;
  options.level = LevelChoice::A;
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

TEST(SandboxSelfTest, TakesLevelBInsteadAndSaysSo) {
  SandboxOptions options;
  options.bwrap = "/no/such/bwrap";
  Sandbox sandbox(options);
  EXPECT_EQ(sandbox.self_test().level, "B");
  EXPECT_THAT(sandbox.self_test().warning, HasSubstr("level B"));
  EXPECT_THAT(sandbox.self_test().warning, HasSubstr("/no/such/bwrap"));
  options.level = LevelChoice::B;
  EXPECT_EQ(Sandbox(options).self_test().warning, "") << "who asks for B knows";
}

TEST(SandboxSelfTest, RefusesWhereNeitherWorks) {
  SandboxOptions options;
  options.bwrap = "/no/such/bwrap";
  options.weakening.landlock_abi_at_most = 0;
  try {
    (void)Sandbox(options).self_test();
    FAIL() << "no sandbox, and no error";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), base::ErrorCode::Sandbox);
    EXPECT_THAT(error.what(), HasSubstr("Landlock"));
    EXPECT_THAT(error.what(), HasSubstr("bubblewrap"));
  }
}

/// Level B has no mount that vanishes: what programs leave has to be removed, in whatever state it is.
TEST(LevelBTest, LeavesNoFolderBehind) {
  std::string own = "/tmp/gpiot-own-XXXXXX";
  ASSERT_NE(::mkdtemp(own.data()), nullptr);
  ::setenv("TMPDIR", own.c_str(), 1);
  std::filesystem::create_directories(own + "/gpiot-run-killed/out/left");
  SandboxOptions options;
  options.level = LevelChoice::B;
  Sandbox sandbox(options);
  core::RunRequest request;
  request.arguments = {"-c", R"(import os, sys
os.chdir(sys.argv[1])
os.mkdir('closed', 0)
os.mkdir('link-holder')
os.symlink('/etc', 'link-holder/etc')
for i in range(60):
    os.mkdir('d' * 200)
    os.chdir('d' * 200)
    open('file', 'w').close()
)",
                       "/out"};
  EXPECT_TRUE(sandbox.run(request, base::CancelToken()).ok());
  EXPECT_TRUE(std::filesystem::is_empty(own)) << "also what a killed gpiot left is gone";
  ::unsetenv("TMPDIR");
  std::filesystem::remove_all(own);
}

}  // namespace
}  // namespace gpiot::sandbox
