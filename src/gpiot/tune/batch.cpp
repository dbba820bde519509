#include "gpiot/tune/batch.h"

namespace gpiot::tune {
namespace {

/// Rows as they are gathered, before they become tensors.
struct Rows {
  std::vector<std::int64_t> tokens, positions, targets, labels;

  void add(const Example& example, bool counted) {
    const auto first = static_cast<std::int64_t>(tokens.size());
    for (std::size_t i = 0; i < example.tokens.size(); ++i) {
      tokens.push_back(example.tokens[i]);
      positions.push_back(static_cast<std::int64_t>(i));
      if (!counted || i + 1 < example.answer_start || i + 1 >= example.tokens.size()) continue;
      targets.push_back(first + static_cast<std::int64_t>(i));
      labels.push_back(example.tokens[i + 1]);
    }
  }
};

at::Tensor tensor_of(const std::vector<std::int64_t>& numbers, at::Device device) {
  return at::tensor(numbers, at::kLong).to(device);
}

}  // namespace

Batch pack(const std::vector<const Example*>& examples, bool paired, at::Device device) {
  Batch batch;
  Rows rows;
  for (const Task task : kTasks) {
    for (const Example* example : examples) {
      if (!paired && example->task != task) continue;
      batch.offsets.push_back(static_cast<std::int64_t>(rows.tokens.size()));
      rows.add(*example, example->task == task);
    }
    batch.task[static_cast<std::size_t>(task) + 1] = static_cast<std::int64_t>(rows.tokens.size());
    if (task == Task::tdd) batch.tdd_targets = static_cast<std::int64_t>(rows.targets.size());
  }
  batch.offsets.push_back(static_cast<std::int64_t>(rows.tokens.size()));
  batch.tokens = tensor_of(rows.tokens, device);
  batch.positions = tensor_of(rows.positions, device);
  batch.targets = tensor_of(rows.targets, device);
  batch.labels = tensor_of(rows.labels, device);
  return batch;
}

}  // namespace gpiot::tune
