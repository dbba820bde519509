#include "gpiot/models/catalogue.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "gpiot/base/error.h"
#include "gpiot/base/paths.h"

namespace gpiot::models {
namespace {

constexpr const char* kOne = R"(
[[model]]
alias = "tiny"
file = "tiny.gguf"
bytes = 10
sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
licence = "MIT"
[model.mirror]
package = "tiny-part{n}"
version = "1.0"
parts = 12
part_bytes = 1
member = "tiny_part{n}/part{nn}.bin"
)";

base::ErrorCode code_of(const std::string& text) {
  try {
    (void)Catalogue::parse(text, "test.toml");
  } catch (const base::Error& error) {
    return error.code();
  }
  return base::ErrorCode::Internal;
}

TEST(Catalogue, mirror_parts_are_numbered_from_one) {
  const auto catalogue = Catalogue::parse(kOne, "test.toml");
  const auto& mirror = *catalogue.find("tiny")->mirror;
  EXPECT_EQ(mirror.package_of(3), "tiny-part3");
  EXPECT_EQ(mirror.member_of(3), "tiny_part3/part03.bin");
  EXPECT_EQ(mirror.member_of(12), "tiny_part12/part12.bin");
  EXPECT_EQ(catalogue.find("other"), nullptr);
}

TEST(Catalogue, what_is_shipped_can_be_read_and_has_one_default) {
  const auto catalogue = Catalogue::load(base::installation_root() / "models.toml");
  EXPECT_EQ(catalogue.default_entry().alias, "qwen2.5-coder-1.5b");
  int defaults = 0;
  for (const auto& entry : catalogue.entries()) {
    defaults += entry.is_default ? 1 : 0;
    if (!entry.mirror) continue;
    const auto parts = static_cast<std::uint64_t>(entry.mirror->parts);
    EXPECT_LE(entry.bytes, parts * entry.mirror->part_bytes) << entry.alias;
    EXPECT_GT(entry.bytes, (parts - 1) * entry.mirror->part_bytes) << entry.alias;
  }
  EXPECT_EQ(defaults, 1);
}

TEST(Catalogue, broken_entries_are_refused_as_format) {
  EXPECT_EQ(code_of("model = 3"), base::ErrorCode::Format);
  EXPECT_EQ(code_of("[[model"), base::ErrorCode::Format);
  EXPECT_EQ(code_of("[[model]]\nalias='a'\nfile='a.gguf'\nhf='o/r'"), base::ErrorCode::Format) << "no licence";
  EXPECT_EQ(code_of("[[model]]\nalias='a'\nfile='../a'\nlicence='MIT'\nhf='o/r'"), base::ErrorCode::Format);
  EXPECT_EQ(code_of("[[model]]\nalias='a'\nfile='a'\nlicence='MIT'"), base::ErrorCode::Format) << "no source";
  EXPECT_EQ(code_of(std::string(kOne) + kOne), base::ErrorCode::Format) << "alias twice";
}

TEST(Catalogue, hub_references_are_plain_names) {
  const auto reference = parse_hub_reference("hf.co/Qwen/Some-Repo:sub/file.gguf");
  ASSERT_TRUE(reference.has_value());
  EXPECT_EQ(reference->repo, "Qwen/Some-Repo");
  EXPECT_EQ(reference->file, "sub/file.gguf");
  EXPECT_FALSE(parse_hub_reference("qwen2.5-coder-1.5b").has_value());
  EXPECT_FALSE(parse_hub_reference("./hf/model.gguf").has_value());
  for (const char* bad :
       {"hf.co/a/b", "hf.co/a:b.gguf", "hf.co/a/b:../../x", "hf.co/a/b:/etc/passwd", "hf.co/a/b c:x"}) {
    EXPECT_THROW((void)parse_hub_reference(bad), base::Error) << bad;
  }
}

TEST(Catalogue, only_two_licences_need_no_consent) {
  EXPECT_FALSE(licence_needs_consent("apache-2.0"));
  EXPECT_FALSE(licence_needs_consent("MIT"));
  EXPECT_TRUE(licence_needs_consent("unknown"));
  EXPECT_TRUE(licence_needs_consent("llama3"));
}

}  // namespace
}  // namespace gpiot::models
