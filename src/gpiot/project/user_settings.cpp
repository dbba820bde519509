#include "gpiot/project/user_settings.h"

#include <fmt/format.h>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"
#include "gpiot/project/toml_section.h"

namespace gpiot::project {
namespace {

constexpr std::string_view kWhere = "project.config";
constexpr std::uint64_t kMostBytes = 1 << 20;

std::string text_of(const toml::node& node, const std::string& place) {
  if (const auto* text = node.as_string()) return **text;
  if (const auto* whole = node.as_integer()) return fmt::format("{}", **whole);
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", **number);
  if (const auto* truth = node.as_boolean()) return **truth ? "true" : "false";
  throw base::Error(base::ErrorCode::Format, kWhere,
                    fmt::format("{} has the wrong type: got {}, expected a text, a number, true or false", place,
                                TomlSection::kind(node)));
}

}  // namespace

std::map<std::string, std::string> read_user_settings(const std::filesystem::path& file,
                                                      const std::vector<std::string>& known) {
  std::map<std::string, std::string> settings;
  std::error_code failure;
  if (!std::filesystem::exists(file, failure)) return settings;
  const auto text = base::read_file(file, kWhere, kMostBytes);
  try {
    const toml::table root = toml::parse(text);
    KeyLines lines{file.string(), {}, 0};
    const TomlSection section(&root, "", lines, known);
    for (const auto& [key, node] : root) {
      settings[std::string(key.str())] =
          text_of(node, fmt::format("{} line {}, {}", file.string(), node.source().begin.line, std::string(key.str())));
    }
  } catch (const toml::parse_error& error) {
    throw base::Error(base::ErrorCode::Format, kWhere,
                      fmt::format("{} line {} is not TOML: {}", file.string(), error.source().begin.line,
                                  base::printable(error.description())));
  }
  return settings;
}

}  // namespace gpiot::project
