#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <span>
#include <vector>

#include "gpiot/core/text_generator.h"

namespace gpiot::bench {

/// Where workers meet, so that many one-by-one conversations with a model become few large batches: when every worker
/// that is here waits for answers, what they ask is joined into one call of the inner generator.
class Gathering {
 public:
  /// `inner` and `cancel` outlive this object. `listener` hears the progress of joined calls, from the thread of one of
  /// the workers; `cancel` is theirs.
  Gathering(core::TextGenerator& inner, core::GenerationListener listener, const base::CancelToken& cancel);
  Gathering(const Gathering&) = delete;
  Gathering& operator=(const Gathering&) = delete;

  /// Joined calls so far.
  [[nodiscard]] int calls() const;

 private:
  friend class GatheringGenerator;

  struct Waiting {
    std::size_t order;
    std::span<const core::GenerationRequest> requests;
    std::vector<core::Generation> answers;
    std::exception_ptr failure;
    bool taken = false;  ///< by a joined call that has begun
    bool done = false;
  };

  void enter();
  void leave();
  [[nodiscard]] std::vector<core::Generation> ask(std::size_t order, std::span<const core::GenerationRequest> requests,
                                                  const base::CancelToken& cancel);
  void run_joined(std::unique_lock<std::mutex>& lock);
  void answer(const std::vector<Waiting*>& batch);

  core::TextGenerator& inner_;
  core::GenerationListener listener_;
  const base::CancelToken& cancel_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Waiting*> waiting_;  ///< not yet taken
  std::size_t workers_ = 0;
  bool busy_ = false;  ///< a joined call runs
  int calls_ = 0;
};

/// One worker's place in a gathering. A worker is counted from construction to destruction, and every place must either
/// ask or go away in time: until then all others wait.
class GatheringGenerator final : public core::TextGenerator {
 public:
  /// Requests of a joined call stand in the rising `order` of the workers that ask, so that the same workers with the
  /// same requests make the same call, however their threads run.
  GatheringGenerator(Gathering& gathering, std::size_t order);
  ~GatheringGenerator() override;
  GatheringGenerator(const GatheringGenerator&) = delete;
  GatheringGenerator& operator=(const GatheringGenerator&) = delete;

  /// Blocks until the joined call is done. `listener` is not called. Cancelling stops a wait for other workers; a
  /// joined call that has begun is stopped by the gathering's own token.
  /// Errors: those of the inner generator, in every worker of the joined call.
  [[nodiscard]] std::vector<core::Generation> generate(std::span<const core::GenerationRequest> requests,
                                                       const core::GenerationListener& listener,
                                                       const base::CancelToken& cancel) override;
  /// These three ask the inner generator at once, also beside a joined call.
  [[nodiscard]] int count_tokens(std::span<const core::ChatMessage> messages) override;
  [[nodiscard]] int context_tokens() const override;
  [[nodiscard]] core::GeneratorIdentity identity() const override;

 private:
  Gathering& gathering_;
  std::size_t order_;
};

}  // namespace gpiot::bench
