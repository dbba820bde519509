#include "gpiot/agents/prompt_set.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "gpiot/agents/scripted_generator.h"
#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

PromptSet shipped() { return PromptSet::load(std::filesystem::path(std::getenv("GPIOT_ROOT")) / "prompts"); }

TEST(PromptSet, ValuesAreInsertedAsData) {
  const auto prompts = shipped();
  std::map<std::string, std::string> values;
  for (const auto& name : prompts.placeholders("decompose")) values[name] = "";
  values["requirement"] = "find {{result}} here";
  const auto messages = prompts.render("decompose", values);
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].role, "system");
  EXPECT_NE(messages[1].content.find("find {{result}} here"), std::string::npos);
}

TEST(PromptSet, RefusesUnknownAndMissingPlaceholders) {
  const auto prompts = shipped();
  EXPECT_THROW((void)prompts.render("decompose", {{"requirement", "x"}}), base::Error);
  EXPECT_THROW((void)prompts.render("nothing", {}), base::Error);
  EXPECT_EQ(prompts.sha256("repair").size(), 64U);
  EXPECT_EQ(prompts.names().size(), 5U);
}

TEST(PromptSet, FixedPartsAreSmall) {
  ScriptedGenerator generator(std::deque<std::string>{});
  for (const auto& [name, tokens] : prompt_sizes(generator, shipped())) EXPECT_LE(tokens, 600) << name;
}

TEST(PromptSet, RefusesAFileWithoutItsParts) {
  const auto folder = std::filesystem::temp_directory_path() / "gpiot-prompts-test";
  std::filesystem::create_directories(folder);
  base::write_file_atomic(folder / "decompose.md", "hello", "test");
  EXPECT_THROW((void)PromptSet::load(folder), base::Error);
  std::filesystem::remove_all(folder);
}

TEST(PromptSet, NamesNoApplication) {
  const auto folder = std::filesystem::path(std::getenv("GPIOT_ROOT")) / "prompts";
  for (const auto* name : {"decompose", "specify_target", "specify_io", "generate", "repair"}) {
    const auto text = base::to_lower(base::read_file(folder / (std::string(name) + ".md"), "test"));
    for (const auto* word :
         {"ecg", "heart", "peak", "band-pass", "bandpass", "butter", "wifi", "gait", "breath", "mv"}) {
      EXPECT_EQ(text.find(word), std::string::npos) << name << ": " << word;
    }
  }
}

}  // namespace
}  // namespace gpiot::agents
