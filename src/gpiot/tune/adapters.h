#pragma once

#include <ATen/ATen.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "gpiot/tune/base_model.h"

namespace gpiot::tune {

/// The two paths of PECT: TDP learns task decomposition (TDD records), CGP code generation (CGD records).
enum class Task : int { tdd = 0, cgd = 1 };
inline constexpr std::array<Task, 2> kTasks = {Task::tdd, Task::cgd};
inline constexpr std::array<const char*, 2> kTaskNames = {"tdd", "cgd"};

/// Which adapters a task's rows pass. `pect`: its own on q, k, v and the shared one on k and v (Eq. 9).
/// Ablations: `independent` (no shared one), `shared` (that alone), `single` (one on q, k, v for both tasks).
enum class Sharing { pect, independent, shared, single };
/// The projection layers of Eq. 10. `own`: each task reads its own hidden state through the other's layer;
/// `paired`: every document runs through both paths side by side (research; cannot be exported).
enum class Projection { off, own, paired };

struct AdapterOptions {
  int rank = 64;
  double alpha = 16;  ///< the update is scaled by alpha / rank
  double dropout = 0.1;
  Sharing sharing = Sharing::pect;
  double lambda = 0.5;  ///< weight of the shared path for TDD; 1 - lambda for CGD
  Projection projection = Projection::off;
  double gamma = 0.5;  ///< weight of L2 in TDP; 1 - gamma of L1 in CGP
  int projection_width = 64;
  std::string targets = "qkv";  ///< of q, k, v

  [[nodiscard]] double scale() const { return alpha / rank; }
  [[nodiscard]] double shared_weight(Task task) const { return task == Task::tdd ? lambda : 1.0 - lambda; }
  [[nodiscard]] double projection_weight(Task task) const { return task == Task::tdd ? gamma : 1.0 - gamma; }
};

inline constexpr std::array<char, 3> kTargets = {'q', 'k', 'v'};

/// What one task's rows see in one block, in the type of computation: the A of all its adapters one below the other,
/// grouped by target; the B of a target beside each other, scaled by alpha / rank and the weight of the path.
struct TaskAdapter {
  at::Tensor a;                          ///< [all ranks, width]; undefined where the task has no adapter
  std::array<at::Tensor, 3> b;           ///< [rows of q, k or v, ranks of the target]; undefined where there is none
  std::array<std::int64_t, 4> column{};  ///< where the ranks of a target begin in `a`
};
/// A SwiGLU layer of Eq. 10; undefined where there is none.
struct ProjectionLayer {
  at::Tensor gate_up;  ///< [2 projection_width, width]
  at::Tensor down;     ///< [width, projection_width]
};

/// A trained matrix and its place in the flat vector of all.
struct Parameter {
  std::string name;  ///< "blk.3.tdd.k.a", "blk.3.shared.v.b", "blk.3.cgd.l.gate_up"
  std::int64_t offset = 0;
  std::vector<std::int64_t> shape;
};

/// All trained numbers and their gradients, each one flat vector of float (double in tests): one optimiser step, one
/// exchange between processes, one block in a checkpoint.
class Adapters {
 public:
  /// A by Kaiming's uniform rule as in PEFT, B zero, drawn from `seed`; projection layers alike (`down` zero).
  /// Errors: InvalidArgument for options out of range.
  Adapters(const ModelShape& shape, AdapterOptions options, std::uint64_t seed, at::ScalarType type, at::Device device);

  [[nodiscard]] const AdapterOptions& options() const { return options_; }
  [[nodiscard]] const std::vector<Parameter>& parameters() const { return parameters_; }
  [[nodiscard]] at::Tensor values() const { return values_; }
  [[nodiscard]] at::Tensor gradients() const { return gradients_; }
  /// A view of the flat vectors. Errors: Internal for an unknown name.
  [[nodiscard]] at::Tensor value(const std::string& name) const;
  [[nodiscard]] at::Tensor gradient(const std::string& name) const;
  [[nodiscard]] bool has(const std::string& name) const;

  [[nodiscard]] TaskAdapter task_adapter(std::int64_t layer, Task task, at::ScalarType type) const;
  /// Adds the gradients of what task_adapter gave.
  void add_gradient(std::int64_t layer, Task task, const TaskAdapter& gradient);
  /// The layer that `task` reads through: the other task's.
  [[nodiscard]] ProjectionLayer projection(std::int64_t layer, Task task, at::ScalarType type) const;
  void add_projection_gradient(std::int64_t layer, Task task, const ProjectionLayer& gradient);

 private:
  struct Part {
    std::string prefix;  ///< "blk.3.tdd."
    double weight;
    std::string targets;
  };
  [[nodiscard]] std::vector<Part> parts(std::int64_t layer, Task task) const;
  [[nodiscard]] const Parameter& find(const std::string& name) const;
  void declare(const ModelShape& shape);
  void add(std::string name, std::vector<std::int64_t> shape);
  void fill(std::uint64_t seed);

  AdapterOptions options_;
  std::vector<Parameter> parameters_;
  std::vector<std::pair<std::string, std::size_t>> by_name_;  ///< sorted
  at::Tensor values_;
  at::Tensor gradients_;
};

}  // namespace gpiot::tune
