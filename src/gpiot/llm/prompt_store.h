#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gpiot::llm {

/// What a model made of the fixed beginnings of prompts (its keys and values), kept on disk from one run to the next:
/// reading 500 tokens of a prompt takes seconds, reading this takes milliseconds. A cache: what cannot be read or
/// written is made anew, silently; a file that is not whole is not used.
class PromptStore {
 public:
  /// `identity` names all that the content depends on: weights, adapter, kernels. An empty `folder` keeps nothing.
  PromptStore(std::filesystem::path folder, std::string identity, std::uint64_t most_bytes = 512ULL << 20);

  [[nodiscard]] bool enabled() const { return !folder_.empty(); }
  /// The state saved for exactly these tokens.
  [[nodiscard]] std::optional<std::string> load(std::span<const std::int32_t> tokens) const;
  /// Beyond `most_bytes` in the folder, what was not used for longest goes.
  void save(std::span<const std::int32_t> tokens, std::string_view state) const;

 private:
  [[nodiscard]] std::filesystem::path file_of(std::span<const std::int32_t> tokens) const;
  void make_room(std::uint64_t bytes) const;

  std::filesystem::path folder_;
  std::string identity_;
  std::uint64_t most_bytes_;
};

}  // namespace gpiot::llm
