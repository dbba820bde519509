#include "adapter_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "adapter_files.h"
#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"
#include "json_line.h"

namespace gpiot::apps {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "adapter.export";

struct Wish {
  std::string place = ".";
  std::string output;
  std::string format = "all";
};

struct Copy {
  fs::path from;
  fs::path to;
};

/// What is copied for one adapter.
std::vector<Copy> copies_of(const Adapter& adapter, const Wish& wish) {
  const fs::path out = wish.output;
  const fs::path name = adapter.file.filename();
  std::vector<Copy> copies = {{adapter.file.string() + ".json", out / (name.string() + ".json")}};
  if (wish.format != "peft") copies.push_back({adapter.file, out / name});
  if (wish.format == "gguf") return copies;
  if (adapter.projection == "own") {
    if (wish.format == "all") return copies;
    throw Error(ErrorCode::Unsupported, kWhere,
                fmt::format("{} has no form for PEFT: it has projection layers, for which the base there would have to "
                            "be widened as well",
                            base::printable(adapter.file.string())),
                "take --format gguf");
  }
  const fs::path folder = adapter.file.parent_path() / "peft" / adapter.role;
  for (const char* file : {"adapter_model.safetensors", "adapter_config.json"}) {
    if (!fs::is_regular_file(folder / file)) {
      throw Error(ErrorCode::NotFound, kWhere,
                  fmt::format("{} has no form for PEFT: expected {}", base::printable(adapter.file.string()),
                              base::printable((folder / file).string())),
                  "take --format gguf, or tune again");
    }
    copies.push_back({folder / file, out / "peft" / adapter.role / file});
  }
  return copies;
}

std::string read_me(const std::vector<Adapter>& adapters, const Wish& wish) {
  std::string text =
      "# Adapters made by gpiot tune\n\n| role | base | sha256 of the base | validation loss |\n|---|---|---|---|\n";
  for (const Adapter& one : adapters) {
    const std::string loss = one.validation_loss < 0 ? "-" : fmt::format("{:.3f}", one.validation_loss);
    text += fmt::format("| {} | {} | {} | {} |\n", one.role, one.base, one.base_sha256, loss);
  }
  text +=
      "\nAn adapter fits the very base it was made for. `NAME.gguf.json` says what it was made of: hashes of base and "
      "records, configuration, losses. What the licence of the base asks for holds for the adapter, too.\n";
  const auto widened = std::ranges::find_if(adapters, [](const Adapter& one) { return !one.base_recipe.empty(); });
  if (widened != adapters.end()) {
    text += fmt::format(
        "\n{} is a copy of {} that computes the same and has room for projection layers ({}): `gpiot model derive {} "
        "--widen={}` writes it, with the same hash.\n",
        widened->base, widened->base_parent, widened->base_recipe, widened->base_parent,
        widened->base_recipe.substr(widened->base_recipe.rfind(' ') + 1));
  }
  if (wish.format != "peft") {
    text +=
        fmt::format("\nllama.cpp: `llama-cli -m BASE.gguf --lora {0}`. gpiot: `gpiot synthesize PROJECT --{1} {0}`.\n",
                    adapters.front().file.filename().string(), adapters.front().role);
  }
  if (wish.format == "gguf") return text;
  const auto peft = std::ranges::find_if(adapters, [](const Adapter& one) { return one.projection != "own"; });
  text += peft == adapters.end() ? "\nThere is no form for PEFT: its base would have to be widened as well.\n"
                                 : fmt::format("\nPEFT: `PeftModel.from_pretrained(base, \"peft/{}\")`.\n", peft->role);
  return text;
}

void run(const AppContext& context, const Wish& wish) {
  const auto adapters = adapters_in(wish.place);
  if (adapters.empty()) {
    throw Error(ErrorCode::NotFound, kWhere,
                fmt::format("no adapter with a manifest below {}", base::printable(wish.place)),
                "name the folder 'tuned' that gpiot tune wrote, or an adapter file");
  }
  std::vector<Copy> copies;
  for (const Adapter& adapter : adapters) {
    if (const auto state = state_of_file(adapter); state != "ok") {
      throw Error(
          ErrorCode::Model, kWhere,
          fmt::format("{}: {}, expected the file of its manifest", base::printable(adapter.file.string()), state),
          "'gpiot adapter verify' shows all of them; tune again");
    }
    for (auto& copy : copies_of(adapter, wish)) copies.push_back(std::move(copy));
  }
  const fs::path readme = fs::path(wish.output) / "README.md";
  copies.push_back({"", readme});
  // All names are looked at before the first file is written: nothing of the user's is lost, nothing is half there.
  for (std::size_t i = 0; i < copies.size(); ++i) {
    bool taken = fs::exists(fs::symlink_status(copies[i].to));
    for (std::size_t k = 0; k < i; ++k) taken = taken || copies[k].to == copies[i].to;
    if (taken) {
      throw Error(ErrorCode::InvalidArgument, kWhere,
                  fmt::format("{} is there already, or would be written twice", base::printable(copies[i].to.string())),
                  "take another --output, or name one adapter");
    }
  }
  for (const Copy& copy : copies) {
    if (copy.from.empty()) continue;
    std::error_code failure;
    fs::create_directories(copy.to.parent_path(), failure);
    if (failure) throw base::io_error(kWhere, "cannot make " + copy.to.parent_path().string(), failure.value());
    base::copy_file(copy.from, copy.to, kWhere);
  }
  base::write_file_atomic(readme, read_me(adapters, wish), kWhere);
  if (context.json) {
    for (const Copy& copy : copies) print_json_line({{"kind", "exported"}, {"file", copy.to.string()}});
    return;
  }
  fmt::print("{} adapter{} in {} (README.md says how to load them)\n", adapters.size(), adapters.size() == 1 ? "" : "s",
             base::printable(wish.output));
}

}  // namespace

void register_adapter_export(CLI::App& adapter, AppContext& context) {
  const auto wish = std::make_shared<Wish>();  // shared: the callback outlives this function
  auto* command = adapter.add_subcommand(
      "export",
      "Example: gpiot adapter export tuned --output to-share\n\n"
      "Copies adapters that are what their manifests say into a folder to hand on: GGUF for llama.cpp and gpiot, "
      "safetensors for PEFT, manifests, and how to load them.");
  command->add_option("place", wish->place, "an adapter file, or a folder")->capture_default_str();
  command->add_option("-o,--output", wish->output, "a folder; files that are there are never overwritten")->required();
  command->add_option("--format", wish->format, "gguf, peft or all")
      ->check(CLI::IsMember({"gguf", "peft", "all"}))
      ->capture_default_str();
  command->callback([&context, wish] { run(context, *wish); });
}

}  // namespace gpiot::apps
