#include "command_adapter.h"

#include <fmt/format.h>

#include <memory>

#include "adapter_export.h"
#include "adapter_files.h"
#include "gpiot/base/error.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"

namespace gpiot::apps {
namespace {

using base::Error;
using base::ErrorCode;
using base::Json;

constexpr std::string_view kWhere = "adapter.verify";

void print(const AppContext& context, const Adapter& adapter, const std::string& state) {
  if (context.json) {
    fmt::print("{}\n", base::dump_json({{"schema", 1},
                                        {"kind", "adapter"},
                                        {"file", adapter.file.string()},
                                        {"role", adapter.role},
                                        {"base", adapter.base},
                                        {"base_sha256", adapter.base_sha256},
                                        {"sha256", adapter.sha256},
                                        {"validation_loss",
                                         adapter.validation_loss < 0 ? Json(nullptr) : Json(adapter.validation_loss)},
                                        {"state", state}}));
    return;
  }
  const std::string loss = adapter.validation_loss < 0 ? "-" : fmt::format("{:.3f}", adapter.validation_loss);
  fmt::print("{:<18} {:<6} {:>8} {:<24} {}\n", state, adapter.role, loss, base::printable(adapter.base),
             base::printable(adapter.file.string()));
}

void run(const AppContext& context, const std::string& place, bool verify) {
  const std::vector<Adapter> adapters = adapters_in(place);
  int bad = 0;
  if (!context.json) fmt::print(stderr, "{:<18} {:<6} {:>8} {:<24} {}\n", "state", "role", "loss", "base", "file");
  for (const Adapter& adapter : adapters) {
    const bool has_base = !installed_base(adapter.base_sha256).empty();
    std::string state = verify ? state_of_file(adapter) : "base installed";
    if (!has_base && (!verify || state == "ok")) state = "base not installed";
    if (verify && state != "ok") ++bad;
    print(context, adapter, state);
  }
  if (bad > 0) {
    throw Error(ErrorCode::Model, kWhere,
                fmt::format("{} of {} adapters cannot be used as they are", bad, adapters.size()),
                "tune again, or pull the base that the manifest names");
  }
}

}  // namespace

void register_adapter_command(CLI::App& app, AppContext& context) {
  auto* adapter = app.add_subcommand(
      "adapter", "Example: gpiot adapter verify examples/tiny-tune/tuned\n\nAdapters that gpiot tune made.");
  adapter->require_subcommand(1);
  adapter->fallthrough();
  const auto place = std::make_shared<std::string>(".");  // shared: the callbacks outlive this function
  for (const bool verify : {false, true}) {
    auto* command = adapter->add_subcommand(
        verify ? "verify" : "list",
        verify ? "Example: gpiot adapter verify tuned/tdslm.gguf\n\nReads the files again: are they what their "
                 "manifests say, and is the base here?"
               : "Example: gpiot adapter list .\n\nAdapters below a folder, with role, validation loss and base.");
    command->add_option("place", *place, "an adapter file, or a folder")->capture_default_str();
    command->callback([&context, place, verify] { run(context, *place, verify); });
  }
  register_adapter_export(*adapter, context);
}

}  // namespace gpiot::apps
