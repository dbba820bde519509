#include "adapter_files.h"

#include <algorithm>

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
  Adapter out{file,
              text(facts, "role"),
              text(facts, "base"),
              text(facts, "base_sha256"),
              text(facts, "sha256"),
              text(facts, "projection"),
              text(facts, "base_parent"),
              text(facts, "base_recipe")};
  if (facts.contains("validation_loss") && facts["validation_loss"].is_number())
    out.validation_loss = facts["validation_loss"];
  return out;
}

}  // namespace

std::string installed_base(const std::string& sha256) {
  for (const auto& model : models::Store::of_user().list()) {
    if (model.sha256 == sha256) return model.name;
  }
  return {};
}

std::string state_of_file(const Adapter& adapter) {
  std::error_code failure;
  if (!fs::is_regular_file(adapter.file, failure)) return "missing";
  if (base::sha256_file(adapter.file, kWhere) != adapter.sha256) return "changed";
  if (!weights::check_gguf(adapter.file).is_adapter()) return "no adapter";
  return "ok";
}

std::vector<Adapter> adapters_in(const fs::path& place) {
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

}  // namespace gpiot::apps
