#pragma once

#include <filesystem>
#include <fstream>
#include <memory>

#include "gpiot/core/text_generator.h"

namespace gpiot::agents {

/// Writes down each call of another generator, so that the same work can be played again (bench/serving). The answers
/// are those of the other generator, unchanged; of them only the sizes are written. Not for several threads at a time.
class RecordingGenerator final : public core::TextGenerator {
 public:
  /// Appends to `file`: one line per call (trace_form.h). `inner` is not null.
  /// Errors: Io when the file cannot be written.
  RecordingGenerator(std::unique_ptr<core::TextGenerator> inner, std::filesystem::path file);

  /// Errors: those of `inner`, whose call is not written then; Io.
  [[nodiscard]] std::vector<core::Generation> generate(std::span<const core::GenerationRequest> requests,
                                                       const core::GenerationListener& listener,
                                                       const base::CancelToken& cancel) override;
  [[nodiscard]] int count_tokens(std::span<const core::ChatMessage> messages) override;
  [[nodiscard]] int context_tokens() const override { return inner_->context_tokens(); }
  [[nodiscard]] core::GeneratorIdentity identity() const override { return inner_->identity(); }

 private:
  void check_written() const;

  std::unique_ptr<core::TextGenerator> inner_;
  std::filesystem::path file_;
  std::ofstream out_;
  int calls_ = 0;
};

}  // namespace gpiot::agents
