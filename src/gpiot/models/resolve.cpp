#include "gpiot/models/resolve.h"

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"

namespace gpiot::models {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;
constexpr std::string_view kWhere = "models.resolve";

/// Errors: NotFound, Model where the file is not the one that was recorded.
ResolvedModel from_store(const Store& store, const InstalledModel& model) {
  std::error_code failure;
  const auto bytes = fs::file_size(model.path, failure);
  const std::string remedy = "gpiot model pull " + model.name;
  if (failure)
    throw Error(ErrorCode::NotFound, kWhere,
                "the file of the model " + model.name + " is gone: got nothing at " + model.path.string() +
                    ", expected it there",
                remedy);
  if (bytes != model.bytes) {
    throw Error(ErrorCode::Model, kWhere,
                model.path.string() + " was changed: got " + std::to_string(bytes) + " bytes, expected " +
                    std::to_string(model.bytes),
                "remove it, then: " + remedy);
  }
  if (const auto sha256 = store.hash_of(model.path); sha256 != model.sha256) {
    throw Error(ErrorCode::Model, kWhere,
                model.path.string() + " was changed: got sha256 " + sha256 + ", expected " + model.sha256,
                "remove it, then: " + remedy);
  }
  return {model.name, model.path, model.sha256};
}

}  // namespace

ResolvedModel resolve(const Store& store, const Catalogue& catalogue, const std::string& given) {
  const auto name = given.empty() ? catalogue.default_entry().alias : given;
  if (const auto installed = store.find(name)) return from_store(store, *installed);
  if (catalogue.find(name) != nullptr || parse_hub_reference(name)) {
    throw Error(ErrorCode::NotFound, kWhere, "the model " + name + " is not on this machine yet",
                "gpiot model pull " + name);
  }
  std::error_code failure;
  if (fs::is_regular_file(name, failure)) {
    const auto path = fs::absolute(name);
    return {path.filename().string(), path, store.hash_of(path)};
  }
  throw Error(ErrorCode::NotFound, kWhere,
              "no such model: got '" + base::printable(name) +
                  "', expected a name of `gpiot model list`, a GGUF file or hf.co/owner/repo:file",
              "gpiot model list");
}

}  // namespace gpiot::models
