#pragma once

#include <ATen/ATen.h>

namespace gpiot::tune {

/// The processes that train together; each computes its share of a step's batches.
class Collective {
 public:
  virtual ~Collective() = default;
  [[nodiscard]] virtual int rank() const = 0;
  [[nodiscard]] virtual int size() const = 0;
  /// Adds up `numbers` over all processes, in place. Errors: Io.
  virtual void sum(const at::Tensor& numbers) = 0;
};

/// One process alone.
class Alone final : public Collective {
 public:
  [[nodiscard]] int rank() const override { return 0; }
  [[nodiscard]] int size() const override { return 1; }
  void sum(const at::Tensor& /*numbers*/) override {}
};

}  // namespace gpiot::tune
