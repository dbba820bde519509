#include "gpiot/tune/gpu_rows.h"

#include <cstdint>

#include "gpiot/tune/gpu_program.h"

namespace gpiot::tune::gpu {
namespace {

/// Numbers in 16 bytes, which a thread reads at once.
std::int64_t pack_of(const at::Tensor& x) { return 16 / static_cast<std::int64_t>(x.element_size()); }

bool in_place(const at::Tensor& x) {
  return x.is_contiguous() && reinterpret_cast<std::uintptr_t>(x.const_data_ptr()) % 16 == 0;
}

/// Whether the kernels can read these: their types, rows of whole packs, one behind the other.
bool fits(std::initializer_list<at::Tensor> all) {
  for (const at::Tensor& x : all) {
    const bool type = x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16;
    if (!x.is_cuda() || !type || x.size(-1) % pack_of(x) != 0 || !in_place(x)) return false;
  }
  return true;
}

/// An argument of a kernel: the address of a tensor's numbers.
class Address {
 public:
  explicit Address(const at::Tensor& x) : pointer_(const_cast<void*>(x.const_data_ptr())) {}
  operator void*() { return &pointer_; }  // NOLINT(google-explicit-constructor): a list of them is what launch takes

 private:
  void* pointer_;
};

at::Tensor sums(const at::Tensor& like, at::IntArrayRef shape) {
  return at::empty(shape, like.options().dtype(at::kFloat));
}

/// Threads for a row of so many packs or numbers.
int threads_for(std::int64_t parts) { return parts >= 512 ? 256 : parts >= 128 ? 128 : 64; }

}  // namespace

Normed rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  if (!fits({x})) return anywhere::rms_norm(x, weight, eps);
  const Normed out{at::empty_like(x), sums(x, {x.size(0)})};
  std::int64_t packs = x.size(1) / pack_of(x);
  auto small = static_cast<float>(eps);
  Address in(x), w(weight), y(out.y), inverse(out.inverse_rms);
  launch("rms_norm", x.scalar_type(), x.device(), {x.size(0), threads_for(packs)}, {in, w, &small, &packs, y, inverse});
  return out;
}

at::Tensor rms_norm_backward(const at::Tensor& grad_y, const at::Tensor& x, const at::Tensor& weight,
                             const at::Tensor& inverse_rms, const at::Tensor& residual) {
  if (!fits({grad_y, x, residual})) return anywhere::rms_norm_backward(grad_y, x, weight, inverse_rms, residual);
  at::Tensor grad_x = at::empty_like(x);
  std::int64_t packs = x.size(1) / pack_of(x);
  Address dy(grad_y), in(x), w(weight), inverse(inverse_rms), around(residual), dx(grad_x);
  launch("rms_norm_backward", x.scalar_type(), x.device(), {x.size(0), threads_for(packs)},
         {dy, in, w, inverse, around, &packs, dx});
  return grad_x;
}

at::Tensor swiglu(const at::Tensor& gate_up) {
  const std::int64_t width = gate_up.size(1) / 2;
  if (!fits({gate_up}) || width % pack_of(gate_up) != 0) return anywhere::swiglu(gate_up);
  at::Tensor out = at::empty({gate_up.size(0), width}, gate_up.options());
  std::int64_t packs = width / pack_of(gate_up);
  std::int64_t all = out.size(0) * packs;
  Address in(gate_up), y(out);
  launch("swiglu", out.scalar_type(), out.device(), for_each_of(all), {in, &packs, &all, y});
  return out;
}

at::Tensor swiglu_backward(const at::Tensor& grad, const at::Tensor& gate_up) {
  if (!fits({grad, gate_up})) return anywhere::swiglu_backward(grad, gate_up);
  at::Tensor out = at::empty_like(gate_up);
  std::int64_t packs = grad.size(1) / pack_of(grad);
  std::int64_t all = grad.size(0) * packs;
  Address d(grad), in(gate_up), y(out);
  launch("swiglu_backward", grad.scalar_type(), grad.device(), for_each_of(all), {d, in, &packs, &all, y});
  return out;
}

