#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gpiot/llm/adapter_file.h"
#include "gpiot/tune/adapters.h"

namespace gpiot::tune {

/// One role's adapter as plain LoRA pairs, such as stock libllama serves them: own and shared path beside each other
/// (A = [A_p; A_c], B = [s B_p, s w_p B_c]), every factor folded into B. Rows of q and k as in the GGUF file.
/// With the projection mode `own`, the layer L that the role reads through (Eq. 10) stands in the last rows of a
/// widened FFN, which are zero in the base: gate and up have A = L.gate or L.up and B = [0; I], down has A = [0, I] and
/// B = gamma L.down (1 - gamma for CGSLM).
/// Errors: Unsupported for the projection mode `paired`, which no single pass can serve, and for `own` where
/// `shape.ffn_padding` is less than the width of the layers.
[[nodiscard]] std::vector<llm::LoraPair> role_pairs(const ModelShape& shape, const Adapters& adapters, Task role);

/// Whether write_peft can write these: not with projection layers, for which PEFT would need a widened base, too.
[[nodiscard]] bool has_peft_form(const Adapters& adapters);
/// The same for PEFT: adapter_model.safetensors and adapter_config.json in `folder`. All modules have one rank (zeros
/// where a target has fewer), and lora_alpha is that rank, so that B A counts as it is. Rows of q and k of the Llama
/// family are put back from the order of the GGUF converter. Errors: Unsupported for all projection modes but `off`;
/// Io.
void write_peft(const std::filesystem::path& folder, const ModelShape& shape, const Adapters& adapters, Task role,
                const std::string& base_name);

}  // namespace gpiot::tune
