#include "gpiot/agents/prompt_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

constexpr std::array kNames = {"decompose",        "decompose_learned", "example_channels", "example_class",
                               "example_counts",   "example_estimate",  "example_events",   "example_onsets",
                               "example_reading",  "example_sequence",  "example_series",   "example_value",
                               "generate",         "generate_features", "generate_learner", "generate_parser",
                               "generate_reading", "members",           "reference",        "reference_learned",
                               "repair",           "specify_io",        "specify_target"};
constexpr std::array<std::string_view, 9> kExamples = {"channels", "class",    "counts", "estimate", "onsets",
                                                       "reading",  "sequence", "series", "value"};
constexpr std::array kLearnedExamples = {"class", "estimate", "reading", "sequence"};
constexpr std::array kPlainExamples = {"channels", "counts", "events", "onsets"};
constexpr std::string_view kOpen = "{{";
constexpr std::string_view kClose = "}}";

/// Calls `on_text` and `on_name` for the parts of `text` in order.
template <class OnText, class OnName>
void walk(std::string_view text, OnText on_text, OnName on_name) {
  while (true) {
    const auto open = text.find(kOpen);
    const auto close = open == std::string_view::npos ? open : text.find(kClose, open);
    if (close == std::string_view::npos) break;
    on_text(text.substr(0, open));
    on_name(std::string(text.substr(open + kOpen.size(), close - open - kOpen.size())));
    text.remove_prefix(close + kClose.size());
  }
  on_text(text);
}

std::string fill(std::string_view text, const std::map<std::string, std::string>& values) {
  std::string filled;
  walk(
      text, [&](std::string_view part) { filled += part; },
      [&](const std::string& name) { filled += values.at(name); });
  return filled;
}

/// The role that a line opens, empty for every other line.
std::string role_of(const std::string& line) {
  for (const std::string role : {"system", "user", "assistant"}) {
    if (line == "## " + role) return role;
  }
  return "";
}

/// No message where the text begins with anything but a part.
std::vector<core::ChatMessage> parts_of(const std::string& text) {
  std::vector<core::ChatMessage> parts;
  for (const auto& line : base::split_lines(text)) {
    if (const auto role = role_of(line); !role.empty()) {
      parts.push_back({role, ""});
    } else if (parts.empty()) {
      return {};
    } else {
      parts.back().content += line + "\n";
    }
  }
  for (auto& part : parts) part.content = base::trim(part.content);
  return parts;
}

}  // namespace

PromptSet PromptSet::load(const std::filesystem::path& folder) {
  constexpr std::string_view kWhere = "agents.load_prompts";
  PromptSet set;
  for (const auto* const name : kNames) {
    const auto path = folder / fmt::format("{}.md", name);
    const std::string text = base::read_file(path, kWhere, 1 << 20);
    Prompt prompt{.parts = parts_of(text), .sha256 = base::sha256_hex(text), .placeholders = {}};
    if (prompt.parts.empty()) {
      throw base::Error(base::ErrorCode::Format, kWhere,
                        fmt::format("{}: expected a part '## system' or '## user' at the start", path.string()));
    }
    std::set<std::string> found;
    for (const auto& part : prompt.parts) {
      walk(
          part.content, [](std::string_view) {},
          [&](std::string placeholder) { found.insert(std::move(placeholder)); });
    }
    prompt.placeholders.assign(found.begin(), found.end());
    set.prompts_.emplace(name, std::move(prompt));
  }
  return set;
}

const PromptSet::Prompt& PromptSet::find(std::string_view name) const {
  const auto at = prompts_.find(name);
  if (at == prompts_.end()) {
    throw base::Error(base::ErrorCode::Internal, "agents.prompt", fmt::format("unknown prompt: got '{}'", name));
  }
  return at->second;
}

std::vector<core::ChatMessage> PromptSet::render(std::string_view name,
                                                 const std::map<std::string, std::string>& values) const {
  const Prompt& prompt = find(name);
  std::vector<std::string> given;
  for (const auto& [key, value] : values) given.push_back(key);
  if (given != prompt.placeholders) {
    throw base::Error(base::ErrorCode::Internal, "agents.prompt",
                      fmt::format("wrong placeholders for '{}': got {}, expected {}", name, base::join(given, ", "),
                                  base::join(prompt.placeholders, ", ")));
  }
  auto messages = prompt.parts;
  for (auto& message : messages) message.content = fill(message.content, values);
  return messages;
}

std::vector<core::ChatMessage> PromptSet::example(std::string_view result_kind) const {
  const bool known = std::ranges::find(kExamples, result_kind) != kExamples.end();
  return find(fmt::format("example_{}", known ? result_kind : "events")).parts;
}

const std::string& PromptSet::text(std::string_view name) const { return find(name).parts.front().content; }

const std::string& PromptSet::sha256(std::string_view name) const { return find(name).sha256; }

const std::vector<std::string>& PromptSet::placeholders(std::string_view name) const { return find(name).placeholders; }

std::vector<std::string> PromptSet::names() const {
  std::vector<std::string> list;
  for (const auto& [name, prompt] : prompts_) list.push_back(name);
  return list;
}

std::map<std::string, int> prompt_sizes(core::TextGenerator& generator, const PromptSet& prompts) {
  std::map<std::string, int> sizes;
  for (const auto& name : prompts.names()) {
    if (name.rfind("example_", 0) == 0 || name.rfind("reference", 0) == 0 || name == "members") continue;
    std::map<std::string, std::string> empty;
    for (const auto& placeholder : prompts.placeholders(name)) empty[placeholder] = "";
    const auto plain = prompts.render(name, empty);
    const bool of_learned = name == "decompose_learned";
    for (const auto* const kind : of_learned ? std::span<const char* const>(kLearnedExamples) : kPlainExamples) {
      auto messages = plain;
      const auto example = prompts.example(kind);
      if (name.rfind("decompose", 0) == 0) messages.insert(messages.end(), example.begin(), example.begin() + 2);
      if (name == "specify_io") messages.insert(messages.end(), example.begin() + 2, example.end());
      sizes[name] = std::max(sizes[name], generator.count_tokens(messages));
    }
  }
  return sizes;
}

}  // namespace gpiot::agents
