#include "gpiot/llm/adapter.h"

#include <fmt/format.h>
#include <llama.h>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"
#include "gpiot/llm/llama_log.h"

namespace gpiot::llm {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "llm.adapter";

void check_file(const LlamaModel& model, const std::filesystem::path& path) {
  const weights::GgufSummary adapter = weights::check_gguf(path);
  if (!adapter.is_adapter() || adapter.adapter_type != "lora") {
    throw Error(ErrorCode::Model, kWhere,
                fmt::format("{} is not a LoRA adapter: got general.type '{}' and adapter.type '{}', expected 'adapter' "
                            "and 'lora'",
                            path.string(), adapter.type, adapter.adapter_type));
  }
  if (adapter.architecture != model.summary().architecture) {
    throw Error(ErrorCode::Model, kWhere,
                fmt::format("{} was made for another architecture: got '{}', expected '{}' of {}", path.string(),
                            adapter.architecture, model.summary().architecture, model.path().string()));
  }
}

/// What to do where the adapter runs on a widened copy of this very model. Names in a manifest are not ours: only what
/// needs no quotes is repeated.
std::string widened_remedy(const LlamaModel& model, const base::Json& facts, const std::string& model_sha256) {
  const auto text = [&](const char* key) {
    return facts.contains(key) && facts[key].is_string() ? facts[key].get<std::string>() : std::string();
  };
  constexpr std::string_view kRecipe = "widen ffn by ";
  const std::string recipe = text("base_recipe");
  if (text("base_parent_sha256") != model_sha256 || !recipe.starts_with(kRecipe)) return {};
  const std::string width = recipe.substr(kRecipe.size());
  if (width.empty() || width.size() > 5 || width.find_first_not_of("0123456789") != std::string::npos) return {};
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  const std::string name = text("base");
  const bool plain = !name.empty() && name.front() != '-' && name.find_first_not_of(kPlain) == std::string::npos;
  return fmt::format(
      "it runs on the widened copy of this model: --model {}; where that is missing: gpiot model derive "
      "{} --widen={}{}",
      plain ? name : "NAME", model.path().string(), width, plain ? " --name " + name : "");
}

void check_manifest(const LlamaModel& model, const std::filesystem::path& path, std::string model_sha256) {
  const std::filesystem::path manifest = path.string() + ".json";
  if (!std::filesystem::exists(manifest)) return;
  const base::Json facts = base::parse_json(base::read_file(manifest, kWhere, 1 << 20), kWhere, manifest.string());
  if (!facts.is_object() || !facts.contains("base_sha256") || !facts["base_sha256"].is_string()) {
    throw Error(ErrorCode::Format, kWhere,
                manifest.string() + " does not name its base: expected the text base_sha256");
  }
  const auto wanted = facts["base_sha256"].get<std::string>();
  if (model_sha256.empty()) model_sha256 = base::sha256_file(model.path(), kWhere);
  if (wanted == model_sha256) return;
  const std::string remedy = widened_remedy(model, facts, model_sha256);
  throw Error(
      ErrorCode::Model, kWhere,
      fmt::format("{} was made for another base: got base {} ({}), expected {}", path.string(), model_sha256,
                  model.path().string(), base::printable(wanted)),
      remedy.empty() ? "use the model file that the adapter was tuned on; a requantised copy is another base" : remedy);
}

}  // namespace

AdapterHandle load_adapter(const LlamaModel& model, const std::filesystem::path& path,
                           const std::string& model_sha256) {
  check_file(model, path);
  check_manifest(model, path, model_sha256);
  const LogCapture log;
  AdapterHandle adapter(llama_adapter_lora_init(model.handle(), path.c_str()));
  if (!adapter) {
    throw Error(ErrorCode::Model, kWhere,
                fmt::format("libllama cannot load the adapter {}: {}", path.string(), log.reason()));
  }
  return adapter;
}

}  // namespace gpiot::llm
