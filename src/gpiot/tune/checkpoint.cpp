#include "gpiot/tune/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>

#include "gpiot/base/error.h"
#include "gpiot/tune/safetensors.h"

namespace gpiot::tune {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKept = 2;

/// Newest first.
std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  if (!fs::is_directory(folder)) return files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("step-") && name.ends_with(".safetensors")) files.push_back(entry.path());
  }
  std::ranges::sort(files, std::greater<>());
  return files;
}

Checkpoint from_file(const fs::path& path) {
  SafeTensors content = read_safetensors(path);
  Checkpoint out;
  const auto fact = [&](const char* key) {
    const auto found = content.facts.find(key);
    if (found == content.facts.end()) {
      throw base::Error(base::ErrorCode::Format, "tune.checkpoint",
                        fmt::format("{} does not state {}", path.string(), key));
    }
    return found->second;
  };
  out.step = std::stoll(fact("step"));
  out.best_loss = std::stod(fact("best_loss"));
  out.best_step = std::stoll(fact("best_step"));
  out.worse = std::stoi(fact("worse"));
  out.config = fact("config");
  out.data_sha256 = fact("records_sha256");
  out.base_sha256 = fact("base_sha256");
  for (auto& [name, tensor] : content.tensors) {
    if (name == "values") out.values = tensor;
    if (name == "mean") out.mean = tensor;
    if (name == "square") out.square = tensor;
    if (name == "best") out.best = tensor;
  }
  if (!out.values.defined() || !out.mean.defined() || !out.square.defined()) {
    throw base::Error(base::ErrorCode::Format, "tune.checkpoint", path.string() + " lacks tensors");
  }
  return out;
}

}  // namespace

void save_checkpoint(const fs::path& folder, const Checkpoint& checkpoint) {
  SafeTensors content;
  content.tensors = {{"values", checkpoint.values}, {"mean", checkpoint.mean}, {"square", checkpoint.square}};
  if (checkpoint.best.defined()) content.tensors.emplace_back("best", checkpoint.best);
  content.facts = {{"step", std::to_string(checkpoint.step)},
                   {"best_loss", fmt::format("{}", checkpoint.best_loss)},
                   {"best_step", std::to_string(checkpoint.best_step)},
                   {"worse", std::to_string(checkpoint.worse)},
                   {"config", checkpoint.config},
                   {"records_sha256", checkpoint.data_sha256},
                   {"base_sha256", checkpoint.base_sha256}};
  write_safetensors(folder / fmt::format("step-{:08}.safetensors", checkpoint.step), std::move(content));
  const std::vector<fs::path> files = files_in(folder);
  for (std::size_t i = kKept; i < files.size(); ++i) {
    std::error_code ignored;
    fs::remove(files[i], ignored);
  }
}

std::optional<Checkpoint> load_checkpoint(const fs::path& folder, std::vector<std::string>& skipped) {
  for (const fs::path& file : files_in(folder)) {
    try {
      return from_file(file);
    } catch (const std::exception& error) {
      skipped.push_back(error.what());
    }
  }
  return std::nullopt;
}

}  // namespace gpiot::tune
