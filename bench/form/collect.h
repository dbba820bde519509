#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "form_run.h"
#include "work_folder.h"

namespace gpiot::bench {

struct CollectSettings {
  FormSettings form;
  int parallel = 16;   ///< of the generator; for the report
  std::string commit;  ///< goes into each row
  bool texts = false;  ///< write the plans and specifications as files into the work folder
};

/// Everything that a report is made of.
struct Collected {
  std::vector<FormRow> rows;  ///< kept ones and new ones, in the order of the list
  std::vector<FailedRow> failed;
  bool cancelled = false;
  std::vector<base::Json> sessions;  ///< of all starts that the work folder knows, and this one
};

using GeneratorMaker = std::function<std::unique_ptr<core::TextGenerator>()>;

/// Takes from `work` (may be null) the rows that are done and makes the others. `make_generator` is called where there
/// is something to make. Errors: Io; those of `make_generator`.
[[nodiscard]] Collected collect(std::span<const ListedRequirement> list, const WorkFolder* work,
                                const CollectSettings& settings, const agents::PromptSet& prompts,
                                const GeneratorMaker& make_generator, const Progress::Sink& sink,
                                const base::CancelToken& cancel);

}  // namespace gpiot::bench
