#include "gpiot/llm/token_sampler.h"

#include <fmt/format.h>
#include <llama.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"
#include "gpiot/llm/llama_log.h"

namespace gpiot::llm {
namespace {

using base::Error;
using base::ErrorCode;
using Candidates = std::vector<llama_token_data>;

constexpr float kRefused = -std::numeric_limits<float>::infinity();
/// Candidates tried against the grammar before the whole vocabulary is: testing 151k of them takes tens of ms.
constexpr std::size_t kFirstTry = 512;

void check_options(const core::SamplingOptions& options) {
  const auto refuse = [](std::string_view name, const auto& value, std::string_view expected) {
    throw Error(ErrorCode::InvalidArgument, "llm.sample",
                fmt::format("{} is wrong: got {}, expected {}", name, value, expected));
  };
  if (!(options.temperature >= 0 && options.temperature <= 10)) refuse("temperature", options.temperature, "0 to 10");
  if (!(options.top_p > 0 && options.top_p <= 1)) refuse("top_p", options.top_p, "more than 0, at most 1");
  if (options.top_k < 0) refuse("top_k", options.top_k, "0 or more");
  if (options.max_tokens < 1) refuse("max_tokens", options.max_tokens, "at least 1");
}

SamplerHandle make_chain(const core::SamplingOptions& options) {
  SamplerHandle chain(llama_sampler_chain_init({.no_perf = true}));
  // libllama draws a random seed for this one value.
  const std::uint32_t seed = options.seed == LLAMA_DEFAULT_SEED ? LLAMA_DEFAULT_SEED - 1 : options.seed;
  llama_sampler_chain_add(chain.get(), llama_sampler_init_top_p(static_cast<float>(options.top_p), 1));
  llama_sampler_chain_add(chain.get(), llama_sampler_init_temp(static_cast<float>(options.temperature)));
  llama_sampler_chain_add(chain.get(), llama_sampler_init_dist(seed));
  return chain;
}

SamplerHandle make_grammar(const LlamaModel& model, const std::string& text) {
  const LogCapture log;
  SamplerHandle grammar;
  std::string reason;
  try {
    grammar.reset(llama_sampler_init_grammar(model.vocabulary(), text.c_str(), "root"));
  } catch (const std::exception& error) {
    reason = error.what();
  }
  if (!grammar) {
    throw Error(ErrorCode::InvalidArgument, "llm.sample",
                fmt::format("the grammar does not parse: {}; it begins '{}'", reason.empty() ? log.reason() : reason,
                            base::printable(text.substr(0, 80))));
  }
  return grammar;
}

/// The `count` likeliest tokens, likeliest first; of equal ones the lower number first.
Candidates likeliest(std::span<const float> logits, std::size_t count) {
  const auto likelier = [](const llama_token_data& a, const llama_token_data& b) {
    return a.logit != b.logit ? a.logit > b.logit : a.id < b.id;
  };
  Candidates best;
  best.reserve(count + 1);
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const float logit = logits[i];
    if (!(logit > kRefused)) continue;
    if (best.size() == count && !(logit > best.front().logit)) continue;
    best.push_back({static_cast<Token>(i), logit, 0.0F});
    std::ranges::push_heap(best, likelier);
    if (best.size() <= count) continue;
    std::ranges::pop_heap(best, likelier);
    best.pop_back();
  }
  if (best.empty()) throw Error(ErrorCode::Model, "llm.sample", "the model gave no number for any token");
  std::ranges::sort(best, likelier);
  return best;
}

}  // namespace

TokenSampler::TokenSampler(const LlamaModel& model, const core::SamplingOptions& options) : options_(options) {
  check_options(options);
  if (options.temperature > 0) chain_ = make_chain(options);
  if (!options.grammar.empty()) grammar_ = make_grammar(model, options.grammar);
}

std::size_t TokenSampler::wanted(std::size_t vocabulary) const {
  if (!chain_) return 1;
  return options_.top_k == 0 ? vocabulary : std::min(vocabulary, static_cast<std::size_t>(options_.top_k));
}

Token TokenSampler::choose(Candidates& candidates) {
  if (!chain_) return candidates.front().id;
  llama_token_data_array array{candidates.data(), candidates.size(), -1, true};
  llama_sampler_apply(chain_.get(), &array);
  return array.data[array.selected].id;
}

bool TokenSampler::allowed(Token token) const {
  llama_token_data one{token, 1.0F, 0.0F};
  llama_token_data_array array{&one, 1, -1, false};
  llama_sampler_apply(grammar_.get(), &array);
  return one.logit != kRefused;
}

std::optional<Token> TokenSampler::pick(std::span<const float> logits) {
  Candidates candidates = likeliest(logits, wanted(logits.size()));
  const Token token = choose(candidates);
  if (!grammar_ || allowed(token)) return token;
  return pick_allowed(logits);
}

std::optional<Token> TokenSampler::pick_allowed(std::span<const float> logits) {
  const std::size_t needed = wanted(logits.size());
  for (const std::size_t count : {kFirstTry, logits.size()}) {
    if (count < needed) continue;
    Candidates candidates = likeliest(logits, count);
    llama_token_data_array array{candidates.data(), candidates.size(), -1, true};
    llama_sampler_apply(grammar_.get(), &array);
    std::erase_if(candidates, [](const llama_token_data& token) { return token.logit == kRefused; });
    // As many as top_k in the first part are the same ones that the whole vocabulary would give.
    if (candidates.size() < needed && count < logits.size()) continue;
    if (candidates.empty()) return std::nullopt;
    candidates.resize(std::min(candidates.size(), needed));
    return choose(candidates);
  }
  return std::nullopt;
}

void TokenSampler::accept(Token token) {
  if (!grammar_) return;
  try {
    llama_sampler_accept(grammar_.get(), token);
  } catch (const std::exception& error) {
    throw Error(ErrorCode::Internal, "llm.sample",
                fmt::format("the grammar took token {} and then did not: {}", token, error.what()));
  }
}

}  // namespace gpiot::llm
