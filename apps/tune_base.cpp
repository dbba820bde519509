#include "tune_base.h"

#include <fmt/format.h>

#include <algorithm>

#include "gpiot/base/paths.h"
#include "gpiot/base/strings.h"
#include "gpiot/llm/gguf_weights.h"
#include "gpiot/models/catalogue.h"
#include "gpiot/models/derived.h"
#include "gpiot/models/store.h"
#include "gpiot/tune/base_model.h"
#include "gpiot/weights/widen.h"

namespace gpiot::apps {

models::ResolvedModel tuned_base(const tune::TuneConfig& config, bool dry_run, TuneReport& report,
                                 const base::CancelToken& cancel) {
  const auto store = models::Store::of_user();
  const auto catalogue = models::Catalogue::load(base::installation_root() / "models.toml");
  auto base = models::resolve(store, catalogue, config.base);
  const int width = config.adapters.projection_width;
  if (config.adapters.projection == tune::Projection::paired) {
    report.note("projection = paired: to be measured only; no adapter comes out of it (docs/tune.md)");
  }
  if (config.adapters.projection != tune::Projection::own) return base;
  if (tune::read_shape(llm::GgufWeights(base.path)).ffn_padding >= width) return base;
  const models::WidenOrder order{
      .name = "", .width = static_cast<std::uint64_t>(std::max(width, 1)), .tool = "gpiot " GPIOT_VERSION};
  if (dry_run) {
    const auto widening = weights::plan_widening(base.path, order.width);
    report.note(
        fmt::format("projection = own: the adapters run on a copy of {} whose FFN is wider by {} ({}); it is "
                    "written first where it is missing",
                    base.name, widening.added, base::human_bytes(static_cast<double>(widening.file_bytes))));
    return base;
  }
  const auto copy = models::find_or_widen(store, base, order, [&](double) { cancel.throw_if_cancelled("gpiot.tune"); });
  report.note(
      fmt::format("projection = own: trained on {}, a copy of {} with a wider FFN, on which the adapters run: "
                  "{}",
                  copy.name, base.name, copy.path.string()));
  return {copy.name, copy.path, copy.sha256};
}

tune::Provenance provenance_of(const models::ResolvedModel& base) {
  const auto store = models::Store::of_user();
  tune::Provenance provenance;
  provenance.base_name = base.name;
  provenance.base_sha256 = base.sha256;
  const auto copy = models::find_by_hash(store, base.sha256);
  if (!copy || !models::widened_by(*copy)) return provenance;
  provenance.base_recipe = copy->recipe;
  provenance.base_parent_sha256 = copy->parent;
  const auto parent = models::find_by_hash(store, copy->parent);
  provenance.base_parent = parent ? parent->name : copy->source.substr(std::string("derived from ").size());
  return provenance;
}

}  // namespace gpiot::apps
