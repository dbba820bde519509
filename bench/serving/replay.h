#pragma once

#include <filesystem>
#include <vector>

#include "gpiot/agents/trace_form.h"
#include "gpiot/base/json.h"
#include "gpiot/llm/llama_generator.h"
#include "gpiot/llm/llama_model.h"

namespace gpiot::bench {

/// The call with its work fixed: no stop texts, max_tokens = the tokens that were recorded (at least 1), and a grammar
/// that allows any text but no end. So each answer has that many tokens, whatever the engine samples.
[[nodiscard]] agents::TracedCall with_fixed_work(agents::TracedCall call);

/// The call with the recorded lengths of all answers to one prompt replaced by their mean, rounded down.
[[nodiscard]] agents::TracedCall with_even_lengths(agents::TracedCall call);

/// Plays the calls one after another and says what each took:
/// {"wall_s", "prompt_tokens", "evaluated_prompt_tokens", "completion_tokens", "tok_s" (completion tokens per second of
/// wall), "calls": [{"call", "wall_s", ..., "answers": [tokens]}]}. Errors: those of LlamaGenerator::generate.
[[nodiscard]] base::Json play(llm::LlamaGenerator& generator, const std::vector<agents::TracedCall>& calls);

/// Writes the prompts' tokens, one line for each call: {"call": k, "prompts": [[token, ...], ...]}; so that another
/// engine can be given the very same prompts. Errors: Io; those of llm::prompt_tokens.
void write_prompts(const llm::LlamaModel& model, const std::vector<agents::TracedCall>& calls,
                   const std::filesystem::path& file);

}  // namespace gpiot::bench
