// gpiot-bench-sandbox: what the start and end of a sandbox cost over bare Python. JSON on stdout.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "gpiot/base/error.h"
#include "gpiot/base/paths.h"
#include "machine.h"
#include "start.h"

int main(int argc, char** argv) {
  CLI::App app(
      "Example: gpiot-bench-sandbox --rounds 100 > sandbox.json\n\n"
      "Wall time of a Python program that does nothing, bare and in the sandbox, in turns.");
  int rounds = 100;
  app.add_option("--rounds", rounds, "pairs to measure")->capture_default_str()->check(CLI::Range(1, 10'000));
  CLI11_PARSE(app, argc, argv);
  try {
    gpiot::sandbox::SandboxOptions options;
    options.python_environment = gpiot::base::python_environment();
    gpiot::sandbox::Sandbox sandbox(options);
    const auto facts = sandbox.self_test();
    const auto python = (options.python_environment / "bin" / "python3").string();
    const auto times = gpiot::bench::measure_starts(sandbox, python, rounds);
    double load = 0;
    if (::getloadavg(&load, 1) != 1) load = -1;
    gpiot::base::Json report = {{"bench", "sandbox start"},
                                {"commit", gpiot::bench::built_from().name()},
                                {"machine", gpiot::bench::machine_name()},
                                {"load_1min", load},
                                {"rounds", rounds},
                                {"sandbox", facts.means},
                                {"cgroups", facts.cgroups},
                                {"python", facts.python_version},
                                {"goal", "median of over_ms at most 20"}};
    report.update(to_json(times));
    fmt::print("{}\n", report.dump(1));
  } catch (const gpiot::base::Error& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return gpiot::base::info(error.code()).exit_status;
  }
}
