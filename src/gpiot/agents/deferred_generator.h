#pragma once

#include <functional>
#include <memory>

#include "gpiot/core/text_generator.h"

namespace gpiot::agents {

/// Another generator that is made when something is first asked of it: where gpiot's own functions are good enough, no
/// model is downloaded or loaded. Not for several threads at a time.
class DeferredGenerator final : public core::TextGenerator {
 public:
  /// `make` returns a generator, never null.
  using Make = std::function<std::unique_ptr<core::TextGenerator>()>;

  explicit DeferredGenerator(Make make);

  /// Errors, of all but `is_loaded`: those of `make`, which is called again then, and those of what it made.
  [[nodiscard]] std::vector<core::Generation> generate(std::span<const core::GenerationRequest> requests,
                                                       const core::GenerationListener& listener,
                                                       const base::CancelToken& cancel) override;
  [[nodiscard]] int count_tokens(std::span<const core::ChatMessage> messages) override;
  [[nodiscard]] int context_tokens() const override;
  [[nodiscard]] core::GeneratorIdentity identity() const override;
  [[nodiscard]] bool is_loaded() const override { return inner_ != nullptr; }

 private:
  [[nodiscard]] core::TextGenerator& inner() const;

  Make make_;
  mutable std::unique_ptr<core::TextGenerator> inner_;
};

}  // namespace gpiot::agents
