#include "gpiot/pipeline/wrong_answers.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <regex>
#include <set>

#include "gpiot/agents/parser_plan.h"
#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"

namespace gpiot::pipeline {
namespace {

using base::Json;

constexpr std::string_view kWhere = "pipeline.wrong_answers";
constexpr std::size_t kMost = 5;
constexpr std::size_t kLongestText = 200;

/// The answers by record; lines that are none are left out.
std::map<std::string, Json> answers_in(const std::string& result, const std::string& name) {
  std::map<std::string, Json> answers;
  for (const auto& line : base::split_lines(result)) {
    try {
      const auto object = base::parse_json(line, std::string(kWhere), "result");
      const bool fits = object.is_object() && object.contains("record") && object["record"].is_string();
      if (fits && object.contains(name)) answers[object["record"].get<std::string>()] = object[name];
    } catch (const base::Error&) {
      continue;
    }
  }
  return answers;
}

std::string shown(const std::string& text) { return base::printable(text).substr(0, kLongestText); }

/// The right answer as text where `answer` is another one, else empty.
std::string expected_instead_of(const Json& answer, const eval::Truth& truth, const std::string& id) {
  if (const auto at = truth.classes.find(id); at != truth.classes.end()) {
    return answer.is_string() && answer.get<std::string>() == at->second ? "" : base::dump_json(at->second);
  }
  const auto at = truth.values.find(id);
  if (at == truth.values.end()) return "";
  const double least = 1e-6 * std::max(1.0, std::abs(at->second));
  const bool right = answer.is_number() && std::abs(answer.get<double>() - at->second) <= least;
  return right ? "" : fmt::format("{:g}", at->second);
}

}  // namespace

std::vector<std::string> read_npy_texts(const std::filesystem::path& path) try {
  constexpr std::size_t kMagic = 10;
  constexpr std::size_t kBytesOfCharacter = 4;
  const auto bytes = base::read_file(path, std::string(kWhere));
  if (bytes.size() < kMagic || bytes.rfind("\x93NUMPY\x01", 0) != 0) return {};
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])); };
  const auto start = kMagic + byte(8) + 256 * byte(9);
  std::smatch match;
  const std::string header = bytes.substr(kMagic, std::min<std::size_t>(start - kMagic, 1000));
  static const std::regex form(R"('descr': '<U(\d{1,6})'.*'shape': \((\d{1,9}),\))");
  if (!std::regex_search(header, match, form)) return {};
  const std::size_t width = std::stoul(match[1].str()), count = std::stoul(match[2].str());
  if (bytes.size() != start + count * width * kBytesOfCharacter) return {};
  std::vector<std::string> texts(count);
  for (std::size_t i = 0; i < count * width; ++i) {
    const auto at = start + i * kBytesOfCharacter;
    if (byte(at) == 0 && byte(at + 1) == 0) continue;
    const bool ascii = byte(at) < 0x80 && byte(at + 1) == 0 && byte(at + 2) == 0;
    texts[i / width] += ascii ? bytes[at] : '?';
  }
  return texts;
} catch (const base::Error&) {
  return {};
}

std::vector<std::string> wrong_answers(const core::Requirement& requirement, const PartData& data,
                                       const std::string& result) {
  const auto& inputs = requirement.data.inputs;
  if (!agents::is_parser(requirement) || inputs.size() != 1) return {};
  const auto texts = read_npy_texts(data.view / "test" / (inputs.front().name + ".npy"));
  if (texts.size() != data.records.size()) return {};
  const auto answers = answers_in(result, requirement.result.variable.name);
  std::set<std::pair<std::string, std::string>> seen;
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < texts.size() && lines.size() < kMost; ++i) {
    const auto answer = answers.find(data.records[i].id);
    if (answer == answers.end()) continue;
    const auto expected = expected_instead_of(answer->second, data.truth, data.records[i].id);
    const auto got = shown(base::dump_json(answer->second));
    const bool of_classes = !data.truth.classes.empty();
    if (expected.empty() || (of_classes && !seen.emplace(got, expected).second)) continue;
    lines.push_back(
        fmt::format("{} {}: got {}, expected {}", inputs.front().name, shown(texts[i]), got, shown(expected)));
  }
  return lines;
}

}  // namespace gpiot::pipeline
