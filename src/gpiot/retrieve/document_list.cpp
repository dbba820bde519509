#include "gpiot/retrieve/document_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "gpiot/base/error.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/strings.h"

namespace gpiot::retrieve {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "retrieve.list";
constexpr std::size_t kMostFiles = 100'000;
constexpr std::uintmax_t kLargest = 32ULL << 20;  // the reader refuses what is larger
constexpr std::array<std::string_view, 12> kEndings = {".md",    ".markdown", ".html",  ".htm", ".xhtml", ".tex",
                                                       ".latex", ".rst",      ".ipynb", ".txt", ".text",  ".pdf"};

bool is_document(const fs::path& file) {
  const auto ending = base::to_lower(file.extension().string());
  return std::ranges::find(kEndings, ending) != kEndings.end();
}

bool is_plain_name(const std::string& name) {
  return base::is_valid_utf8(name) &&
         std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string fingerprint_of(const fs::path& file) {
  std::error_code failure;
  const auto state = fs::symlink_status(file, failure);
  if (fs::is_symlink(state)) return base::sha256_hex("link to " + fs::read_symlink(file, failure).string());
  if (!fs::is_regular_file(state)) return base::sha256_hex("no regular file");
  const auto size = fs::file_size(file, failure);
  if (failure || size > kLargest) return base::sha256_hex(fmt::format("{} bytes", size));
  try {
    return base::sha256_file(file, kWhere);
  } catch (const Error&) {
    return base::sha256_hex("not readable");  // the reader says why
  }
}

void add(DocumentList& list, const fs::path& file) {
  const auto name = file.lexically_relative(list.root).string();  // a link stays itself
  if (!is_plain_name(name)) {
    list.refused.push_back(base::printable(name) +
                           ": got a name with control characters or not in UTF-8, expected a plain one");
    return;
  }
  list.documents.push_back({name, fingerprint_of(file)});
}

}  // namespace

DocumentList list_documents(const fs::path& place, const base::CancelToken& cancel) {
  DocumentList list;
  std::error_code failure;
  const auto real = fs::canonical(place, failure);
  if (failure) {
    throw Error(ErrorCode::NotFound, kWhere, "no such file or folder: got " + base::printable(place.string()),
                "give a file, a folder, or the name of an installed package");
  }
  if (!fs::is_directory(real)) {
    list.root = real.parent_path();
    if (!is_document(real)) {
      throw Error(ErrorCode::Format, kWhere,
                  fmt::format("no known document: got {}, expected one of {}",
                              base::printable(real.filename().string()), fmt::join(kEndings, ", ")));
    }
    add(list, real);
    return list;
  }
  list.root = real;
  std::size_t seen = 0;
  for (auto entry = fs::recursive_directory_iterator(real, fs::directory_options::skip_permission_denied);
       entry != fs::end(entry); ++entry) {
    cancel.throw_if_cancelled(kWhere);
    if (++seen > kMostFiles)
      throw Error(ErrorCode::Capacity, kWhere, fmt::format("more than {} files in {}", kMostFiles, real.string()));
    const fs::path& path = entry->path();
    if (entry->is_directory(failure) && !entry->is_symlink(failure)) {
      if (path.filename().string().starts_with('.')) entry.disable_recursion_pending();
    } else if (is_document(path)) {
      add(list, path);
    }
  }
  std::ranges::sort(list.documents, {}, &ListedDocument::name);
  return list;
}

}  // namespace gpiot::retrieve
