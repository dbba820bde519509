#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "gpiot/eval/item_table.h"
#include "gpiot/pipeline/workbench.h"

namespace gpiot::pipeline {

/// The items of the data folder, read in the sandbox once for each workbench; its notes are told to the user then.
/// Errors: NotFound, Data (with the reader's words), Sandbox.
[[nodiscard]] std::shared_ptr<const eval::ItemTable> item_table(const Workbench& bench);

/// Makes the view of some items in `folder`, replacing a former view there: records.json, `test/` with one array for
/// each input, and, for a learned program, `train/` with the same and labels.json. The arrays are written in the
/// sandbox and copied as they are. Errors: Data, Io, Sandbox.
void make_item_view(const Workbench& bench, const eval::ItemTable& table, const std::vector<std::string>& train,
                    const std::vector<std::string>& test, const eval::Truth& truth,
                    const std::filesystem::path& folder);

}  // namespace gpiot::pipeline