void rope_(const at::Tensor& qkv, const at::Tensor& positions, const at::Tensor& table, const ModelShape& shape,
           bool back) {
  const bool type = qkv.scalar_type() == at::kFloat || qkv.scalar_type() == at::kBFloat16;
  if (!qkv.is_cuda() || !type || qkv.stride(1) != 1) return anywhere::rope_(qkv, positions, table, shape, back);
  int heads = static_cast<int>(shape.heads + shape.kv_heads);
  int half = static_cast<int>(shape.head_width / 2);
  std::int64_t stride = qkv.stride(0);
  int halves = shape.rope_pairs == RopePairs::halves ? 1 : 0;
  float sign = back ? -1.0F : 1.0F;
  std::int64_t all = qkv.size(0) * heads * half;
  Address x(qkv), place(positions), cosines(table[0]), sines(table[1]);
  launch("rope", qkv.scalar_type(), qkv.device(), for_each_of(all),
         {x, place, cosines, sines, &heads, &half, &stride, &halves, &sign, &all});
}

at::Tensor causal_softmax_(const at::Tensor& scores, std::int64_t chunk, std::int64_t first, double scale) {
  if (!scores.is_cuda() || !scores.is_contiguous()) return anywhere::causal_softmax_(scores, chunk, first, scale);
  at::Tensor log_sums = sums(scores, {scores.size(0), scores.size(1)});
  std::int64_t rows = scores.size(1), keys = scores.size(2);
  auto factor = static_cast<float>(scale);
  Address x(scores), out(log_sums);
  launch("causal_softmax", scores.scalar_type(), scores.device(), {log_sums.numel(), threads_for(keys)},
         {x, &rows, &keys, &chunk, &first, &factor, out});
  return log_sums;
}

void causal_softmax_backward_(const at::Tensor& scores, const at::Tensor& grad, const at::Tensor& log_sums,
                              const at::Tensor& delta, std::int64_t chunk, std::int64_t first, double scale) {
  if (!scores.is_cuda() || !scores.is_contiguous() || !grad.is_contiguous()) {
    return anywhere::causal_softmax_backward_(scores, grad, log_sums, delta, chunk, first, scale);
  }
  std::int64_t rows = scores.size(1), keys = scores.size(2);
  auto factor = static_cast<float>(scale);
  const at::Tensor pulls = delta.contiguous();
  Address x(scores), g(grad), all(log_sums), pull(pulls);
  launch("causal_softmax_backward", scores.scalar_type(), scores.device(), {log_sums.numel(), threads_for(keys)},
         {x, g, all, pull, &rows, &keys, &chunk, &first, &factor});
}

at::Tensor cross_entropy_(const at::Tensor& logits, const at::Tensor& labels, bool backward, double scale) {
  if (!logits.is_cuda() || !logits.is_contiguous()) return anywhere::cross_entropy_(logits, labels, backward, scale);
  at::Tensor losses = sums(logits, {logits.size(0)});
  std::int64_t width = logits.size(1);
  int back = backward ? 1 : 0;
  auto factor = static_cast<float>(scale);
  Address x(logits), label(labels), out(losses);
  launch("cross_entropy", logits.scalar_type(), logits.device(), {logits.size(0), 1024},
         {x, label, &width, &back, &factor, out});
  return losses;
}

at::Tensor dropout(const at::Tensor& x, std::uint32_t below, std::uint32_t start, double keep_scale) {
  if (!fits({x})) return anywhere::dropout(x, below, start, keep_scale);
  at::Tensor out = at::empty_like(x);
  auto scale = static_cast<float>(keep_scale);
  std::int64_t all = x.numel() / pack_of(x);
  Address in(x), y(out);
  launch("dropout", x.scalar_type(), x.device(), for_each_of(all), {in, &below, &start, &scale, &all, y});
  return out;
}

void dequantise(const at::Tensor& numbers, const at::Tensor& scales, std::int64_t scale_columns,
                const at::Tensor& out) {
  const bool type = out.scalar_type() == at::kFloat || out.scalar_type() == at::kBFloat16;
  if (!type || !numbers.is_contiguous() || !scales.is_contiguous() || !out.is_contiguous()) {
    return anywhere::dequantise(numbers, scales, scale_columns, out);
  }
  std::int64_t columns = numbers.size(1), all = numbers.numel();
  Address in(numbers), scale(scales), y(out);
  launch("dequantise", out.scalar_type(), out.device(), for_each_of(all),
         {in, scale, &columns, &scale_columns, &all, y});
}

}  // namespace gpiot::tune::gpu
