#include "gpiot/llm/embedder.h"

#include <fmt/format.h>
#include <llama.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>

#include "gpiot/base/error.h"
#include "gpiot/base/hash.h"
#include "gpiot/llm/cpu_facts.h"
#include "gpiot/llm/word_piece_text.h"

namespace gpiot::llm {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "llm.embedder";

LlamaEmbedderOptions checked(LlamaEmbedderOptions options, const LlamaModel& model) {
  const auto refuse = [](std::string_view name, int value, std::string_view expected) {
    throw Error(ErrorCode::InvalidArgument, kWhere,
                fmt::format("{} is wrong: got {}, expected {}", name, value, expected));
  };
  if (options.max_tokens < 8 || options.max_tokens > 1 << 16) refuse("max_tokens", options.max_tokens, "8 to 65536");
  if (options.batch_tokens < 1 || options.batch_tokens > 1 << 16) {
    refuse("batch_tokens", options.batch_tokens, "1 to 65536");
  }
  if (options.threads < 0 || options.threads > 1024) refuse("threads", options.threads, "0 to 1024");
  if (model.trained_context() > 0) options.max_tokens = std::min(options.max_tokens, model.trained_context());
  options.batch_tokens = std::max(options.batch_tokens, options.max_tokens);
  if (options.threads == 0) options.threads = physical_cores();
  if (options.model_name.empty()) options.model_name = model.path().filename().string();
  if (options.model_sha256.empty()) options.model_sha256 = base::sha256_file(model.path(), kWhere);
  return options;
}

}  // namespace

LlamaEmbedder::LlamaEmbedder(const std::filesystem::path& model_path, const LlamaEmbedderOptions& options)
    : model_(model_path), options_(checked(options, model_)) {
  contexts_.push_back(std::make_unique<EmbeddingContext>(model_, options_.batch_tokens));
}

int LlamaEmbedder::dimension() const { return contexts_.front()->dimension(); }

core::EmbedderIdentity LlamaEmbedder::identity() const {
  return {options_.model_name, options_.model_sha256, options_.max_tokens};
}

std::vector<Token> LlamaEmbedder::tokens_of(const std::string& text) const {
  const bool word_pieces = llama_vocab_type(model_.vocabulary()) == LLAMA_VOCAB_TYPE_WPM;
  auto tokens = model_.tokens_of(word_pieces ? word_piece_text(text) : text, true, false);
  const auto most = static_cast<std::size_t>(options_.max_tokens);
  if (tokens.size() > most) {
    tokens[most - 1] = tokens.back();  // the mark of the end stays
    tokens.resize(most);
  }
  if (tokens.empty()) {
    throw Error(ErrorCode::Model, kWhere,
                fmt::format("{} has no tokens for an empty text", model_.path().filename().string()));
  }
  return tokens;
}

std::vector<float> LlamaEmbedder::embed(std::span<const std::string> texts, const base::CancelToken& cancel) {
  const std::lock_guard lock(mutex_);
  std::vector<std::vector<Token>> tokens;
  std::vector<std::size_t> lengths;
  for (const auto& text : texts) {
    cancel.throw_if_cancelled(kWhere);
    tokens.push_back(tokens_of(text));
    lengths.push_back(tokens.back().size());
  }
  const auto batches = pack_texts(lengths, static_cast<std::size_t>(options_.batch_tokens));
  const auto width = static_cast<std::size_t>(dimension());
  std::vector<float> result(texts.size() * width);
  const auto workers = std::min(batches.size(), static_cast<std::size_t>(options_.threads));
  while (contexts_.size() < workers) {
    contexts_.push_back(std::make_unique<EmbeddingContext>(model_, options_.batch_tokens));
  }
  std::atomic<std::size_t> next{0};
  std::vector<std::exception_ptr> failures(std::max<std::size_t>(workers, 1));
  const auto work = [&](std::size_t worker) {
    try {
      for (std::size_t i = 0; (i = next++) < batches.size();) {
        std::vector<std::span<const Token>> batch;
        std::vector<float*> out;
        for (const std::size_t text : batches[i]) {
          batch.emplace_back(tokens[text]);
          out.push_back(result.data() + text * width);
        }
        contexts_[worker]->embed(batch, out, cancel);
      }
    } catch (...) {
      failures[worker] = std::current_exception();
      next = batches.size();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t worker = 1; worker < workers; ++worker) threads.emplace_back(work, worker);
    work(0);
  }
  for (const auto& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
  return result;
}

}  // namespace gpiot::llm
