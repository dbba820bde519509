#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

namespace gpiot::llm {

/// The format of a copy that answers as the original does and decodes batches faster on an x86 processor: Q6_K tensors
/// as Q8_0, which holds their numbers to a part in 250 of the largest of 32, all others byte for byte. libllama
/// multiplies Q6_K one row of the batch at a time there (docs/decisions/0009-batch-copy.md).
inline constexpr std::string_view kBatchFormat = "q6-as-q8";

/// Writes a copy of the model `in` with its weights in another format: kBatchFormat, "q4_0" (fast batches on a CPU,
/// other answers), "q4_0-h8" (the same with embedding and output in q8_0: faster still, 0.1 GB more), "q8_0", "f16" or
/// "f32" (exact comparisons). Written beside `out` and renamed when whole. `on_progress` hears 0 ... 1. The copy is
/// another base: an adapter made for `in` is not one for it. Errors: InvalidArgument (format, out == in); NotFound;
/// Format; Io; Model where libllama refuses.
void derive_model(const std::filesystem::path& in, const std::filesystem::path& out, std::string_view format,
                  const std::function<void(double)>& on_progress = {});

/// The share of a model's numbers that stands in Q6_K. Errors: NotFound, Io, Format.
[[nodiscard]] double q6_k_share(const std::filesystem::path& model);

}  // namespace gpiot::llm
