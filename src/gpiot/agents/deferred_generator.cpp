#include "gpiot/agents/deferred_generator.h"

namespace gpiot::agents {

DeferredGenerator::DeferredGenerator(Make make) : make_(std::move(make)) {}

core::TextGenerator& DeferredGenerator::inner() const {
  if (inner_ == nullptr) inner_ = make_();
  return *inner_;
}

std::vector<core::Generation> DeferredGenerator::generate(std::span<const core::GenerationRequest> requests,
                                                          const core::GenerationListener& listener,
                                                          const base::CancelToken& cancel) {
  return inner().generate(requests, listener, cancel);
}

int DeferredGenerator::count_tokens(std::span<const core::ChatMessage> messages) {
  return inner().count_tokens(messages);
}

int DeferredGenerator::context_tokens() const { return inner().context_tokens(); }

core::GeneratorIdentity DeferredGenerator::identity() const { return inner().identity(); }

}  // namespace gpiot::agents
