#pragma once

#include <memory>

#include "app_context.h"
#include "gpiot/core/embedder.h"

namespace gpiot::apps {

/// The embedding model of the knowledge base: GPIOT_EMBEDDER (a GGUF file), else the catalogue's. Where that is not
/// installed it is pulled, or without `pull` there is none. Errors: those of pulling and loading.
[[nodiscard]] std::unique_ptr<core::Embedder> make_embedder(AppContext& context, bool pull);
/// Whether that model need not be pulled.
[[nodiscard]] bool embedder_is_here();

}  // namespace gpiot::apps
