#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>
#include <sstream>
#include <vector>

#include "app_context.h"
#include "command_accept.h"
#include "command_adapter.h"
#include "command_doctor.h"
#include "command_init.h"
#include "command_knowledge.h"
#include "command_model.h"
#include "command_project.h"
#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/llm/waiting.h"
#include "program_end.h"
#include "settings.h"

namespace {

/// Descriptions begin with an example; the list of commands shows what follows it.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_subcommand(const CLI::App* command) const override {
    const auto whole = command->get_description();
    const auto gap = whole.find("\n\n");
    std::ostringstream line;
    CLI::detail::format_help(line, command->get_display_name(true),
                             gap == std::string::npos ? whole : whole.substr(gap + 2), column_width_);
    return line.str();
  }
};

/// `gpiot tune` is a program of its own beside this one, so that LibTorch is loaded by it alone.
int start_tune(int argc, char** argv, int word) {
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path() / "gpiot-tune";
  std::vector<char*> arguments = {argv[0]};
  for (int i = 1; i < argc; ++i) {
    if (i != word) arguments.push_back(argv[i]);
  }
  arguments.push_back(nullptr);
  ::execv(program.c_str(), arguments.data());
  gpiot::apps::print_error(
      gpiot::base::Error(gpiot::base::ErrorCode::NotFound, "gpiot.tune", program.string() + " is not there",
                         "./gpiot tune builds it at its first start (LibTorch, 192 MB)"),
      false);
  return gpiot::base::info(gpiot::base::ErrorCode::NotFound).exit_status;
}

/// Where the first word stands that is no flag; 0 where there is none.
int first_word(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (argv[i][0] != '-') return i;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (const int word = first_word(argc, argv); word > 0 && std::string_view(argv[word]) == "tune") {
    return start_tune(argc, argv, word);
  }
  gpiot::llm::sleep_while_waiting(argv);
  gpiot::apps::AppContext context;
  gpiot::apps::cancel_on_signals(context.cancel);
  std::signal(SIGPIPE, SIG_IGN);

  CLI::App app(
      "Example: gpiot synthesize examples/heartbeat-detection\n\n"
      "Turns an IoT requirement into a tested, documented Python application, on this machine.",
      "gpiot");
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_version_flag("--version", "gpiot " GPIOT_VERSION);
  app.add_flag("--json", context.json, "one JSON event per line on stdout");
  app.add_flag("--yes", context.yes, "answer every question with yes");
  app.require_subcommand(1);
  app.fallthrough();
  gpiot::apps::register_init_command(app, context);
  gpiot::apps::register_project_commands(app, context);
  gpiot::apps::register_model_command(app, context);
  gpiot::apps::register_adapter_command(app, context);
  gpiot::apps::register_accept_command(app, context);
  gpiot::apps::register_knowledge_command(app, context);
  app.add_subcommand(
      "tune",
      "Example: gpiot tune examples/tiny-tune\n\nTrains the adapters of decompose and generate together on "
      "records; gpiot tune --help has more.");  // for the list of commands: start_tune was there before
  bool escape = false;
  std::string level = "auto";
  auto* doctor = app.add_subcommand("doctor",
                                    "Example: gpiot doctor --escape --level B\n\nChecks this machine; with --escape "
                                    "runs the escape suite of the sandbox.");
  doctor->add_flag("--escape", escape, "try to break out of the sandbox in every known way");
  doctor->add_option("--level", level, "of the sandbox: auto (the one in use), A or B")
      ->envname("GPIOT_SANDBOX")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "A", "B"}));
  doctor->callback([&] { context.exit_status = gpiot::apps::run_doctor(escape, level, context.json, context.cancel); });
  std::vector<gpiot::apps::Setting> settings;
  gpiot::apps::register_config_command(app, settings, context.json);
  gpiot::apps::register_shell_commands(app);

  try {
    settings = gpiot::apps::bind_settings(app, {argv + 1, argv + std::max(1, argc)});
    app.parse(argc, argv);
    return context.exit_status;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : gpiot::base::info(gpiot::base::ErrorCode::InvalidArgument).exit_status;
  } catch (const gpiot::base::Error& error) {
    gpiot::apps::print_error(error, context.json);
    return gpiot::base::info(error.code()).exit_status;
  } catch (const std::filesystem::filesystem_error& error) {
    const auto problem = "cannot use " + error.path1().string();
    gpiot::apps::print_error(gpiot::base::io_error("gpiot.files", problem, error.code().value()), context.json);
    return gpiot::base::info(gpiot::base::ErrorCode::Io).exit_status;
  } catch (const std::exception& error) {
    gpiot::apps::print_error(gpiot::base::Error(gpiot::base::ErrorCode::Internal, "gpiot.main", error.what(),
                                                "this is a fault of gpiot: please report it"),
                             context.json);
    return 1;
  }
}
