#include "command_adapter.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"
#include "gpiot/models/store.h"
#include "gpiot/weights/gguf_check.h"

namespace gpiot::apps {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;
using base::Json;

constexpr std::string_view kWhere = "adapter.verify";

/// An adapter file, and what its manifest (<file>.json) says of it.
struct Adapter {
  fs::path file;
  std::string role, base, base_sha256, sha256;
  double validation_loss = -1;  ///< -1: not measured
};

std::string text(const Json& object, const char* key) {
  return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : "";
}

Adapter read(const fs::path& file) {
  const fs::path manifest = file.string() + ".json";
  const Json facts = base::parse_json(base::read_file(manifest, kWhere, 1 << 20), kWhere, manifest.string());
  if (!facts.is_object() || text(facts, "sha256").empty() || text(facts, "base_sha256").empty()) {
    throw Error(ErrorCode::Format, kWhere,
                manifest.string() + " is no manifest of an adapter: expected sha256 and base_sha256");
  }
  Adapter out{file, text(facts, "role"), text(facts, "base"), text(facts, "base_sha256"), text(facts, "sha256")};
  if (facts.contains("validation_loss") && facts["validation_loss"].is_number())
    out.validation_loss = facts["validation_loss"];
  return out;
}

/// The name of an installed model with that hash; empty where there is none.
std::string installed_base(const std::string& sha256) {
  for (const auto& model : models::Store::of_user().list()) {
    if (model.sha256 == sha256) return model.name;
  }
  return {};
}

/// "ok", or what is wrong.
std::string state_of(const Adapter& adapter) {
  std::error_code failure;
  if (!fs::is_regular_file(adapter.file, failure)) return "missing";
  if (base::sha256_file(adapter.file, kWhere) != adapter.sha256) return "changed";
  if (!weights::check_gguf(adapter.file).is_adapter()) return "no adapter";
  return installed_base(adapter.base_sha256).empty() ? "base not installed" : "ok";
}

/// Adapters with a manifest below a folder, two levels deep, or the file itself.
std::vector<Adapter> found_in(const fs::path& place) {
  if (fs::is_regular_file(place)) return {read(place)};
  if (!fs::is_directory(place)) {
    throw Error(ErrorCode::NotFound, kWhere,
                "no such file or folder: got " + base::printable(place.string()) +
                    ", expected an adapter or a folder with some");
  }
  std::vector<fs::path> files;
  for (auto entry = fs::recursive_directory_iterator(place, fs::directory_options::skip_permission_denied);
       entry != fs::end(entry); ++entry) {
    if (entry.depth() >= 2) entry.disable_recursion_pending();
    const fs::path& path = entry->path();
    if (path.extension() == ".gguf" && fs::exists(path.string() + ".json")) files.push_back(path);
  }
  std::ranges::sort(files);
  std::vector<Adapter> adapters;
  for (const fs::path& file : files) adapters.push_back(read(file));
  return adapters;
}

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
  const std::vector<Adapter> adapters = found_in(place);
  int bad = 0;
  if (!context.json) fmt::print(stderr, "{:<18} {:<6} {:>8} {:<24} {}\n", "state", "role", "loss", "base", "file");
  for (const Adapter& adapter : adapters) {
    const std::string state = verify                                        ? state_of(adapter)
                              : installed_base(adapter.base_sha256).empty() ? "base not installed"
                                                                            : "base installed";
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
}

}  // namespace gpiot::apps
