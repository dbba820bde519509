#include "gpiot/pipeline/workbench.h"

#include <fmt/format.h>

#include <algorithm>

#include "gpiot/agents/spec_text.h"
#include "gpiot/agents/subtask_text.h"
#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"

namespace gpiot::pipeline {

const std::vector<StageInfo>& stage_list() {
  static const std::vector<StageInfo> stages = {
      {Stage::Decompose, "decompose", "requirement.md -> subtasks.md"},
      {Stage::Specify, "specify", "subtasks.md -> specs/*.md, checked as a chain"},
      {Stage::Generate, "generate", "specs/*.md -> candidates, filtered, chosen and calibrated by running"},
      {Stage::Assemble, "assemble", "the chosen functions -> app/"},
      {Stage::Run, "run", "app/ in the sandbox on the development part, measured"},
      {Stage::Repair, "repair", "feeds back what failed, keeps the best version"},
      {Stage::Final, "final", "app/ once on the final part: the result"},
  };
  return stages;
}

std::int64_t excerpt_samples(const Options& options, double rate_hz) {
  constexpr std::int64_t kLeast = 20000;
  return rate_hz <= 0 ? 0 : std::max(kLeast, static_cast<std::int64_t>(options.excerpt_s * rate_hz));
}

Stage stage_of(std::string_view name) {
  std::string known;
  for (const auto& stage : stage_list()) {
    if (stage.name == name) return stage.stage;
    known += (known.empty() ? "" : ", ") + std::string(stage.name);
  }
  throw base::Error(base::ErrorCode::InvalidArgument, "pipeline.stage",
                    fmt::format("unknown stage: got '{}', expected one of {}", name, known));
}

std::string spec_file(std::size_t index, const core::SubTask& subtask) {
  return fmt::format("specs/{:02}-{}.md", index + 1, subtask.identifier);
}

std::vector<core::SubTask> load_subtasks(const Workbench& bench) {
  const auto path = bench.project / "subtasks.md";
  auto parsed = agents::parse_subtasks(base::read_file(path, "pipeline.load"));
  if (!parsed.ok()) {
    throw base::Error(base::ErrorCode::Format, "pipeline.load",
                      fmt::format("{}:{}: {}", path.string(), parsed.line, parsed.problem),
                      "mend the file, or run 'gpiot decompose' again");
  }
  return std::move(*parsed.value);
}

std::vector<core::Specification> load_specs(const Workbench& bench, std::string* sha256) {
  std::vector<core::Specification> specs;
  std::string all;
  const auto subtasks = load_subtasks(bench);
  for (std::size_t i = 0; i < subtasks.size(); ++i) {
    const auto path = bench.project / spec_file(i, subtasks[i]);
    const auto text = base::read_file(path, "pipeline.load");
    auto parsed = agents::parse_specification(text);
    if (!parsed.ok()) {
      throw base::Error(base::ErrorCode::Format, "pipeline.load",
                        fmt::format("{}:{}: {}", path.string(), parsed.line, parsed.problem));
    }
    specs.push_back(std::move(*parsed.value));
    specs.back().subtask.identifier = subtasks[i].identifier;
    all += base::sha256_hex(text);
  }
  if (sha256 != nullptr) *sha256 = base::sha256_hex(all);
  return specs;
}

void keep_record(const Workbench& bench, std::string_view stage, const core::TextGenerator& by,
                 const agents::StageRecord& record) {
  const auto identity = by.identity();
  const base::Json line = {{"stage", stage},
                           {"prompt", record.prompt},
                           {"prompt_sha256", record.prompt_sha256},
                           {"seed", record.seed},
                           {"temperature", record.temperature},
                           {"prompt_tokens", record.prompt_tokens},
                           {"completion_tokens", record.completion_tokens},
                           {"model", identity.name},
                           {"model_sha256", identity.model_sha256},
                           {"adapter", identity.adapter},
                           {"adapter_sha256", identity.adapter_sha256},
                           {"answer", record.raw}};
  base::append_line(bench.project / ".gpiot" / "answers.jsonl", base::dump_json(line), "pipeline.record");
}

}  // namespace gpiot::pipeline
