#include "command_doctor.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "gpiot/base/error.h"
#include "gpiot/base/json.h"
#include "gpiot/base/paths.h"
#include "gpiot/base/strings.h"
#include "gpiot/sandbox/escape_suite.h"
#include "gpiot/sandbox/sandbox.h"

namespace gpiot::apps {
namespace {

namespace fs = std::filesystem;

/// Ends of the doctor that mean "not fit", as for ErrorCode::Sandbox.
constexpr int kUnfit = 4;

/// Prints a version for each package that the generated programs may import; fails where one is missing.
constexpr const char* kPackages = R"(
import importlib, sys
names = ['numpy', 'scipy', 'pandas', 'sklearn', 'matplotlib', 'pywt']
missing = []
for name in names:
    try:
        print(name, importlib.import_module(name).__version__, end='  ')
    except ImportError:
        missing.append(name)
if missing:
    sys.exit('missing: ' + ', '.join(missing))
)";

/// Prints checks and remembers whether all were well.
class Doctor {
 public:
  Doctor(bool json, const base::CancelToken& cancel) : json_(json), cancel_(cancel) {}

  void say(const std::string& check, bool good, const std::string& detail, const std::string& remedy = {}) {
    healthy_ = healthy_ && good;
    if (json_) {
      event({{"kind", "check"}, {"check", check}, {"ok", good}, {"detail", detail}, {"remedy", remedy}});
      return;
    }
    fmt::print("{:<8} {:<20} {}\n", good ? "ok" : "FAILED", check, base::printable(detail));
    if (!remedy.empty()) fmt::print("{:<8} {:<20} what to do: {}\n", "", "", remedy);
    std::fflush(stdout);
  }

  /// True when the sandbox can be used.
  bool check_sandbox(sandbox::Sandbox& sandbox) {
    try {
      const auto& facts = sandbox.self_test();
      say("sandbox", true, facts.means);
      if (!facts.warning.empty()) say("warning", true, facts.warning, "apt-get install bubblewrap");
      say("sandbox level", true,
          facts.level == "A" ? "A (all namespaces, no network, unprivileged user)"
                             : "B (Landlock, no network; no namespaces: see docs/decisions/0006-level-b.md)");
      say("seccomp", true,
          facts.level == "A" ? "on: allow-list of calls, local sockets only" : "on: allow-list of calls, no sockets");
      say("control groups", true, facts.cgroups + "; memory by " + facts.memory_method);
      say("python", true, facts.python_version);
      return true;
    } catch (const base::Error& error) {
      say("sandbox", false, error.what(), error.remedy());
      return false;
    }
  }

  void check_packages(sandbox::Sandbox& sandbox, const fs::path& environment) {
    if (!fs::exists(environment / "bin" / "python")) {
      say("python environment", false, "none at " + environment.string(),
          "run the gpiot launcher once: it builds the environment");
      return;
    }
    core::RunRequest request;
    request.arguments = {"-c", kPackages};
    const auto outcome = sandbox.run(request, cancel_);
    cancel_.throw_if_cancelled("doctor.packages");
    const auto detail = base::trim(outcome.ok() ? outcome.stdout_text : outcome.stderr_text);
    say("python packages", outcome.ok(), detail,
        outcome.ok() ? "" : "delete " + environment.string() + " and run the launcher: it builds it anew");
  }

  void check_folders() {
    const auto cache = base::user_paths().cache;
    auto present = cache;
    std::error_code failure;
    while (!fs::exists(present, failure) && present.has_relative_path()) present = present.parent_path();
    const auto space = fs::space(present, failure);
    const bool enough = !failure && space.available > (4ULL << 30);
    say("disk", enough, base::human_bytes(static_cast<double>(space.available)) + " free at " + present.string(),
        enough ? "" : "free some space: a model needs 1 to 4 GB");
    const auto models = cache / "models";
    std::uintmax_t bytes = 0;
    if (fs::exists(models, failure)) {
      for (const auto& entry : fs::recursive_directory_iterator(models, failure)) {
        if (entry.is_regular_file(failure)) bytes += entry.file_size(failure);
      }
    }
    say("models", true,
        models.string() + ", " +
            (bytes == 0 ? "none yet: the first use fetches one" : base::human_bytes(static_cast<double>(bytes))));
  }

  void try_to_escape(sandbox::Sandbox& sandbox) {
    if (!json_) fmt::print("\n");
    level_ = sandbox.self_test().level;
    sandbox::EscapeOptions options;
    options.on_result = [this](const sandbox::EscapeResult& result) { show(result); };
    const auto report =
        sandbox::run_escape_suite(sandbox, base::installation_root() / "runtime" / "escape", cancel_, options);
    using enum sandbox::EscapeVerdict;
    healthy_ = healthy_ && report.all_held();
    if (json_) {
      event({{"kind", "escape_total"},
             {"level", report.level},
             {"attempts", report.results.size()},
             {"blocked", report.count(Blocked)},
             {"contained", report.count(Contained)},
             {"escaped", report.count(Escaped)},
             {"known_gaps", sandbox::known_gaps(report.level).size()},
             {"errors", report.count(Error)}});
      return;
    }
    fmt::print("\n{}: {} of {} blocked or contained ({} blocked, {} contained, {} escaped, {} without an answer)\n",
               report.level, report.held(), report.results.size(), report.count(Blocked), report.count(Contained),
               report.count(Escaped), report.count(Error));
    for (const auto& result : report.results) {
      const auto* gap = sandbox::known_gap(report.level, result);
      if (gap != nullptr) fmt::print("not stopped at level {}: {}: {}\n", report.level, gap->attempt, gap->why);
    }
  }

  [[nodiscard]] int status() const { return healthy_ ? 0 : kUnfit; }

 private:
  void show(const sandbox::EscapeResult& result) {
    const std::string verdict(sandbox::name(result.verdict));
    const auto* gap = sandbox::known_gap(level_, result);
    if (json_) {
      event({{"kind", "escape"},
             {"group", result.group},
             {"name", result.name},
             {"verdict", verdict},
             {"known_gap", gap == nullptr ? base::Json() : base::Json(gap->why)},
             {"detail", result.detail}});
      return;
    }
    auto detail = base::replace_all(base::printable(result.detail), "\n", " ");
    if (detail.size() > 76) detail = base::printable(detail.substr(0, 73)) + "...";
    fmt::print("{:<10} {:<12} {:<28} {}\n", verdict, result.group, result.name, detail);
    std::fflush(stdout);
  }

  void event(const base::Json& facts) {
    base::Json whole = {{"schema", 1}};
    whole.update(facts);
    fmt::print("{}\n", base::dump_json(whole));
    std::fflush(stdout);
  }

  bool json_;
  const base::CancelToken& cancel_;
  std::string level_;  ///< of the escape suite
  bool healthy_ = true;
};

}  // namespace

int run_doctor(bool escape, const std::string& level, bool json, base::CancelToken& cancel) {
  Doctor doctor(json, cancel);
  const auto environment = base::python_environment();
  sandbox::SandboxOptions options;
  // Without the environment the sandbox itself can still be judged, with the system's Python.
  if (fs::exists(environment / "bin" / "python")) options.python_environment = environment;
  options.level = sandbox::level_choice(level);
  sandbox::Sandbox sandbox(options);
  const bool usable = doctor.check_sandbox(sandbox);
  if (usable) doctor.check_packages(sandbox, environment);
  doctor.check_folders();
  if (usable && escape) doctor.try_to_escape(sandbox);
  return doctor.status();
}

}  // namespace gpiot::apps
