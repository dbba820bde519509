#pragma once

#include <string>
#include <vector>

#include "gpiot/agents/generate.h"

namespace gpiot::agents {

/// Asks for another version of `program` in the conversation that made it: the specification, the program as the
/// model's answer, then what went wrong, a traceback or a measurement (`problem`; its last 1500 bytes are used). Shown
/// as a quotation instead, two of three answers repeated the program. Without a program it is asked for anew. The
/// `references` may help. One call of `generator` for `samples` answers.
/// Errors: those of TextGenerator.
[[nodiscard]] std::vector<Candidate> repair(core::TextGenerator& generator, const PromptSet& prompts,
                                            const core::Requirement& requirement, const core::Specification& spec,
                                            const core::Program& program, const std::string& problem, int samples,
                                            std::uint32_t seed, double temperature,
                                            const core::GenerationListener& listener, const base::CancelToken& cancel,
                                            std::span<const core::Reference> references = {});

}  // namespace gpiot::agents
