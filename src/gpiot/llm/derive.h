#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

namespace gpiot::llm {

/// Writes a copy of the model `in` with its weights in another format: "q4_0" (fast batches on a CPU), "q4_0-h8" (the
/// same with embedding and output in q8_0: faster still, 0.1 GB more), "q8_0", "f16" or "f32" (exact comparisons).
/// Written beside `out` and renamed when whole. `on_progress` hears 0 ... 1. The copy is another base: an adapter made
/// for `in` is not one for it. Errors: InvalidArgument (format, out == in); NotFound; Format; Io; Model where libllama
/// refuses.
void derive_model(const std::filesystem::path& in, const std::filesystem::path& out, std::string_view format,
                  const std::function<void(double)>& on_progress = {});

}  // namespace gpiot::llm
