#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "gpiot/base/paths.h"
#include "gpiot/base/strings.h"
#include "gpiot/store/knowledge_database.h"
#include "knowledge_build.h"
#include "knowledge_use.h"

namespace gpiot::apps {
namespace {

namespace fs = std::filesystem;
using retrieve::DefaultSet;

constexpr std::chrono::hours kAfterFailure{24};
constexpr int kMostStarts = 3;  // a build that is killed each time, for want of memory perhaps, does not begin for ever

bool in_ci() {
  const char* ci = std::getenv("CI");
  return ci != nullptr && (std::string_view(ci) == "true" || std::string_view(ci) == "1");
}

bool has_package(const fs::path& folder) try {
  auto database = store::open_to_read(folder);
  return database.integer("SELECT count(*) FROM source WHERE kind = 'package'") > 0;
} catch (const base::Error& error) {
  if (error.code() == base::ErrorCode::NotFound) return false;
  throw;
}

bool is_long_ago(const retrieve::BuildRecord& record) {
  const std::chrono::system_clock::time_point then{std::chrono::seconds(record.default_set_s)};
  return std::chrono::system_clock::now() - then > kAfterFailure;
}

/// Whether the default set is to be built unasked.
bool is_due(const fs::path& folder) {
  const auto record = retrieve::read_build_record(folder);
  switch (record ? record->default_set : DefaultSet::Never) {
    case DefaultSet::Never:
      return !has_package(folder);  // packages without it are a choice of the user's
    case DefaultSet::Unfinished:
      return record->starts < kMostStarts || is_long_ago(*record);
    case DefaultSet::Failed:
      return is_long_ago(*record);
    case DefaultSet::Stopped:
    case DefaultSet::Complete:
      break;
  }
  return false;
}

bool is_users_own(const fs::path& folder) {
  return fs::absolute(folder).lexically_normal() == fs::absolute(retrieve::knowledge_folder()).lexically_normal();
}

}  // namespace

DefaultSetNews see_to_default_set(const fs::path& folder, bool wanted) try {
  if (const auto running = running_build(folder)) {
    if (running->default_set != DefaultSet::Unfinished) return {};
    return {true, fmt::format("the default knowledge base is still being built ({}): what is missing is not found yet",
                              progress_text(*running))};
  }
  std::error_code failure;
  const bool possible = fs::exists(base::python_environment() / "bin" / "python3", failure);
  if (!wanted || in_ci() || !possible || !is_users_own(folder) || !is_due(folder)) return {};
  const auto start = start_build(folder, {"add"});
  if (!start.started) return {};
  return {true, "the default knowledge base " + start.said +
                    (embedder_is_here() ? "" : "; it fetches its embedding model first (91 MB)") +
                    "; `knowledge-background = false` in config.toml turns this off"};
} catch (const std::exception& error) {
  return {false, "the default knowledge base cannot be built in the background: " + base::printable(error.what())};
}

}  // namespace gpiot::apps
