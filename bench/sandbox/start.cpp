#include "start.h"

#include <fcntl.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>

#include "gpiot/base/error.h"
#include "gpiot/sandbox/descriptor.h"
#include "gpiot/sandbox/spawn.h"

namespace gpiot::bench {
namespace {

const std::vector<std::string> kArguments = {"-c", "pass"};

double ms_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

void run_bare(const std::string& python) {
  const sandbox::Descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  std::vector<std::string> command = {python, "-I", "-B"};  // as the sandbox calls it
  command.insert(command.end(), kArguments.begin(), kArguments.end());
  const pid_t child = sandbox::spawn(command, {nothing.get(), nothing.get(), nothing.get()});
  int status = 0;
  ::waitpid(child, &status, 0);
  if (status != 0) {
    throw base::Error(base::ErrorCode::Sandbox, "bench.sandbox",
                      python + " failed: got wait status " + std::to_string(status) + ", expected 0");
  }
}

void run_inside(sandbox::Sandbox& sandbox) {
  core::RunRequest request;
  request.arguments = kArguments;
  const auto outcome = sandbox.run(request, base::CancelToken());
  if (!outcome.ok()) {
    throw base::Error(base::ErrorCode::Sandbox, "bench.sandbox",
                      "the program failed: got exit code " + std::to_string(outcome.exit_code) + ", expected 0");
  }
}

base::Json spread(std::vector<double> values) {
  std::ranges::sort(values);
  const auto at = [&](double share) {
    return std::round(values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))] * 100) / 100;
  };
  return {{"min", at(0)}, {"median", at(0.5)}, {"p90", at(0.9)}, {"max", at(1)}};
}

}  // namespace

StartTimes measure_starts(sandbox::Sandbox& sandbox, const std::string& python, int rounds) {
  run_bare(python);  // fills the page cache
  run_inside(sandbox);
  StartTimes times;
  const auto bare = [&] { times.bare_ms.push_back(ms_of([&] { run_bare(python); })); };
  const auto inside = [&] { times.sandbox_ms.push_back(ms_of([&] { run_inside(sandbox); })); };
  for (int round = 0; round < rounds; ++round) {
    round % 2 == 0 ? bare() : inside();
    round % 2 == 0 ? inside() : bare();
  }
  return times;
}

base::Json to_json(const StartTimes& times) {
  std::vector<double> over(times.bare_ms.size());
  std::ranges::transform(times.sandbox_ms, times.bare_ms, over.begin(), std::minus());
  return {{"bare_ms", spread(times.bare_ms)}, {"sandbox_ms", spread(times.sandbox_ms)}, {"over_ms", spread(over)}};
}

}  // namespace gpiot::bench
