// A PDF through runtime/knowledge_text.py and the pdftotext of the system, inside the real sandbox: the program and its
// libraries are within reach at both levels, and it needs no call that is denied.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gpiot/sandbox/sandbox.h"

namespace gpiot::sandbox {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// One page with these lines, in a font that every reader knows.
std::string pdf_of(const std::vector<std::string>& lines) {
  std::string content = "BT /F1 12 Tf 72 720 Td 24 TL\n";
  for (const auto& line : lines) content += "(" + line + ") Tj T*\n";
  content += "ET";
  const std::vector<std::string> objects = {
      "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
      fmt::format("<< /Length {} >>\nstream\n{}\nendstream", content.size(), content),
      "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"};
  std::string text = "%PDF-1.4\n", table = fmt::format("xref\n0 {}\n0000000000 65535 f \n", objects.size() + 1);
  for (std::size_t i = 0; i < objects.size(); ++i) {
    table += fmt::format("{:010} 00000 n \n", text.size());
    text += fmt::format("{} 0 obj\n{}\nendobj\n", i + 1, objects[i]);
  }
  return text + fmt::format("{}trailer << /Size {} /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n", table, objects.size() + 1,
                            text.size());
}

class PdfTest : public ::testing::TestWithParam<LevelChoice> {
 protected:
  void SetUp() override {
    if (!fs::exists("/usr/bin/pdftotext")) GTEST_SKIP() << "no pdftotext: poppler-utils is not installed";
    std::string pattern = (fs::temp_directory_path() / "gpiot-pdf-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }
  core::RunOutcome read(const std::string& pdf) {
    std::ofstream(folder_ / "a.pdf", std::ios::binary) << pdf;
    Sandbox sandbox({.python_environment = {}, .level = GetParam(), .weakening = {}});
    core::RunRequest request;
    request.arguments = {"/app/knowledge_text.py", "--data", "/data", "--out", "/out"};
    request.mounts = {{fs::path(std::getenv("GPIOT_ROOT")) / "runtime", "/app"}, {folder_, "/data"}};
    request.collect = {"sections.jsonl"};
    request.limits.wall_ms = 60'000;
    return sandbox.run(request, base::CancelToken());
  }

 private:
  fs::path folder_;
};

INSTANTIATE_TEST_SUITE_P(Levels, PdfTest, ::testing::Values(LevelChoice::A, LevelChoice::B),
                         [](const auto& level) { return level.param == LevelChoice::A ? "A" : "B"; });

TEST_P(PdfTest, IsReadInSections) {
  const auto outcome = read(pdf_of({"Abstract", "We find heartbeats.", "1 Introduction", "Filters come first."}));
  EXPECT_TRUE(outcome.ok()) << outcome.stderr_text;
  EXPECT_EQ(outcome.sandbox_level, GetParam() == LevelChoice::A ? "A" : "B");
  const auto& sections = outcome.files.at("sections.jsonl");
  EXPECT_THAT(sections, HasSubstr("We find heartbeats."));
  EXPECT_THAT(sections, HasSubstr("1 Introduction"));
  EXPECT_THAT(sections, HasSubstr("Filters come first."));
}

TEST_P(PdfTest, ThatIsBrokenIsRefusedInOneLine) {
  const auto outcome = read("%PDF-1.4\n1 0 obj\n<< /Type /Catalog");
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_THAT(outcome.stderr_text, HasSubstr("[knowledge.read] a.pdf: got a PDF that pdftotext does not read ("));
  EXPECT_THAT(outcome.stderr_text, HasSubstr("expected a sound PDF"));
}

}  // namespace
}  // namespace gpiot::sandbox
