#include "command_model.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>

#include "gpiot/base/error.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/json.h"
#include "gpiot/base/paths.h"
#include "gpiot/base/strings.h"
#include "gpiot/llm/derive.h"
#include "gpiot/models/catalogue.h"
#include "gpiot/models/derived.h"
#include "gpiot/models/resolve.h"
#include "gpiot/models/store.h"
#include "json_line.h"

namespace gpiot::apps {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;
using base::Json;

/// State of the one live line.
struct Line {
  bool terminal = ::isatty(STDERR_FILENO) == 1;
  bool open = false;
  std::chrono::steady_clock::time_point last{};

  void close() {
    if (open) fmt::print(stderr, "\n");
    open = false;
  }
};

void show_progress(Line& line, const models::PullProgress& progress) {
  const bool complete = progress.total_bytes != 0 && progress.done_bytes == progress.total_bytes;
  const auto now = std::chrono::steady_clock::now();
  if (!line.terminal && !complete && now - line.last < std::chrono::seconds(10)) return;
  line.last = now;
  auto text = base::human_bytes(static_cast<double>(progress.done_bytes));
  if (progress.total_bytes != 0) {
    text += fmt::format(" of {} ({} %)", base::human_bytes(static_cast<double>(progress.total_bytes)),
                        100 * progress.done_bytes / progress.total_bytes);
  }
  if (progress.bytes_per_second > 0) text += ", " + base::human_bytes(progress.bytes_per_second) + "/s";
  if (progress.remaining_s > 0) text += ", " + base::human_seconds(progress.remaining_s) + " left";
  if (line.terminal) {
    fmt::print(stderr, "\r\x1b[K  {}", text);
    std::fflush(stderr);
    line.open = true;
    if (complete) line.close();
  } else {
    fmt::print(stderr, "  {}\n", text);
  }
}

bool ask_licence(const AppContext& context, const std::string& model, const std::string& licence) {
  fmt::print(stderr, "{} is under the licence '{}'.\n", model, base::printable(licence));
  if (context.yes) return true;
  if (::isatty(STDIN_FILENO) != 1) return false;
  fmt::print(stderr, "Fetch it under this licence? [y/N] ");
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

/// The words of one `gpiot model` call.
struct ModelArguments {
  std::string name;  ///< alias, hub reference or path
  std::string file;
  std::string new_name;
  std::string format = "q4_0";
  std::uint64_t widen = 0;  ///< by so many columns at least; 0 = another format
  bool copy = false;
};

models::Catalogue load_catalogue() { return models::Catalogue::load(base::installation_root() / "models.toml"); }

std::string size_text(std::uint64_t bytes) { return bytes == 0 ? "?" : base::human_bytes(static_cast<double>(bytes)); }

void print_row(const AppContext& context, const Json& row) {
  if (context.json) return print_json_line(row);
  const auto text = [&](const char* key) { return base::printable(row.value(key, "")); };
  fmt::print("{:<28} {:>9}  {:<11} {:<13} {}\n", text("name"), size_text(row.value("bytes", std::uint64_t{0})),
             text("licence"), text("state"), text("about"));
}

bool is_there(const models::InstalledModel& model) {
  std::error_code failure;
  return fs::is_regular_file(model.path, failure);
}

void list_models(const AppContext& context) {
  const auto catalogue = load_catalogue();
  const auto store = models::Store::of_user();
  if (!context.json) fmt::print("{:<28} {:>9}  {:<11} {:<13} {}\n", "name", "size", "licence", "state", "about");
  for (const auto& entry : catalogue.entries()) {
    const auto kept = store.find(entry.alias);
    const bool here = kept && is_there(*kept);
    print_row(context, {{"kind", "model"},
                        {"name", entry.alias},
                        {"bytes", entry.bytes},
                        {"licence", entry.licence},
                        {"state", here ? "installed" : "to be pulled"},
                        {"about", entry.purpose}});
  }
  for (const auto& model : store.list()) {
    if (catalogue.find(model.name) != nullptr) continue;
    const auto about = model.parent.empty() ? model.path.string() : model.recipe + " of " + model.parent.substr(0, 12);
    print_row(context, {{"kind", "model"},
                        {"name", model.name},
                        {"bytes", model.bytes},
                        {"licence", model.licence},
                        {"state", !is_there(model)       ? "missing"
                                  : model.parent.empty() ? "installed"
                                                         : "derived"},
                        {"about", about}});
  }
}

void print_installed(const AppContext& context, const models::InstalledModel& model) {
  if (context.json) {
    return print_json_line({{"kind", "installed"},
                            {"name", model.name},
                            {"path", model.path.string()},
                            {"bytes", model.bytes},
                            {"sha256", model.sha256},
                            {"source", model.source},
                            {"licence", model.licence},
                            {"parent", model.parent},
                            {"recipe", model.recipe}});
  }
  fmt::print("{}\n", base::printable(model.path.string()));
  fmt::print(stderr, "{}: {}, sha256 {}, {}, from {}\n", model.name, size_text(model.bytes), model.sha256,
             model.licence, base::printable(model.source));
}

/// "ok", "missing" or "changed".
std::string state_on_disk(const models::InstalledModel& model) {
  if (!is_there(model)) return "missing";
  return base::sha256_file(model.path, "model.verify") == model.sha256 ? "ok" : "changed";
}

void verify_models(AppContext& context, const std::string& only) {
  int bad = 0;
  int seen = 0;
  for (const auto& model : models::Store::of_user().list()) {
    context.cancel.throw_if_cancelled("model.verify");
    if (!only.empty() && model.name != only) continue;
    ++seen;
    const auto state = state_on_disk(model);
    if (state != "ok") ++bad;
    if (context.json) {
      print_json_line({{"kind", "verified"}, {"name", model.name}, {"path", model.path.string()}, {"state", state}});
    } else {
      fmt::print("{:<8} {:<28} {}\n", state, base::printable(model.name), base::printable(model.path.string()));
    }
  }
  if (!only.empty() && seen == 0)
    throw Error(ErrorCode::NotFound, "model.verify", "no such installed model: " + base::printable(only),
                "gpiot model list");
  if (bad > 0) {
    throw Error(ErrorCode::Model, "model.verify",
                fmt::format("{} of {} models are not what the lock file says", bad, seen),
                "remove the file, then pull or derive it again");
  }
}

constexpr const char* kTool = "gpiot " GPIOT_VERSION;

void derive(AppContext& context, const ModelArguments& arguments) {
  const auto store = models::Store::of_user();
  const auto parent = models::resolve(store, load_catalogue(), arguments.name);
  if (arguments.widen > 0) {
    const models::WidenOrder order{.name = arguments.new_name, .width = arguments.widen, .tool = kTool};
    return print_installed(context, models::widen(store, parent, order, share_printer(context)));
  }
  auto derivation = models::derivation_of(store, parent, arguments.format, kTool);
  if (!arguments.new_name.empty()) derivation.name = arguments.new_name;
  store.make_folder();
  llm::derive_model(parent.path, derivation.path, arguments.format, share_printer(context));
  print_installed(context, models::record_derived(store, parent, derivation));
}

}  // namespace

std::function<void(double)> share_printer(AppContext& context) {
  return [&context, shown = -1](double share) mutable {
    context.cancel.throw_if_cancelled("model.derive");
    const int tenth = static_cast<int>(share * 10);
    if (tenth == shown) return;
    shown = tenth;
    if (context.json)
      print_json_line({{"kind", "derive"}, {"share", share}});
    else
      fmt::print(stderr, "  {} %\n", tenth * 10);
  };
}

models::PullHooks make_pull_hooks(AppContext& context) {
  const auto line = std::make_shared<Line>();  // shared: the hooks are copied
  models::PullHooks hooks;
  hooks.note = [&context, line](const std::string& text) {
    line->close();
    if (context.json) print_json_line({{"kind", "note"}, {"text", text}});
    fmt::print(stderr, "{}\n", base::printable(text));
  };
  hooks.progress = [&context, line](const models::PullProgress& progress) {
    if (!context.json) return show_progress(*line, progress);
    fmt::print("{}\n", base::dump_json({{"schema", 1},
                                        {"kind", "download"},
                                        {"done_bytes", progress.done_bytes},
                                        {"total_bytes", progress.total_bytes},
                                        {"bytes_per_second", progress.bytes_per_second},
                                        {"remaining_s", progress.remaining_s}}));
    std::fflush(stdout);
  };
  hooks.accept_licence = [&context, line](const std::string& model, const std::string& licence) {
    line->close();
    return ask_licence(context, model, licence);
  };
  return hooks;
}

void register_model_command(CLI::App& app, AppContext& context) {
  auto* model =
      app.add_subcommand("model", "Example: gpiot model pull qwen2.5-coder-1.5b\n\nLanguage models on this machine.");
  model->require_subcommand(1);
  model->fallthrough();
  const auto arguments = std::make_shared<ModelArguments>();  // shared: the callbacks outlive this function

  auto* list =
      model->add_subcommand("list", "Example: gpiot model list\n\nModels that are here, and those that can be pulled.");
  list->callback([&context] { list_models(context); });

  auto* pull = model->add_subcommand("pull",
                                     "Example: gpiot model pull qwen2.5-coder-0.5b\n\nDownloads a model and checks its "
                                     "hash; goes on where it stopped.");
  pull->add_option("name", arguments->name,
                   "alias of `gpiot model list`, or hf.co/owner/repo:file.gguf; default: the default model");
  pull->callback([&context, arguments] {
    const auto done = models::pull(models::Store::of_user(), load_catalogue(), arguments->name,
                                   make_pull_hooks(context), context.cancel);
    print_installed(context, done);
  });

  auto* verify = model->add_subcommand(
      "verify", "Example: gpiot model verify\n\nReads the installed files again and compares their hashes.");
  verify->add_option("name", arguments->name, "only this one");
  verify->callback([&context, arguments] { verify_models(context, arguments->name); });

  auto* add = model->add_subcommand(
      "add", "Example: gpiot model add ~/my-model.gguf --name mine\n\nTakes a GGUF file of yours into the list.");
  add->add_option("file", arguments->file, "the GGUF file")->required();
  add->add_option("--name", arguments->new_name, "its name; default: the file's");
  add->add_flag("--copy", arguments->copy, "copy it to the cache; else it stays where it is");
  add->callback([&context, arguments] {
    print_installed(context, models::add_local(models::Store::of_user(), load_catalogue(), arguments->file,
                                               arguments->new_name, arguments->copy));
  });

  auto* derive_command = model->add_subcommand("derive",
                                               "Example: gpiot model derive qwen2.5-coder-1.5b --format q4_0\n\nWrites "
                                               "a copy in another weight format, or one that computes the same with "
                                               "room for projection layers, with a record of its origin.");
  derive_command->add_option("name", arguments->name, "installed model or GGUF file; default: the default model");
  auto* format = derive_command
                     ->add_option("--format", arguments->format,
                                  "q6-as-q8 (faster batches, the same answers but for rounding), q4_0 or q4_0-h8 (fast "
                                  "batches), q8_0, f16 or f32 "
                                  "(exact comparisons)")
                     ->capture_default_str();
  derive_command
      ->add_flag("--widen{64}", arguments->widen,
                 "instead: the same weights, each FFN padded with zeros by at least 64 (or --widen=N); adapters tuned "
                 "with projection = \"own\" run on it")
      ->check(CLI::Range(1, 65536))
      ->excludes(format);
  derive_command->add_option("--name", arguments->new_name, "name of the copy");
  derive_command->callback([&context, arguments] { derive(context, *arguments); });
}

}  // namespace gpiot::apps
