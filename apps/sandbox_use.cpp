#include "sandbox_use.h"

#include "gpiot/base/paths.h"

namespace gpiot::apps {

void add_sandbox_option(CLI::App* command, std::string& level) {
  command
      ->add_option("--sandbox", level,
                   "level of the sandbox: A (bubblewrap), B (Landlock); auto: A, or B with a warning")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "A", "B"}));
}

std::unique_ptr<sandbox::Sandbox> make_sandbox(const std::string& level, const pipeline::EventSink& sink) {
  sandbox::SandboxOptions options;
  options.python_environment = base::python_environment();
  options.level = sandbox::level_choice(level);
  auto sandbox = std::make_unique<sandbox::Sandbox>(options);
  const auto& facts = sandbox->self_test();
  if (!facts.warning.empty()) {
    sink({"sandbox", "warning", "warning: " + facts.warning, {{"level", facts.level}, {"means", facts.means}}});
  }
  return sandbox;
}

}  // namespace gpiot::apps
