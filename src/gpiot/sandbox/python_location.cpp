#include "gpiot/sandbox/python_location.h"

#include "gpiot/base/error.h"

namespace gpiot::sandbox {
namespace {

namespace fs = std::filesystem;

/// The installation a real interpreter belongs to: /opt/py/bin/python3.11 -> /opt/py.
void add_prefix(std::vector<fs::path>& prefixes, const fs::path& interpreter) {
  const auto prefix = interpreter.parent_path().parent_path();
  if (prefix == "/usr" || prefix == "/" || prefix.string().starts_with("/usr/")) return;
  for (const auto& known : prefixes) {
    if (known == prefix) return;
  }
  prefixes.push_back(prefix);
}

}  // namespace

PythonLocation locate_python(const fs::path& environment, const fs::path& system_python) {
  PythonLocation found;
  const auto interpreter = environment.empty() ? system_python : environment / "bin" / "python";
  std::error_code failure;
  const auto real = fs::canonical(interpreter, failure);
  if (failure) {
    throw base::Error(
        base::ErrorCode::Sandbox, "sandbox.python",
        "no Python interpreter: got none at " + interpreter.string() + ", expected an executable",
        environment.empty() ? "apt-get install python3" : "run the gpiot launcher once: it builds the environment");
  }
  if (environment.empty()) {
    found.inside = found.outside = real.string();
    add_prefix(found.prefixes, real);
    return found;
  }
  found.inside = "/venv/bin/python";
  found.environment = fs::canonical(environment);
  found.outside = (found.environment / "bin" / "python").string();
  // A link of the environment may name the interpreter by another path than its real one: both must exist inside.
  auto step = interpreter;
  for (int hops = 0; hops < 8 && fs::is_symlink(step, failure); ++hops) {
    const auto target = fs::read_symlink(step, failure);
    step = (target.is_absolute() ? target : step.parent_path() / target).lexically_normal();
    if (step.parent_path() != interpreter.parent_path()) add_prefix(found.prefixes, step);
  }
  if (!real.string().starts_with(found.environment.string() + "/")) add_prefix(found.prefixes, real);
  return found;
}

}  // namespace gpiot::sandbox
