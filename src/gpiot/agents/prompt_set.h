#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gpiot/core/text_generator.h"

namespace gpiot::agents {

/// The prompts of the roles, read from Markdown files of parts: `## system`, `## user`, `## assistant`, one message
/// each. Placeholders read {{name}}. Const after load; safe to share between threads.
class PromptSet {
 public:
  /// Reads decompose, specify_target, specify_io, generate and repair (.md), those of learned programs
  /// (decompose_learned, generate_features, generate_learner), the worked examples of a plan, one for each kind of
  /// result (example_class, example_counts, example_estimate, example_events, example_onsets, example_sequence,
  /// example_series, example_value), the references of functions that generated programs call most, and what may be
  /// imported from which module (members), from `folder`.
  /// Errors: NotFound for a missing file; Format for a file that does not begin with a part.
  [[nodiscard]] static PromptSet load(const std::filesystem::path& folder);

  /// The messages of one prompt. `values` are inserted as data: placeholders inside them stay text.
  /// Errors: Internal when the names of `values` are not exactly the placeholders, or for an unknown prompt.
  [[nodiscard]] std::vector<core::ChatMessage> render(std::string_view name,
                                                      const std::map<std::string, std::string>& values) const;
  /// Text of a prompt's first part, as it is in the file. Errors: Internal for an unknown prompt.
  [[nodiscard]] const std::string& text(std::string_view name) const;
  /// The worked example for a kind of result ("class", "counts", "estimate", "onsets", "sequence", "series", "value",
  /// all else is events): the problem, its plan, then one turn for each function of the plan: what it does, and its
  /// interface.
  [[nodiscard]] std::vector<core::ChatMessage> example(std::string_view result_kind) const;
  /// Of the prompt file's bytes. Errors: Internal for an unknown prompt.
  [[nodiscard]] const std::string& sha256(std::string_view name) const;
  /// Errors: Internal for an unknown prompt.
  [[nodiscard]] const std::vector<std::string>& placeholders(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  struct Prompt {
    std::vector<core::ChatMessage> parts;
    std::string sha256;
    std::vector<std::string> placeholders;  ///< sorted
  };
  [[nodiscard]] const Prompt& find(std::string_view name) const;
  std::map<std::string, Prompt, std::less<>> prompts_;
};

/// Tokens of the fixed part of each prompt: every placeholder empty, worked example and chat template included.
[[nodiscard]] std::map<std::string, int> prompt_sizes(core::TextGenerator& generator, const PromptSet& prompts);

}  // namespace gpiot::agents
