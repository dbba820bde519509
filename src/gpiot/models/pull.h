#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "gpiot/base/cancel.h"
#include "gpiot/models/catalogue.h"
#include "gpiot/models/resolve.h"
#include "gpiot/models/store.h"

namespace gpiot::models {

struct PullProgress {
  std::uint64_t done_bytes = 0;
  std::uint64_t total_bytes = 0;  ///< 0 while not known
  double bytes_per_second = 0;    ///< since this run began
  double remaining_s = -1;        ///< -1 while not known
};

/// How a pull talks. All may be empty but `accept_licence`, without which only Apache-2.0 and MIT are pulled.
struct PullHooks {
  std::function<void(const std::string& text)> note;  ///< which source is used, and why another one was left
  std::function<void(const PullProgress&)> progress;  ///< at most five times a second
  std::function<bool(const std::string& model, const std::string& licence)> accept_licence;
};

/// Brings a model here by alias or hub reference: from the hub first, then from the catalogue's mirror. Whatever was
/// fetched before is continued. A file whose hash is not the pinned one is removed. Returns at once when the model is
/// there. Two pulls of one file wait for each other.
/// Errors: NotFound, InvalidArgument (licence not accepted), Unsupported, Download, Io, Cancelled.
InstalledModel pull(const Store& store, const Catalogue& catalogue, const std::string& name, const PullHooks& hooks,
                    const base::CancelToken& cancel);

/// False where the model has to be pulled before it can be resolved. Errors: those of `resolve` for all else.
[[nodiscard]] bool is_here(const Store& store, const Catalogue& catalogue, const std::string& name);

/// `resolve`, after a `pull` where that is needed and possible: for commands that cannot go on without the model.
ResolvedModel ensure(const Store& store, const Catalogue& catalogue, const std::string& name, const PullHooks& hooks,
                     const base::CancelToken& cancel);

/// Takes a GGUF file of the user's into the list, under `name`; it stays where it is unless `copy`.
/// Errors: NotFound, Format, Io, InvalidArgument when the name is a catalogue alias and the file is not that model.
InstalledModel add_local(const Store& store, const Catalogue& catalogue, const std::filesystem::path& file,
                         const std::string& name, bool copy);

}  // namespace gpiot::models
