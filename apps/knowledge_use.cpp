#include "knowledge_use.h"

#include <fmt/format.h>

#include <cstdlib>

#include "batch_copy.h"
#include "command_model.h"
#include "gpiot/base/error.h"
#include "gpiot/base/paths.h"
#include "gpiot/llm/embedder.h"
#include "gpiot/models/catalogue.h"
#include "gpiot/models/pull.h"
#include "gpiot/models/resolve.h"
#include "gpiot/models/store.h"

namespace gpiot::apps {
namespace {

constexpr const char* kDefault = "minilm-l6-v2";

/// Null where none is named.
const char* named_embedder() {
  const char* named = std::getenv("GPIOT_EMBEDDER");
  return named != nullptr && *named != '\0' ? named : nullptr;
}

}  // namespace

bool embedder_is_here() { return named_embedder() != nullptr || models::Store::of_user().find(kDefault).has_value(); }

std::unique_ptr<core::Embedder> make_embedder(AppContext& context, bool pull) {
  const auto store = models::Store::of_user();
  const auto catalogue = models::Catalogue::load(base::installation_root() / "models.toml");
  const char* named = named_embedder();
  const bool chosen = named != nullptr;
  const std::string name = chosen ? named : kDefault;
  models::ResolvedModel model;
  try {
    model = pull && !chosen ? models::ensure(store, catalogue, name, make_pull_hooks(context), context.cancel)
                            : models::resolve(store, catalogue, name);
  } catch (const base::Error& error) {
    if (chosen || pull || error.code() != base::ErrorCode::NotFound) throw;
    return nullptr;
  }
  // A base may move between processors: its vectors are the original's, whichever copy made them.
  llm::LlamaEmbedderOptions options;
  options.model_name = model.path.filename().string();
  options.model_sha256 = model.sha256;
  const auto note = [](const std::string& text) { fmt::print(stderr, "{}\n", text); };
  return std::make_unique<llm::LlamaEmbedder>(embedder_copy(store, model, context, note).path, options);
}

}  // namespace gpiot::apps
