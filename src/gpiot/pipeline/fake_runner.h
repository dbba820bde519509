#pragma once

#include <functional>

#include "gpiot/base/json.h"
#include "gpiot/core/program_runner.h"

namespace gpiot::pipeline {

/// A ProgramRunner without programs, for tests: a function makes the answer of our scripts from their job.
class FakeRunner : public core::ProgramRunner {
 public:
  using Answer = std::function<base::Json(const std::string& script, const base::Json& job)>;
  explicit FakeRunner(Answer answer) : answer_(std::move(answer)) {}

  [[nodiscard]] core::RunOutcome run(const core::RunRequest& request, const base::CancelToken&) override {
    ++runs;
    core::RunOutcome outcome;
    const auto job = base::parse_json(request.stdin_text, "test.run", "job");
    outcome.files["answer.json"] = base::dump_json(answer_(request.arguments.front(), job));
    return outcome;
  }

  int runs = 0;

 private:
  Answer answer_;
};

}  // namespace gpiot::pipeline
