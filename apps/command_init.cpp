#include "command_init.h"

#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <memory>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/paths.h"
#include "gpiot/base/strings.h"
#include "gpiot/pipeline/from_text.h"
#include "gpiot/project/requirement_checks.h"
#include "gpiot/project/requirement_file.h"
#include "progress_printer.h"
#include "sandbox_use.h"

namespace gpiot::apps {
namespace {

namespace fs = std::filesystem;

struct InitOptions {
  pipeline::DraftWishes wishes;
  std::string output;
  std::string sandbox = "auto";
};

/// One look at the data, of which several drafts can be made.
base::Json look(const pipeline::DraftWishes& wishes, const std::string& sandbox_level, const AppContext& context) {
  const auto sandbox = make_sandbox(sandbox_level, ProgressPrinter(context.json));
  return pipeline::look_at_data(*sandbox, base::installation_root() / "runtime", wishes.data, context.cancel);
}

/// An answer of the user; the empty one keeps `now`.
std::string ask(const std::string& question, const std::string& now) {
  fmt::print(stderr, "{} [{}]: ", question, now.empty() ? "none" : now);
  std::string line;
  if (!std::getline(std::cin, line) || base::trim(line).empty()) return now;
  return base::trim(line);
}

/// Asks for what was only guessed; leaves alone what the options say.
void ask_about(const core::Requirement& draft, pipeline::DraftWishes& wishes) {
  if (wishes.result.empty()) wishes.result = ask("What is wanted: events, class or value?", draft.result.kind);
  const auto& labels = draft.labels;
  const auto label = !labels.key.empty() ? labels.key : !labels.column.empty() ? labels.column : labels.pattern;
  if (wishes.label.empty()) {
    const auto said = ask("Where are the labels (key, column or pattern of the file names)?", label);
    wishes.label = said.empty() ? "" : said == label ? "" : said;
  }
  if (wishes.subject.empty()) {
    const auto said = ask("Which key or column names the subject?", draft.split.subject);
    wishes.subject = said == draft.split.subject ? "" : said;
  }
  if (wishes.rate_hz == 0) {
    wishes.rate_hz = std::strtod(ask("Sampling rate in Hz?", fmt::format("{:g}", draft.data.rate_hz)).c_str(), nullptr);
  }
}

int run_init(InitOptions options, const AppContext& context) {
  auto& wishes = options.wishes;
  project::check_statement(base::trim(wishes.statement), "the requirement");
  const fs::path project = options.output.empty() ? pipeline::project_name(wishes.statement) : options.output;
  const auto file = project / "requirement.md";
  std::error_code failure;
  if (fs::exists(file, failure)) {
    throw base::Error(base::ErrorCode::InvalidArgument, "gpiot.init",
                      "the project has a requirement already: got " + file.string() + ", expected none",
                      "edit it, or choose another folder with -o");
  }
  const auto seen = look(wishes, options.sandbox, context);
  auto draft = pipeline::draft_requirement(seen, wishes);
  const bool person = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1 && !context.yes && !context.json;
  if (person && !draft.guesses.empty()) {
    for (const auto& fact : draft.facts) fmt::print(stderr, "read: {}\n", fact);
    ask_about(draft.requirement, wishes);
    draft = pipeline::draft_requirement(seen, wishes);
  }
  const auto text = pipeline::to_markdown(draft);
  (void)project::parse_requirement(text);  // nothing is left behind that cannot be read again
  base::write_file_atomic(file, text, "gpiot.init");
  if (context.json) {
    fmt::print("{}\n", base::dump_json({{"schema", 1},
                                        {"kind", "requirement"},
                                        {"file", file.string()},
                                        {"facts", draft.facts},
                                        {"guesses", draft.guesses}}));
    return 0;
  }
  for (const auto& fact : draft.facts) fmt::print("read from the files: {}\n", fact);
  for (const auto& guess : draft.guesses) fmt::print("guessed, please check: {}\n", guess);
  fmt::print("{}\nnext: look at it, then gpiot synthesize {}\n", file.string(), project.string());
  return 0;
}

}  // namespace

pipeline::Draft draft_from_data(const pipeline::DraftWishes& wishes, const std::string& sandbox_level,
                                const AppContext& context) {
  return pipeline::draft_requirement(look(wishes, sandbox_level, context), wishes);
}

void register_init_command(CLI::App& app, AppContext& context) {
  auto options = std::make_shared<InitOptions>();
  auto& wishes = options->wishes;
  auto* command =
      app.add_subcommand("init",
                         "Example: gpiot init \"Tell what the person does\" --data recordings -o activity\n\n"
                         "Looks at a data folder and writes requirement.md: shapes, rates, labels, parts.");
  command->add_option("statement", wishes.statement, "the requirement in words")->required();
  command->add_option("--data", wishes.data, "data folder")->required();
  command->add_option("-o,--output", options->output, "project folder to make");
  command->add_option("--result", wishes.result, "events, class, value or position")
      ->check(CLI::IsMember({"events", "class", "value", "position"}));
  command->add_option("--label", wishes.label, "key, column or pattern with the labels, or none");
  command->add_option("--subject", wishes.subject, "key or column that names the subject, or none");
  command->add_option("--files", wishes.files, "pattern of the files to use, where the folder holds several kinds");
  command->add_option("--rate", wishes.rate_hz, "sampling rate in Hz")->check(CLI::PositiveNumber);
  add_sandbox_option(command, options->sandbox);
  command->get_option("--sandbox")->envname("GPIOT_SANDBOX");
  command->callback([options, &context] { context.exit_status = run_init(*options, context); });
}

}  // namespace gpiot::apps
