#include "gpiot/tune/adapters.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "gpiot/base/error.h"

namespace gpiot::tune {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "tune.adapters";

Task other(Task task) { return task == Task::tdd ? Task::cgd : Task::tdd; }

void check(const AdapterOptions& options) {
  const auto refuse = [](const std::string& what) { throw Error(ErrorCode::InvalidArgument, kWhere, what); };
  if (options.rank < 1 || options.rank > 1024) refuse(fmt::format("rank: got {}, expected 1 to 1024", options.rank));
  if (options.alpha <= 0) refuse(fmt::format("alpha: got {}, expected more than 0", options.alpha));
  if (options.dropout < 0 || options.dropout >= 1)
    refuse(fmt::format("dropout: got {}, expected 0 to < 1", options.dropout));
  if (options.lambda < 0 || options.lambda > 1) refuse(fmt::format("lambda: got {}, expected 0 to 1", options.lambda));
  if (options.gamma < 0 || options.gamma > 1) refuse(fmt::format("gamma: got {}, expected 0 to 1", options.gamma));
  if (options.projection_width < 1) refuse(fmt::format("projection width: got {}", options.projection_width));
  if (options.targets.empty() || options.targets.find_first_not_of("qkv") != std::string::npos) {
    refuse(fmt::format("targets: got '{}', expected some of q, k and v", options.targets));
  }
}

std::int64_t rows_of(const ModelShape& shape, char target) {
  return target == 'q' ? shape.query_width() : shape.kv_width();
}

bool has_target(const std::string& targets, char target) { return targets.find(target) != std::string::npos; }

}  // namespace

Adapters::Adapters(const ModelShape& shape, AdapterOptions options, std::uint64_t seed, at::ScalarType type,
                   at::Device device)
    : options_(std::move(options)) {
  check(options_);
  declare(shape);
  std::int64_t count = 0;
  for (const Parameter& parameter : parameters_) {
    count = parameter.offset + c10::multiply_integers(parameter.shape);
  }
  values_ = at::zeros({count}, at::TensorOptions().dtype(type));
  fill(seed);
  values_ = values_.to(device);
  gradients_ = at::zeros_like(values_);
}

std::vector<Adapters::Part> Adapters::parts(std::int64_t layer, Task task) const {
  const std::string block = fmt::format("blk.{}.", layer);
  const std::string own = block + kTaskNames[static_cast<int>(task)] + ".";
  const std::string& all = options_.targets;
  std::string kv = all;
  std::erase(kv, 'q');
  const double weight = options_.shared_weight(task);
  switch (options_.sharing) {
    case Sharing::pect:
      return {{own, 1.0, all}, {block + "shared.", weight, kv}};
    case Sharing::independent:
      return {{own, 1.0, all}};
    case Sharing::shared:
      return {{block + "shared.", weight, kv}};
    case Sharing::single:
      return {{block + "single.", 1.0, all}};
  }
  return {};
}

void Adapters::add(std::string name, std::vector<std::int64_t> shape) {
  const std::int64_t offset =
      parameters_.empty() ? 0 : parameters_.back().offset + c10::multiply_integers(parameters_.back().shape);
  by_name_.emplace_back(name, parameters_.size());
  parameters_.push_back({std::move(name), offset, std::move(shape)});
}

void Adapters::declare(const ModelShape& shape) {
  std::vector<std::string> seen;
  for (std::int64_t layer = 0; layer < shape.layers; ++layer) {
    for (const Task task : kTasks) {
      for (const Part& part : parts(layer, task)) {
        if (std::find(seen.begin(), seen.end(), part.prefix) != seen.end()) continue;
        seen.push_back(part.prefix);
        for (const char target : part.targets) {
          add(part.prefix + target + ".a", {options_.rank, shape.width});
          add(part.prefix + target + ".b", {rows_of(shape, target), options_.rank});
        }
      }
      if (options_.projection == Projection::off) continue;
      const std::string name = fmt::format("blk.{}.{}.l.", layer, kTaskNames[static_cast<int>(task)]);
      add(name + "gate_up", {2 * static_cast<std::int64_t>(options_.projection_width), shape.width});
      add(name + "down", {shape.width, options_.projection_width});
    }
  }
  if (parameters_.empty()) {
    throw Error(ErrorCode::InvalidArgument, kWhere, "nothing is trained: the shared path has k and v alone");
  }
  std::sort(by_name_.begin(), by_name_.end());
}

