#include "gpiot/project/project_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/project/project_lock.h"

namespace gpiot::project {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ProjectStateTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "gpiot-state-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  void TearDown() override { fs::remove_all(folder_); }
  void put(const std::string& file, std::string_view content) {
    base::write_file_atomic(folder_ / file, content, "test");
  }
  [[nodiscard]] std::string get(const std::string& file) const { return base::read_file(folder_ / file, "test"); }

  fs::path folder_;
};

TEST_F(ProjectStateTest, KnowsMissingFreshStaleAndEdited) {
  auto state = ProjectState::load(folder_);
  EXPECT_EQ(state.state_of("subtasks.md"), FileState::Missing);
  const auto written = state.write_generated("subtasks.md", "one", "decompose", "in1");
  EXPECT_EQ(written.file, "subtasks.md");
  EXPECT_FALSE(written.beside);
  const auto again = ProjectState::load(folder_);
  EXPECT_EQ(again.state_of("subtasks.md", "in1"), FileState::Fresh);
  EXPECT_EQ(again.state_of("subtasks.md", "in2"), FileState::Stale);
  EXPECT_EQ(again.state_of("subtasks.md"), FileState::Fresh);
  EXPECT_EQ(again.files().at("subtasks.md").stage, "decompose");
  put("subtasks.md", "mine");
  EXPECT_EQ(again.state_of("subtasks.md", "in1"), FileState::Edited);
  put("specs/01.md", "by hand");
  EXPECT_EQ(again.state_of("specs/01.md"), FileState::Edited);
}

TEST_F(ProjectStateTest, NeverReplacesAnEditedFile) {
  auto state = ProjectState::load(folder_);
  state.write_generated("a.py", "one", "generate", "in1");
  put("a.py", "mine");
  const auto second = state.write_generated("a.py", "two", "generate", "in2");
  EXPECT_TRUE(second.beside);
  EXPECT_EQ(second.file, "a.py.new");
  EXPECT_EQ(get("a.py"), "mine");
  EXPECT_EQ(get("a.py.new"), "two");
  put("a.py.new", "mine too");
  EXPECT_EQ(state.write_generated("a.py", "three", "generate", "in3").file, "a.py.new.new");
  EXPECT_EQ(get("a.py.new"), "mine too");
}

TEST_F(ProjectStateTest, AcceptsWhatTheUserTookOver) {
  auto state = ProjectState::load(folder_);
  state.write_generated("a.py", "one", "generate", "in1");
  put("a.py", "mine");
  state.write_generated("a.py", "two", "generate", "in2");
  fs::rename(folder_ / "a.py.new", folder_ / "a.py");
  EXPECT_EQ(state.state_of("a.py", "in2"), FileState::Fresh);
  EXPECT_FALSE(state.write_generated("a.py", "three", "generate", "in3").beside);
  EXPECT_EQ(get("a.py"), "three");
}

TEST_F(ProjectStateTest, TakesAnEqualFileAsItsOwn) {
  put("a.py", "same");
  auto state = ProjectState::load(folder_);
  EXPECT_FALSE(state.write_generated("a.py", "same", "generate", "in").beside);
  EXPECT_EQ(state.state_of("a.py", "in"), FileState::Fresh);
}

TEST_F(ProjectStateTest, MovesABrokenStateAsideAndOverwritesNothing) {
  ProjectState::load(folder_).write_generated("a.py", "one", "generate", "in");
  for (const std::string broken :
       {"{", "[]", "{\"version\":2,\"files\":{}}", "{\"version\":1,\"files\":{\"a\":3}}", "", "[1e999]"}) {
    put(".gpiot/state.json", broken);
    auto state = ProjectState::load(folder_);
    EXPECT_THAT(state.warning(), HasSubstr("moved to state.json.broken")) << broken;
    EXPECT_EQ(state.state_of("a.py"), FileState::Edited);
    EXPECT_TRUE(state.write_generated("a.py", "other", "generate", "in").beside);
    EXPECT_EQ(get("a.py"), "one");
    fs::remove(folder_ / "a.py.new");
  }
  EXPECT_TRUE(fs::exists(folder_ / ".gpiot/state.json.broken6"));
}

