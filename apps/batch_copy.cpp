#include "batch_copy.h"

#include <fmt/format.h>

#include <algorithm>

#include "command_model.h"
#include "gpiot/base/error.h"
#include "gpiot/llm/cpu_facts.h"
#include "gpiot/llm/derive.h"
#include "gpiot/models/derived.h"
#include "gpiot/weights/gguf_check.h"
#include "gpiot/weights/weight_format.h"

namespace gpiot::apps {
namespace {

/// Below this share of its numbers the copy would save a few per cent, and cost as much disk as any other.
constexpr double kWorthwhile = 0.1;

bool is_installed(const models::Store& store, const models::ResolvedModel& model) {
  return std::ranges::any_of(store.list(), [&](const auto& other) { return other.sha256 == model.sha256; });
}

bool is_bf16(const std::filesystem::path& model) {
  return weights::check_gguf(model).file_type == weights::facts_of(weights::WeightFormat::Bf16).file_type;
}

struct CopyOrder {
  std::string_view format;
  std::function<bool()> is_wanted;
  std::string_view what;    ///< "that is faster"
  std::string_view remedy;  ///< how not to have it
  std::function<void(double)> on_share;
};

models::ResolvedModel copy_of(const models::Store& store, const models::ResolvedModel& model, const CopyOrder& order,
                              const std::function<void(const std::string&)>& note) {
  try {
    if (!is_installed(store, model) || !order.is_wanted()) return model;
    const auto write = [&](const std::filesystem::path& file) {
      note(fmt::format("writing a copy of {} {}, once: {}{}", model.name, order.what, file.string(), order.remedy));
      llm::derive_model(model.path, file, order.format, order.on_share);
    };
    const auto copy = models::find_or_derive(store, model, std::string(order.format), "gpiot " GPIOT_VERSION, write);
    return {copy.name, copy.path, copy.sha256};
  } catch (const base::Error& error) {
    if (error.code() == base::ErrorCode::Cancelled) throw;
    note(std::string("no faster copy, going on with the model itself: ") + error.what());
    return model;
  }
}

}  // namespace

models::ResolvedModel batch_copy(const models::Store& store, const models::ResolvedModel& model, AppContext& context,
                                 const std::function<void(const std::string&)>& note) {
  const auto is_wanted = [&] { return llm::multiplies_q6_k_slowly() && llm::q6_k_share(model.path) >= kWorthwhile; };
  return copy_of(store, model,
                 {llm::kBatchFormat, is_wanted, "that answers alike and faster",
                  " (--batch-copy off: the model as it is)", share_printer(context)},
                 note);
}

models::ResolvedModel embedder_copy(const models::Store& store, const models::ResolvedModel& model, AppContext& context,
                                    const std::function<void(const std::string&)>& note) {
  const auto is_wanted = [&] { return llm::multiplies_bf16_slowly() && is_bf16(model.path); };
  const auto stop = [&](double) { context.cancel.throw_if_cancelled("knowledge.embedder"); };
  return copy_of(store, model, {"f16", is_wanted, "in F16, which this processor multiplies faster", "", stop}, note);
}

}  // namespace gpiot::apps
