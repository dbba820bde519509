#include "gpiot/tune/estimate.h"

#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <new>
#include <string>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"
#include "gpiot/tune/device.h"

namespace gpiot::tune {
namespace {

double block_weights(const ModelShape& s) {
  return static_cast<double>(s.width * s.qkv_width() + s.width * s.query_width() + 3 * s.width * s.ffn_width);
}

[[noreturn]] void refuse_memory(const Estimate& estimate) {
  throw base::Error(
      base::ErrorCode::Capacity, "tune.memory",
      "out of memory: got less than this training takes, expected about " + base::human_bytes(estimate.bytes()) +
          " by the estimate",
      "lower batch_tokens, or set recompute = \"block\" or base_storage = \"int8\"; --resume goes on from "
      "the last checkpoint");
}

}  // namespace

void within_memory(const Estimate& estimate, const std::function<void()>& work) {
  try {
    work();
  } catch (const std::bad_alloc&) {
    refuse_memory(estimate);
  } catch (const c10::OutOfMemoryError&) {
    refuse_memory(estimate);
  }
}

double product_rate(const ModelShape& shape, std::int64_t rows, at::ScalarType type, at::Device device) {
  const c10::InferenceMode no_autograd;
  const auto options = at::TensorOptions().dtype(type).device(device);
  const at::Tensor x = at::randn({rows, shape.width}, options);
  const at::Tensor w = at::randn({2 * shape.ffn_width, shape.width}, options);
  double best = 0;
  for (int i = 0; i < 5; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const at::Tensor y = at::mm(x, w.t());
    (void)y.flatten()[0].item<float>();  // waits for a device, too
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    best = std::max(best, 4.0 * static_cast<double>(rows * shape.width * shape.ffn_width) / taken.count());
  }
  return best;
}

Estimate estimate(const ModelShape& shape, const TuneConfig& config, at::ScalarType type, std::int64_t trained,
                  std::int64_t tokens, std::int64_t counted) {
  const double size = type == at::kBFloat16 ? 2 : type == at::kDouble ? 8 : 4;
  const double blocks = block_weights(shape) * static_cast<double>(shape.layers);
  const double head = static_cast<double>(shape.vocabulary * shape.width);
  Estimate out;
  out.base_bytes = matrix_bytes(blocks + (shape.own_head ? 2 : 1) * head, type, config.base_storage) +
                   buffer_bytes(type, config.base_storage);
  out.trained_bytes = 4.0 * 4 * static_cast<double>(trained);
  const bool ffn_kept = config.recompute != Recompute::ffn;
  const auto one_block = static_cast<double>(4 * shape.width + shape.qkv_width() + shape.query_width() +
                                             (ffn_kept ? 2 * shape.ffn_width : 0) + 6 * config.adapters.rank);
  const double kept = config.recompute == Recompute::block ? static_cast<double>(shape.layers * shape.width) + one_block
                                                           : static_cast<double>(shape.layers) * one_block;
  const auto rows =
      static_cast<double>(config.batch_tokens) * (config.adapters.projection == Projection::paired ? 2 : 1);
  out.activation_bytes = size * rows * (kept + 6.0 * static_cast<double>(shape.ffn_width));
  out.logits_bytes = 3.0 * 4 * 256 * static_cast<double>(shape.vocabulary);
  out.flops = config.epochs * (4.0 * blocks * static_cast<double>(tokens) + 4.0 * head * static_cast<double>(counted));
  out.flops_per_s = product_rate(shape, std::min<std::int64_t>(config.batch_tokens, 2048), type, device_of(config));
  return out;
}

Resident resident() {
  std::ifstream file("/proc/self/status");
  std::string line;
  Resident out;
  while (std::getline(file, line)) {
    if (line.starts_with("VmRSS:")) out.now = 1024.0 * std::stod(line.substr(6));
    if (line.starts_with("VmHWM:")) out.peak = 1024.0 * std::stod(line.substr(6));
  }
  return out;
}

}  // namespace gpiot::tune