/// kaiming_uniform with a = sqrt(5), as PEFT: uniform in +-1 / sqrt(columns).
void Adapters::fill(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (const Parameter& parameter : parameters_) {
    if (parameter.name.ends_with(".b") || parameter.name.ends_with(".down")) continue;
    const double bound = 1.0 / std::sqrt(static_cast<double>(parameter.shape[1]));
    const at::Tensor drawn = at::empty(parameter.shape, at::kDouble);
    double* number = drawn.data_ptr<double>();
    for (std::int64_t i = 0; i < drawn.numel(); ++i) {
      number[i] = bound * (2.0 * (static_cast<double>(random() >> 11) * 0x1.0p-53) - 1.0);
    }
    value(parameter.name).copy_(drawn);
  }
}

const Parameter& Adapters::find(const std::string& name) const {
  const auto place = std::lower_bound(by_name_.begin(), by_name_.end(), std::pair(name, std::size_t{0}));
  if (place == by_name_.end() || place->first != name) {
    throw Error(ErrorCode::Internal, kWhere, "no parameter '" + name + "'");
  }
  return parameters_[place->second];
}

bool Adapters::has(const std::string& name) const {
  const auto place = std::lower_bound(by_name_.begin(), by_name_.end(), std::pair(name, std::size_t{0}));
  return place != by_name_.end() && place->first == name;
}

at::Tensor Adapters::value(const std::string& name) const {
  const Parameter& found = find(name);
  return values_.narrow(0, found.offset, c10::multiply_integers(found.shape)).view(found.shape);
}

at::Tensor Adapters::gradient(const std::string& name) const {
  const Parameter& found = find(name);
  return gradients_.narrow(0, found.offset, c10::multiply_integers(found.shape)).view(found.shape);
}

TaskAdapter Adapters::task_adapter(std::int64_t layer, Task task, at::ScalarType type) const {
  TaskAdapter out;
  std::vector<at::Tensor> all_a;
  const std::vector<Part> used = parts(layer, task);
  for (std::size_t t = 0; t < kTargets.size(); ++t) {
    std::vector<at::Tensor> b;
    out.column[t + 1] = out.column[t];
    for (const Part& part : used) {
      if (!has_target(part.targets, kTargets[t])) continue;
      all_a.push_back(value(part.prefix + kTargets[t] + ".a"));
      b.push_back(value(part.prefix + kTargets[t] + ".b") * (options_.scale() * part.weight));
      out.column[t + 1] += options_.rank;
    }
    if (!b.empty()) out.b[t] = at::cat(b, 1).to(type);
  }
  if (!all_a.empty()) out.a = at::cat(all_a).to(type);
  return out;
}

void Adapters::add_gradient(std::int64_t layer, Task task, const TaskAdapter& from) {
  const std::vector<Part> used = parts(layer, task);
  std::int64_t row = 0;
  for (std::size_t t = 0; t < kTargets.size(); ++t) {
    std::int64_t column = 0;
    for (const Part& part : used) {
      if (!has_target(part.targets, kTargets[t])) continue;
      const std::string name = part.prefix + kTargets[t];
      gradient(name + ".a").add_(from.a.narrow(0, row, options_.rank));
      gradient(name + ".b").add_(from.b[t].narrow(1, column, options_.rank), options_.scale() * part.weight);
      row += options_.rank;
      column += options_.rank;
    }
  }
}

ProjectionLayer Adapters::projection(std::int64_t layer, Task task, at::ScalarType type) const {
  if (options_.projection == Projection::off) return {};
  const std::string name = fmt::format("blk.{}.{}.l.", layer, kTaskNames[static_cast<int>(other(task))]);
  return {value(name + "gate_up").to(type), value(name + "down").to(type)};
}

void Adapters::add_projection_gradient(std::int64_t layer, Task task, const ProjectionLayer& from) {
  const std::string name = fmt::format("blk.{}.{}.l.", layer, kTaskNames[static_cast<int>(other(task))]);
  gradient(name + "gate_up").add_(from.gate_up);
  gradient(name + "down").add_(from.down);
}

}  // namespace gpiot::tune
