#include "gpiot/weights/widen_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_set>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"

namespace gpiot::weights {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "weights.widen";
constexpr std::uint64_t kMaxWidth = 65536;
constexpr std::uint64_t kLeastBlock = 32;  // kernels take F32, F16 and BF16 in groups of up to 32

[[noreturn]] void refuse(const std::filesystem::path& in, const std::string& what) {
  throw Error(ErrorCode::Unsupported, kWhere, fmt::format("{} cannot be widened: {}", in.string(), what),
              "use a model of the Llama or Qwen2 family");
}

[[noreturn]] void fail(const std::filesystem::path& in, const std::string& what) {
  throw Error(ErrorCode::Format, kWhere, fmt::format("{}: {}", in.string(), what));
}

/// "ffn_up.weight" of "blk.3.ffn_up.weight"; empty where the tensor is no part of an FFN.
std::string_view ffn_part(std::string_view name) {
  if (!name.starts_with("blk.")) return {};
  name.remove_prefix(std::min(name.size(), name.find('.', 4)));
  return name.starts_with(".ffn_") ? name.substr(1) : std::string_view{};
}

bool is_down(const GgufLayout::Tensor& tensor) { return ffn_part(tensor.name) == "ffn_down.weight"; }

std::uint64_t block_of_down(const GgufLayout& layout) {
  std::uint64_t block = kLeastBlock;  // all are powers of two: the largest one is a multiple of each
  for (const auto& tensor : layout.tensors) {
    if (is_down(tensor)) block = std::max(block, tensor.type->block_elements);
  }
  return block;
}

/// Refuses integers and types of intermediate results, for which nothing says that zero bytes are zeros.
void check_type(const std::filesystem::path& in, const GgufLayout::Tensor& tensor) {
  constexpr std::string_view kNoWeights[] = {"i8", "i16", "i32", "i64", "f64", "q8_1", "q8_K"};
  if (std::ranges::find(kNoWeights, tensor.type->name) == std::end(kNoWeights)) return;
  refuse(in, fmt::format("'{}' is stored as {}, which is no type of weights", base::printable(tensor.name),
                         tensor.type->name));
}

void check_shape(const std::filesystem::path& in, const GgufLayout::Tensor& tensor,
                 const std::vector<std::uint64_t>& expected) {
  if (tensor.dimensions == expected) return;
  fail(in, fmt::format("'{}' has another shape than the header says: got {} as its first dimension of {}, expected {} "
                       "of {}",
                       base::printable(tensor.name), tensor.dimensions[0], tensor.dimensions.size(), expected[0],
                       expected.size()));
}

TensorCopy copy_of(const std::filesystem::path& in, const CopyPlan& plan, const GgufLayout::Tensor& tensor) {
  TensorCopy copy{.tensor = &tensor, .row_bytes = tensor.bytes};
  const std::string_view part = ffn_part(tensor.name);
  if (part.empty() || part == "ffn_norm.weight" || part == "ffn_down.bias") return copy;
  const auto width = static_cast<std::uint64_t>(plan.summary.embedding_length);
  const auto [ffn, added, ignored] = plan.widening;
  const TensorType& type = *tensor.type;
  const auto bytes_of = [&](std::uint64_t elements) { return elements / type.block_elements * type.block_bytes; };
  check_type(in, tensor);
  if (part == "ffn_gate.weight" || part == "ffn_up.weight") {
    check_shape(in, tensor, {width, ffn});
    copy.zero_bytes = added * bytes_of(width);
    copy.grown = 1;
  } else if (part == "ffn_down.weight") {
    check_shape(in, tensor, {ffn, width});
    copy.rows = width;
    copy.row_bytes = bytes_of(ffn);
    copy.zero_bytes = bytes_of(added);
    copy.grown = 0;
  } else if (part == "ffn_gate.bias" || part == "ffn_up.bias") {
    check_shape(in, tensor, {ffn});
    copy.zero_bytes = bytes_of(added);
    copy.grown = 0;
  } else {
    refuse(in, fmt::format("it has '{}', which Llama and Qwen2 have not", base::printable(tensor.name)));
  }
  return copy;
}

void check_complete(const std::filesystem::path& in, const CopyPlan& plan) {
  std::unordered_set<std::string_view> names;
  for (const auto& tensor : plan.layout.tensors) names.insert(tensor.name);
  for (std::int64_t block = 0; block < plan.summary.block_count; ++block) {
    for (const char* part : {"gate", "up", "down"}) {
      const std::string name = fmt::format("blk.{}.ffn_{}.weight", block, part);
      if (!names.contains(name)) refuse(in, fmt::format("it has no '{}'", name));
    }
  }
}

/// Checks the header's words and sets `ffn_width`.
void check_family(const std::filesystem::path& in, CopyPlan& plan) {
  const std::string& family = plan.summary.architecture;
  const auto integer = [&](const char* key) {
    const auto found = plan.layout.integers.find(family + key);
    return found == plan.layout.integers.end() ? GgufLayout::Integer{} : found->second;
  };
  if (family != "llama" && family != "qwen2")
    refuse(in, fmt::format("its architecture is '{}'", base::printable(family)));
  if (plan.summary.is_adapter()) refuse(in, "it is an adapter");
  if (integer(".expert_count").value > 0) refuse(in, "it is a mixture of experts");
  plan.ffn_width = integer(".feed_forward_length");
  if (plan.ffn_width.value <= 0) refuse(in, fmt::format("{}.feed_forward_length is no single number", family));
  if (plan.summary.embedding_length <= 0) fail(in, fmt::format("got no {}.embedding_length", family));
  if (plan.summary.block_count <= 0) fail(in, fmt::format("got no {}.block_count", family));
  check_complete(in, plan);
}

}  // namespace

std::unique_ptr<const CopyPlan> plan_copy(const std::filesystem::path& in, std::uint64_t width) {
  if (width < 1 || width > kMaxWidth) {
    throw Error(ErrorCode::InvalidArgument, kWhere,
                fmt::format("by how much: got {}, expected 1 to {}", width, kMaxWidth));
  }
  auto plan = std::make_unique<CopyPlan>();
  plan->summary = check_gguf(in, plan->layout);
  check_family(in, *plan);
  const std::uint64_t block = block_of_down(plan->layout);
  plan->widening.before = static_cast<std::uint64_t>(plan->ffn_width.value);
  plan->widening.added = (width + block - 1) / block * block;
  if (plan->widening.before + plan->widening.added > std::numeric_limits<std::int32_t>::max())
    fail(in, fmt::format("feed_forward_length is not sane: got {}", plan->widening.before));
  for (const auto& tensor : plan->layout.tensors) plan->copies.push_back(copy_of(in, *plan, tensor));
  std::ranges::sort(plan->copies, {}, [](const TensorCopy& copy) { return copy.tensor->offset; });
  const std::uint64_t mask = plan->summary.alignment - 1;
  plan->widening.file_bytes = plan->summary.data_offset;
  for (const TensorCopy& copy : plan->copies) plan->widening.file_bytes += (copy.bytes() + mask) & ~mask;
  return plan;
}

Widening plan_widening(const std::filesystem::path& in, std::uint64_t width) { return plan_copy(in, width)->widening; }

}  // namespace gpiot::weights
