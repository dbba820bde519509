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
  values["problem"] = "find {{example_plan}} here";
  const auto messages = prompts.render("decompose", values);
  ASSERT_EQ(messages.size(), 4U);
  EXPECT_EQ(messages[0].role, "system");
  EXPECT_NE(messages[3].content.find("find {{example_plan}} here"), std::string::npos);
}

TEST(PromptSet, RefusesUnknownAndMissingPlaceholders) {
  const auto prompts = shipped();
  EXPECT_THROW((void)prompts.render("decompose", {{"requirement", "x"}}), base::Error);
  EXPECT_THROW((void)prompts.render("nothing", {}), base::Error);
  EXPECT_EQ(prompts.sha256("repair").size(), 64U);
  EXPECT_EQ(prompts.names().size(), 23U);
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

/// The fields of the benchmark's requirements and of what ships as an example: a prompt that names one of them would be
/// written for it. Methods that serve every field may be named.
TEST(PromptSet, NamesNoApplication) {
  const auto prompts = shipped();
  for (const auto& name : prompts.names()) {
    if (name == "members") continue;  // names of packages; no model is shown them
    std::map<std::string, std::string> empty;
    for (const auto& placeholder : prompts.placeholders(name)) empty[placeholder] = "";
    for (const auto& message : prompts.render(name, empty)) {
      const auto text = base::to_lower(message.content);
      for (const auto* word :
           {"ecg",  "heart", "beat", "pulse", "breath", "gait", "wifi", "csi", "audio",   "speech", "bearing", "radar",
            "echo", "gas",   "soil", "rssi",  "modbus", "gps",  "eeg",  "emg", "occupan", "mv)",    "r peak"}) {
        EXPECT_EQ(text.find(word), std::string::npos) << name << ": " << word;
      }
    }
  }
}

}  // namespace
}  // namespace gpiot::agents
