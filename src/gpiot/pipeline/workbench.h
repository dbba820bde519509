#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "gpiot/agents/prompt_set.h"
#include "gpiot/agents/stage_record.h"
#include "gpiot/core/program.h"
#include "gpiot/core/program_runner.h"
#include "gpiot/core/reference_source.h"
#include "gpiot/core/text_generator.h"
#include "gpiot/eval/item_table.h"
#include "gpiot/pipeline/events.h"
#include "gpiot/project/project_state.h"

namespace gpiot::pipeline {

/// What the user may choose per call.
struct Options {
  int plans = 6;        ///< asked for by one decomposition
  int plans_tried = 3;  ///< of them worked out at most, while none reaches the requirement's thresholds
  int samples = 6;      ///< per sub-task
  std::uint32_t seed = 1;
  int repair_rounds = 2;
  double temperature = 0.6;
  double excerpt_s = 120;  ///< of each development record, for choosing; the measurement uses whole records
  bool calibrate = true;
  bool own_functions = true;  ///< functions of gpiot's own stand beside the model's samples (own_functions.h)
};

/// Samples of each development record that choosing runs on, at `rate_hz`: `excerpt_s`, and more where that is little
/// work. 120 s of a meter that is read every 10 s are 12 readings, in which nothing happens.
[[nodiscard]] std::int64_t excerpt_samples(const Options& options, double rate_hz);

/// The stages in order; `kStages` is the visible list.
enum class Stage { Decompose, Specify, Generate, Assemble, Run, Repair, Final };
struct StageInfo {
  Stage stage;
  std::string_view name;
  std::string_view purpose;
};
[[nodiscard]] const std::vector<StageInfo>& stage_list();
/// Errors: InvalidArgument listing the names.
[[nodiscard]] Stage stage_of(std::string_view name);

/// Who answers in each of the paper's roles: one base with an adapter each, or the base alone in all of them.
struct Roles {
  core::TextGenerator* tdslm = nullptr;  ///< decompose
  core::TextGenerator* rtslm = nullptr;  ///< specify: always the base
  core::TextGenerator* cgslm = nullptr;  ///< generate, repair
  [[nodiscard]] bool none() const { return rtslm == nullptr; }
};

/// Everything the stages work with; built by the application and handed down.
struct Workbench {
  std::filesystem::path project;
  std::filesystem::path runtime;  ///< folder of our Python scripts
  core::Requirement requirement;
  std::string requirement_sha256;
  project::ProjectState& state;
  Roles roles;  ///< null for stages that need no model, and where gpiot's own plan is all that is wanted
  core::ProgramRunner* runner = nullptr;  ///< null for stages that run nothing
  const agents::PromptSet& prompts;
  Options options;
  EventSink sink;
  base::CancelToken& cancel;
  core::ReferenceSource* references = nullptr;  ///< null: nothing is quoted from documentation
  /// The items of the data folder once they are read (item_view.h); shared by copies of this workbench.
  std::shared_ptr<std::shared_ptr<const eval::ItemTable>> items =
      std::make_shared<std::shared_ptr<const eval::ItemTable>>();

  void say(std::string stage, std::string kind, std::string message, base::Json facts = base::Json::object()) const {
    if (sink) sink({std::move(stage), std::move(kind), std::move(message), std::move(facts)});
  }
};

/// The sub-tasks as they are on disk, edited or not. Errors: NotFound; Format naming the line.
[[nodiscard]] std::vector<core::SubTask> load_subtasks(const Workbench& bench);
/// The specifications of those sub-tasks, in order, and the hash over their files. Errors: NotFound, Format, Check
/// when the chain does not hold.
[[nodiscard]] std::vector<core::Specification> load_specs(const Workbench& bench, std::string* sha256 = nullptr);
/// Hash over what the specifications are made from.
[[nodiscard]] std::string specs_input(const Workbench& bench, const std::vector<core::SubTask>& subtasks);
/// "specs/01-name.md".
[[nodiscard]] std::string spec_file(std::size_t index, const core::SubTask& subtask);

/// Appends to `.gpiot/answers.jsonl`: prompt hash, seed, tokens, model and raw text of an answer. Errors: Io.
void keep_record(const Workbench& bench, std::string_view stage, const core::TextGenerator& by,
                 const agents::StageRecord& record);

void run_decompose(Workbench& bench);
void run_specify(Workbench& bench);
/// Samples all sub-tasks, checks every candidate, chooses and calibrates by running on the development part.
void run_generate(Workbench& bench);
void run_assemble(Workbench& bench);

}  // namespace gpiot::pipeline
