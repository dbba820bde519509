#include "gpiot/tune/batch.h"

#include <algorithm>

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

Documents::Documents(std::vector<std::int64_t> starts, const at::Device& device)
    : offsets(std::move(starts)), on_device(at::tensor(offsets, at::kInt).to(device)) {
  for (std::size_t i = 0; i + 1 < offsets.size(); ++i) longest = std::max(longest, offsets[i + 1] - offsets[i]);
}

Batch pack(const std::vector<const Example*>& examples, bool paired, at::Device device) {
  Batch batch;
  Rows rows;
  std::vector<std::int64_t> offsets;
  for (const Task task : kTasks) {
    for (const Example* example : examples) {
      if (!paired && example->task != task) continue;
      offsets.push_back(static_cast<std::int64_t>(rows.tokens.size()));
      rows.add(*example, example->task == task);
    }
    batch.task[static_cast<std::size_t>(task) + 1] = static_cast<std::int64_t>(rows.tokens.size());
    if (task == Task::tdd) batch.tdd_targets = static_cast<std::int64_t>(rows.targets.size());
  }
  offsets.push_back(static_cast<std::int64_t>(rows.tokens.size()));
  batch.documents = Documents(std::move(offsets), device);
  batch.tokens = tensor_of(rows.tokens, device);
  batch.positions = tensor_of(rows.positions, device);
  batch.targets = tensor_of(rows.targets, device);
  batch.labels = tensor_of(rows.labels, device);
  return batch;
}

}  // namespace gpiot::tune
