#pragma once

#include <filesystem>
#include <vector>

#include "gpiot/eval/labels.h"
#include "gpiot/eval/record_facts.h"
#include "gpiot/pipeline/workbench.h"

namespace gpiot::pipeline {

/// Which items a run is measured on.
enum class Part {
  Development,  ///< for choosing and repair; a learned program learns from some of these items and is measured on
                ///< others
  Choosing,  ///< fewer items of the development part, for the many runs of a choice; the same where nothing is learned
  Final,     ///< run once at the end; a learned program learns from the whole development part
};

/// The items of one part: what the program sees, and what is withheld from it.
struct PartData {
  std::filesystem::path view;              ///< folder for the program to read, made anew beneath `.gpiot/views/`
  std::vector<eval::RecordFacts> records;  ///< the items to answer
  eval::Truth truth;
};

/// Makes the view of a part and reads its truth. Foreign files are read in the sandbox (runtime/table.py), never by the
/// host. Errors: those of eval (NotFound, Data, Unsupported, Capacity, Io); Data with the reader's words.
[[nodiscard]] PartData make_part(const Workbench& bench, Part part);

/// Whether Part::Choosing has fewer items to learn from or to answer than Part::Development. Errors: as make_part.
[[nodiscard]] bool choice_has_fewer(const Workbench& bench);

/// Checks that both parts can be read and have labels where the requirement says so, without making a view of files
/// that the host reads itself. Errors: as make_part.
void check_parts(const Workbench& bench);

}  // namespace gpiot::pipeline
