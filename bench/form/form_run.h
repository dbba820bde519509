#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "form_row.h"
#include "gpiot/agents/prompt_set.h"
#include "gpiot/base/error.h"
#include "gpiot/core/text_generator.h"
#include "progress.h"

namespace gpiot::bench {

struct FormSettings {
  std::uint32_t seed = 1;
  std::size_t workers = 16;  ///< requirements under way at a time, at least 1
};

/// A requirement that could not be measured: the generator or the disk failed, not the roles.
struct FailedRow {
  std::string id;
  base::ErrorCode code;
  std::string message;
};

struct FormRun {
  std::vector<FormRow> rows;      ///< those that are done, in the order of the list
  std::vector<FailedRow> failed;  ///< in the order in which they failed
  bool cancelled = false;         ///< rows are missing for that
  int joined_calls = 0;           ///< of the generator
  double wall_s = 0;
};

/// Hears each row as soon as it is done, from its worker's thread, before the row counts as done.
using RowKeeper = std::function<void(FormRow&)>;

/// Makes the rows of `list`: workers take the requirements in order and decode in lockstep (gathering_generator.h), so
/// that the same list, settings and generator give the same rows. A cancelled run gives what is done. Throws nothing
/// of its own; an error that `keep` throws fails that row.
[[nodiscard]] FormRun run_form(core::TextGenerator& generator, const agents::PromptSet& prompts,
                               std::span<const ListedRequirement> list, const FormSettings& settings,
                               const RowKeeper& keep, Progress& progress, const base::CancelToken& cancel);

}  // namespace gpiot::bench
