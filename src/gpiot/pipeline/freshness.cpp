#include "gpiot/pipeline/freshness.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "gpiot/base/error.h"
#include "gpiot/base/hash.h"
#include "gpiot/eval/data_folder.h"
#include "gpiot/pipeline/candidate_store.h"
#include "gpiot/project/requirement_file.h"

namespace gpiot::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostHashedBytes = 64'000'000;

/// A path as seen from the project.
bool is_written_by_us(const fs::path& path) {
  static const std::set<std::string> kOurs = {".gpiot", "app", "runs", "specs", "subtasks.md", "requirement.md"};
  if (path.empty()) return false;
  const auto first = path.begin()->string();
  return kOurs.contains(first) || first.ends_with(".md.new");
}

std::string time_of(const fs::path& file) {
  std::error_code failure;
  return std::to_string(fs::last_write_time(file, failure).time_since_epoch().count());
}

/// A file beside the data that may not be read is no reason to stop.
std::string content_of(const fs::path& file) try {
  return base::sha256_file(file, "pipeline.data");
} catch (const base::Error&) {
  return time_of(file);
}

}  // namespace

bool is_fresh(const Workbench& bench, const std::string& file, const std::string& input_sha256) {
  const auto state = bench.state.state_of(file, input_sha256);
  return state == project::FileState::Fresh || state == project::FileState::Edited;
}

bool specs_are_fresh(const Workbench& bench) {
  try {
    const auto subtasks = load_subtasks(bench);
    const auto input = specs_input(bench, subtasks);
    for (std::size_t i = 0; i < subtasks.size(); ++i) {
      if (!is_fresh(bench, spec_file(i, subtasks[i]), input)) return false;
    }
    return !subtasks.empty();
  } catch (const base::Error&) {
    return false;
  }
}

std::string data_state(const core::Requirement& requirement, const fs::path& project) {
  const auto folder = eval::data_folder(requirement, project);
  std::error_code failure, of_entry;
  std::vector<fs::path> files;
  std::uintmax_t bytes = 0;
  for (fs::recursive_directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure)) {
    if (is_written_by_us(fs::absolute(at->path()).lexically_relative(fs::absolute(project)))) {
      at.disable_recursion_pending();
    } else if (at->is_regular_file(of_entry)) {
      files.push_back(at->path());
      bytes += at->file_size(of_entry);
    }
  }
  std::ranges::sort(files);
  std::string all;
  for (const auto& file : files) {
    all += fmt::format("{}\n{}\n{}\n", file.lexically_relative(folder).string(), fs::file_size(file, of_entry),
                       bytes > kMostHashedBytes ? time_of(file) : content_of(file));
  }
  return base::sha256_hex(all);
}

std::string choice_input(const Workbench& bench) {
  auto requirement = bench.requirement;
  requirement.budget = {};  // nothing is chosen by it, and a call may set another
  return base::sha256_hex(project::to_markdown(requirement) + data_state(requirement, bench.project));
}

bool chosen_is_fresh(const Workbench& bench) {
  std::string specs_sha256;
  (void)load_specs(bench, &specs_sha256);
  const auto chosen = load_chosen(bench.project);
  return chosen && chosen->specs_sha256 == specs_sha256 && chosen->input_sha256 == choice_input(bench);
}

}  // namespace gpiot::pipeline
