#include "gpiot/models/derived.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "gpiot/base/error.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/utc.h"
#include "gpiot/models/file_lock.h"
#include "gpiot/weights/widen.h"

namespace gpiot::models {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "models.derive";
constexpr std::string_view kWidenRecipe = "widen ffn by ";

FileLock lock_of(const Store& store) { return FileLock(store.folder() / ".widen.guard"); }

std::string stem_of(const std::string& name) {
  const fs::path path(name);
  return path.extension() == ".gguf" ? path.stem().string() : name;
}

/// A copy of `parent` that is still what its record says.
std::optional<InstalledModel> find_copy(const Store& store, const ResolvedModel& parent,
                                        const std::function<bool(const InstalledModel&)>& fits) {
  for (const InstalledModel& model : store.list()) {
    std::error_code failure;
    if (model.parent != parent.sha256 || !fits(model) || !fs::exists(model.path, failure)) continue;
    if (store.hash_of(model.path) == model.sha256) return model;
    throw Error(ErrorCode::Model, kWhere, model.path.string() + " was changed: expected sha256 " + model.sha256,
                "remove it and run the same command again: it is written again");
  }
  return std::nullopt;
}

InstalledModel write_widened(const Store& store, const ResolvedModel& parent, const WidenOrder& order,
                             const OnShare& on_share) {
  const std::uint64_t added = weights::plan_widening(parent.path, order.width).added;
  Derivation derivation;
  derivation.name = order.name.empty() ? fmt::format("{}-wide{}", stem_of(parent.name), added) : order.name;
  derivation.path = store.folder() / fmt::format("{}.wide{}.gguf", parent.path.stem().string(), added);
  derivation.recipe = fmt::format("{}{}", kWidenRecipe, added);
  derivation.tool = order.tool;
  store.make_folder();
  weights::widen_ffn(parent.path, derivation.path, order.width, on_share);
  return record_derived(store, parent, derivation);
}

}  // namespace

InstalledModel record_derived(const Store& store, const ResolvedModel& parent, const Derivation& derivation) {
  InstalledModel model;
  model.name = derivation.name;
  model.path = derivation.path;
  model.bytes = fs::file_size(model.path);
  model.sha256 = base::sha256_file(model.path, kWhere);
  model.source = "derived from " + parent.name;
  model.licence = "unknown";
  for (const auto& other : store.list()) {
    if (other.sha256 == parent.sha256) model.licence = other.licence;
  }
  model.date = base::utc_now();
  model.parent = parent.sha256;
  model.recipe = derivation.recipe;
  model.tool = derivation.tool;
  store.record(model);
  return model;
}

Derivation derivation_of(const Store& store, const ResolvedModel& parent, const std::string& format,
                         const std::string& tool) {
  return {.name = stem_of(parent.name) + "-" + format,
          .path = store.folder() / fmt::format("{}.{}.gguf", parent.path.stem().string(), format),
          .recipe = "format " + format,
          .tool = tool};
}

InstalledModel widen(const Store& store, const ResolvedModel& parent, const WidenOrder& order,
                     const OnShare& on_share) {
  const FileLock lock = lock_of(store);
  return write_widened(store, parent, order, on_share);
}

InstalledModel find_or_widen(const Store& store, const ResolvedModel& parent, const WidenOrder& order,
                             const OnShare& on_share) {
  const FileLock lock = lock_of(store);
  const auto wide = [&](const InstalledModel& model) { return widened_by(model).value_or(0) >= order.width; };
  if (const auto found = find_copy(store, parent, wide)) return *found;
  return write_widened(store, parent, order, on_share);
}

InstalledModel find_or_derive(const Store& store, const ResolvedModel& parent, const std::string& format,
                              const std::string& tool, const std::function<void(const fs::path&)>& write) {
  const FileLock lock = lock_of(store);
  const Derivation wanted = derivation_of(store, parent, format, tool);
  const auto same = [&](const InstalledModel& model) { return model.recipe == wanted.recipe; };
  if (const auto found = find_copy(store, parent, same)) return *found;
  store.make_folder();
  const auto at_its_place = [&](const InstalledModel& model) { return model.path == wanted.path; };
  std::error_code ignored;  // a process that was killed before it could record its file
  if (std::ranges::none_of(store.list(), at_its_place)) fs::remove(wanted.path, ignored);
  write(wanted.path);
  return record_derived(store, parent, wanted);
}

std::optional<std::uint64_t> widened_by(const InstalledModel& model) {
  if (!model.recipe.starts_with(kWidenRecipe)) return std::nullopt;
  const std::string number = model.recipe.substr(kWidenRecipe.size());
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (failure != std::errc() || end != number.data() + number.size()) return std::nullopt;
  return value;
}

std::optional<InstalledModel> find_by_hash(const Store& store, const std::string& sha256) {
  std::optional<InstalledModel> found;
  for (const InstalledModel& model : store.list()) {
    if (model.sha256 != sha256) continue;
    if (!found || widened_by(model)) found = model;
  }
  return found;
}

}  // namespace gpiot::models
