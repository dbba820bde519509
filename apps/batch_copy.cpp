#include "batch_copy.h"

#include <fmt/format.h>

#include <algorithm>

#include "command_model.h"
#include "gpiot/base/error.h"
#include "gpiot/llm/cpu_facts.h"
#include "gpiot/llm/derive.h"
#include "gpiot/models/derived.h"

namespace gpiot::apps {
namespace {

/// Below this share of its numbers the copy would save a few per cent, and cost as much disk as any other.
constexpr double kWorthwhile = 0.1;

bool is_installed(const models::Store& store, const models::ResolvedModel& model) {
  return std::ranges::any_of(store.list(), [&](const auto& other) { return other.sha256 == model.sha256; });
}

}  // namespace

models::ResolvedModel batch_copy(const models::Store& store, const models::ResolvedModel& model, AppContext& context,
                                 const std::function<void(const std::string&)>& note) {
  try {
    if (!llm::multiplies_q6_k_slowly() || !is_installed(store, model)) return model;
    if (llm::q6_k_share(model.path) < kWorthwhile) return model;
    const auto write = [&](const std::filesystem::path& file) {
      note(fmt::format(
          "writing a copy of {} that answers alike and faster, once: {} (--batch-copy off: the model as it is)",
          model.name, file.string()));
      llm::derive_model(model.path, file, llm::kBatchFormat, share_printer(context));
    };
    const auto copy =
        models::find_or_derive(store, model, std::string(llm::kBatchFormat), "gpiot " GPIOT_VERSION, write);
    return {copy.name, copy.path, copy.sha256};
  } catch (const base::Error& error) {
    if (error.code() == base::ErrorCode::Cancelled) throw;
    note(std::string("no faster copy, going on with the model itself: ") + error.what());
    return model;
  }
}

}  // namespace gpiot::apps
