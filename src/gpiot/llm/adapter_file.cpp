#include "gpiot/llm/adapter_file.h"

#include <fmt/format.h>
#include <ggml.h>
#include <gguf.h>

#include <cmath>
#include <cstring>
#include <memory>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/llm/handles.h"

namespace gpiot::llm {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "llm.adapter_file";

void check_range(const std::string& name, const std::vector<float>& values) {
  constexpr float kLargest = 65504.0F;
  for (const float value : values) {
    if (std::abs(value) <= kLargest) continue;
    throw Error(ErrorCode::Internal, kWhere,
                fmt::format("'{}' does not fit a 16-bit float: got {}, expected at most {}", name, value, kLargest));
  }
}

void add_matrix(ggml_context* tensors, gguf_context* file, const std::string& name, const std::vector<float>& values,
                std::int64_t rows, std::int64_t columns, bool half) {
  if (static_cast<std::int64_t>(values.size()) != rows * columns) {
    throw Error(ErrorCode::Internal, kWhere,
                fmt::format("'{}': got {} numbers, expected {} x {}", name, values.size(), rows, columns));
  }
  ggml_tensor* tensor = ggml_new_tensor_2d(tensors, half ? GGML_TYPE_F16 : GGML_TYPE_F32, columns, rows);
  ggml_set_name(tensor, name.c_str());
  if (half) {
    check_range(name, values);
    ggml_fp32_to_fp16_row(values.data(), static_cast<ggml_fp16_t*>(tensor->data), rows * columns);
  } else {
    std::memcpy(tensor->data, values.data(), values.size() * sizeof(float));
  }
  gguf_add_tensor(file, tensor);
}

}  // namespace

void write_adapter(const std::filesystem::path& path, const std::string& architecture,
                   const std::vector<LoraPair>& pairs) {
  std::size_t bytes = 0;
  for (const LoraPair& pair : pairs)
    bytes += (pair.a.size() + pair.b.size()) * sizeof(float) + 2 * ggml_tensor_overhead() + 256;
  const GgmlHandle tensors(ggml_init({.mem_size = bytes + 4096, .mem_buffer = nullptr, .no_alloc = false}));
  const GgufHandle file(gguf_init_empty());
  gguf_set_val_str(file.get(), "general.architecture", architecture.c_str());
  gguf_set_val_str(file.get(), "general.type", "adapter");
  gguf_set_val_str(file.get(), "adapter.type", "lora");
  for (const LoraPair& pair : pairs) {
    add_matrix(tensors.get(), file.get(), pair.tensor + ".lora_a", pair.a, pair.rank, pair.in, pair.half);
    add_matrix(tensors.get(), file.get(), pair.tensor + ".lora_b", pair.b, pair.out, pair.rank, pair.half);
  }
  const std::string partial = path.string() + ".partial";
  const bool written = gguf_write_to_file(file.get(), partial.c_str(), /*only_meta=*/false);
  std::error_code failure;
  if (written) std::filesystem::rename(partial, path, failure);
  if (!written || failure) {
    std::error_code ignored;
    std::filesystem::remove(partial, ignored);
    throw Error(ErrorCode::Io, kWhere, "cannot write " + path.string(), "is the disk full, or the folder read-only?");
  }
}

}  // namespace gpiot::llm
