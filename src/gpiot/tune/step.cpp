#include "gpiot/tune/step.h"

#include <c10/core/InferenceMode.h>

#include <algorithm>

#include "gpiot/tune/block.h"
#include "gpiot/tune/kernels.h"

namespace gpiot::tune {
namespace {

at::Tensor table_for(const BaseModel& model, const Batch& batch) {
  const std::int64_t positions = std::max<std::int64_t>(1, batch.documents.longest);
  return rope_table(model.shape, model.rope_factors, positions, model.type()).to(model.device());
}

BlockAdapters adapters_of(const Adapters* adapters, std::int64_t layer, at::ScalarType type) {
  BlockAdapters block;
  if (adapters == nullptr) return block;
  for (const Task task : kTasks) {
    block.task[static_cast<std::size_t>(task)] = adapters->task_adapter(layer, task, type);
    block.projection[static_cast<std::size_t>(task)] = adapters->projection(layer, task, type);
  }
  return block;
}

at::Tensor forward(const BaseModel& model, const Adapters* adapters, const Batch& batch) {
  const AdapterOptions none;
  const StepFacts facts{.shape = model.shape,
                        .options = adapters != nullptr ? adapters->options() : none,
                        .batch = batch,
                        .rope = table_for(model, batch)};
  at::Tensor x = model.embedding.rows(batch.tokens);
  for (std::int64_t layer = 0; layer < model.shape.layers; ++layer) {
    const BlockAdapters block = adapters_of(adapters, layer, model.type());
    x = block_forward(model.blocks[static_cast<std::size_t>(layer)], block, layer, facts, x, nullptr);
  }
  return x;
}

void collect(Adapters& adapters, std::int64_t layer, const BlockAdapters& gradients) {
  for (const Task task : kTasks) {
    const auto i = static_cast<std::size_t>(task);
    if (gradients.task[i].a.defined()) adapters.add_gradient(layer, task, gradients.task[i]);
    if (gradients.projection[i].down.defined()) adapters.add_projection_gradient(layer, task, gradients.projection[i]);
  }
}

}  // namespace

LossSums train_batch(const BaseModel& model, Adapters& adapters, const Batch& batch, const StepOptions& options) {
  const c10::InferenceMode no_autograd;
  const StepFacts facts{.shape = model.shape,
                        .options = adapters.options(),
                        .batch = batch,
                        .rope = table_for(model, batch),
                        .dropout = adapters.options().dropout,
                        .seed = options.seed,
                        .recompute = options.recompute};
  const auto layers = static_cast<std::size_t>(model.shape.layers);
  std::vector<BlockAdapters> blocks;
  std::vector<BlockSaved> saved(layers);
  const bool again = options.recompute == Recompute::block;
  at::Tensor x = model.embedding.rows(batch.tokens);
  for (std::size_t layer = 0; layer < layers; ++layer) {
    const auto number = static_cast<std::int64_t>(layer);
    blocks.push_back(adapters_of(&adapters, number, model.type()));
    if (again) saved[layer].input = x;
    x = block_forward(model.blocks[layer], blocks[layer], number, facts, x, again ? nullptr : &saved[layer]);
  }
  at::Tensor grad;
  const LossSums loss = head_loss(model, batch, x, options.gradient_scale, &grad);
  if (batch.counted() == 0) return loss;
  for (std::size_t layer = layers; layer-- > 0;) {
    BlockAdapters gradients;
    const auto number = static_cast<std::int64_t>(layer);
    if (again) {
      const at::Tensor input = saved[layer].input;
      (void)block_forward(model.blocks[layer], blocks[layer], number, facts, input, &saved[layer]);
    }
    grad = block_backward(model.blocks[layer], blocks[layer], number, facts, grad, saved[layer], layer > 0, gradients);
    collect(adapters, number, gradients);
    saved[layer] = {};
  }
  return loss;
}

LossSums measure_batch(const BaseModel& model, const Adapters* adapters, const Batch& batch) {
  const c10::InferenceMode no_autograd;
  return head_loss(model, batch, forward(model, adapters, batch), 0.0, nullptr);
}

at::Tensor batch_logits(const BaseModel& model, const Adapters* adapters, const Batch& batch) {
  const c10::InferenceMode no_autograd;
  return head_logits(model, batch, forward(model, adapters, batch));
}

}  // namespace gpiot::tune
