#include "gpiot/tune/result_files.h"

#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/json.h"
#include "gpiot/llm/adapter_file.h"
#include "gpiot/tune/export.h"

namespace gpiot::tune {
namespace {

constexpr std::string_view kWhere = "tune.result";

base::Json manifest(Task role, const std::filesystem::path& file, const TuneConfig& config, const RunResult& result,
                    const Provenance& provenance) {
  const LossSums& loss = result.validation;
  const bool measured = loss.tokens[static_cast<std::size_t>(role)] > 0;
  base::Json facts = {{"schema", 1},
                      {"role", role_name(role)},
                      {"file", file.filename().string()},
                      {"sha256", base::sha256_file(file, kWhere)},
                      {"base", provenance.base_name},
                      {"base_sha256", provenance.base_sha256},
                      {"records_sha256", provenance.records_sha256},
                      {"records", provenance.records},
                      {"config", config_text(config)},
                      {"projection", config.adapters.projection == Projection::off ? "off" : "own"},
                      {"type", provenance.type},
                      {"steps", result.step},
                      {"best_step", result.best_step},
                      {"validation_loss", measured ? base::Json(loss.mean(role)) : base::Json(nullptr)},
                      {"validation_tokens", loss.tokens[static_cast<std::size_t>(role)]},
                      {"made_by", "gpiot " + provenance.version}};
  if (!provenance.base_recipe.empty()) {
    facts["base_parent"] = provenance.base_parent;
    facts["base_parent_sha256"] = provenance.base_parent_sha256;
    facts["base_recipe"] = provenance.base_recipe;
  }
  return facts;
}

}  // namespace

std::string role_name(Task role) { return role == Task::tdd ? "tdslm" : "cgslm"; }

std::vector<std::filesystem::path> write_roles(const std::filesystem::path& folder, const ModelShape& shape,
                                               const Adapters& adapters, const TuneConfig& config,
                                               const RunResult& result, const Provenance& provenance) {
  std::vector<std::filesystem::path> files;
  for (const Task role : kTasks) {
    const std::filesystem::path file = folder / (role_name(role) + ".gguf");
    llm::write_adapter(file, shape.architecture, role_pairs(shape, adapters, role));
    base::write_file_atomic(file.string() + ".json",
                            base::dump_json(manifest(role, file, config, result, provenance), 1) + "\n", kWhere);
    if (has_peft_form(adapters))
      write_peft(folder / "peft" / role_name(role), shape, adapters, role, provenance.base_name);
    files.push_back(file);
  }
  return files;
}

}  // namespace gpiot::tune