TEST_F(ProjectStateTest, RefusesFilesOutside) {
  auto state = ProjectState::load(folder_);
  for (const std::string file : {"../a", "/etc/passwd", "", "a/../../b"}) {
    EXPECT_THROW((void)state.state_of(file), base::Error) << file;
    EXPECT_THROW(state.write_generated(file, "x", "s", "i"), base::Error) << file;
  }
  EXPECT_THROW((void)ProjectState::load(folder_ / "no"), base::Error);
}

TEST_F(ProjectStateTest, HashesInputsByNameContentAndOrder) {
  EXPECT_NE(input_hash({{"a", "bc"}}), input_hash({{"ab", "c"}}));
  EXPECT_NE(input_hash({{"a", "1"}, {"b", "2"}}), input_hash({{"b", "2"}, {"a", "1"}}));
  EXPECT_EQ(input_hash({}).size(), 64U);
}

// A write cut short after the state but before the file: the old file is known as ours and is made anew.
TEST_F(ProjectStateTest, KnowsItsOldFileAfterAWriteCutShort) {
  auto state = ProjectState::load(folder_);
  state.write_generated("a.py", "one", "generate", "in1");
  const auto sha256 = state.files().at("a.py").sha256;
  state.write_generated("a.py", "two", "generate", "in2");
  put("a.py", "one");
  EXPECT_EQ(state.state_of("a.py"), FileState::Edited) << "after a whole write the former content is an edit";
  auto text = get(".gpiot/state.json");
  text.insert(text.find("\"stage\""), "\"former_sha256\": \"" + sha256 + "\", ");
  put(".gpiot/state.json", text);
  auto cut_short = ProjectState::load(folder_);
  EXPECT_EQ(cut_short.warning(), "");
  EXPECT_EQ(cut_short.state_of("a.py", "in2"), FileState::Stale);
  EXPECT_FALSE(cut_short.write_generated("a.py", "two", "generate", "in2").beside);
}

TEST_F(ProjectStateTest, IsWholeWhereverTheProcessIsKilled) {
  for (int round = 0; round < 40; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      try {
        auto state = ProjectState::load(folder_);
        for (int i = 0;; ++i) state.write_generated("a.py", std::to_string(round) + "/" + std::to_string(i), "s", "in");
      } catch (...) {
        ::_exit(1);
      }
    }
    ::usleep(static_cast<useconds_t>(2000 + round * 371));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    auto state = ProjectState::load(folder_);
    EXPECT_EQ(state.warning(), "");
    EXPECT_NE(state.state_of("a.py"), FileState::Edited) << round;
  }
}

TEST_F(ProjectStateTest, OneGpiotAtATime) {
  {
    const ProjectLock held(folder_);
    try {
      const ProjectLock second(folder_);
      FAIL() << "expected to be refused";
    } catch (const base::Error& error) {
      EXPECT_EQ(error.code(), base::ErrorCode::InvalidArgument);
      EXPECT_THAT(error.what(), HasSubstr("process " + std::to_string(::getpid())));
    }
  }
  const ProjectLock free_again(folder_);
  EXPECT_THROW(ProjectLock(folder_ / "no"), base::Error);
}

TEST_F(ProjectStateTest, TheLockRemovesWhatAKilledProcessLeft) {
  for (const auto* file : {".gpiot/.state.json.4711.partial", "app/.main.py.4711.partial", "specs/.01.md.1.partial",
                           ".gpiot/plans/1/.chosen.json.7.partial"}) {
    put(file, "half");
  }
  put("data/.mine.1.partial", "of the user's");
  put("app/main.py", "whole");
  const ProjectLock lock(folder_);
  lock.remove_leftovers();
  EXPECT_FALSE(fs::exists(folder_ / ".gpiot/.state.json.4711.partial"));
  EXPECT_FALSE(fs::exists(folder_ / "app/.main.py.4711.partial"));
  EXPECT_FALSE(fs::exists(folder_ / "specs/.01.md.1.partial"));
  EXPECT_FALSE(fs::exists(folder_ / ".gpiot/plans/1/.chosen.json.7.partial"));
  EXPECT_TRUE(fs::exists(folder_ / "data/.mine.1.partial"));
  EXPECT_EQ(get("app/main.py"), "whole");
}

}  // namespace
}  // namespace gpiot::project
