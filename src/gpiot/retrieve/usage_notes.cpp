#include "gpiot/retrieve/usage_notes.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/strings.h"

namespace gpiot::retrieve {
namespace {

constexpr std::string_view kWhere = "retrieve.notes";

}  // namespace

UsageNotes UsageNotes::load(const std::filesystem::path& folder) {
  UsageNotes out;
  std::error_code failure;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failure)) {
    if (entry.path().extension() == ".tsv") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::string all;
  for (const auto& file : files) {
    const auto text = base::read_file(file, kWhere);
    all += text;
    std::size_t number = 0;
    for (const auto& line : base::split_lines(text)) {
      ++number;
      if (line.empty()) continue;
      const auto tab = line.find('\t');
      if (tab == std::string::npos || tab == 0) {
        throw base::Error(
            base::ErrorCode::Format, kWhere,
            fmt::format("{} line {}: got no tab, expected a name, a tab and a note", file.string(), number));
      }
      auto& note = out.notes_[line.substr(0, tab)];  // a name may have lines in several files
      note += (note.empty() ? "" : "; ") + base::trim(line.substr(tab + 1));
    }
  }
  out.sha256_ = base::sha256_hex(all);
  return out;
}

const std::string& UsageNotes::of(const std::string& name) const {
  static const std::string none;
  const auto at = notes_.find(name);
  return at == notes_.end() ? none : at->second;
}

}  // namespace gpiot::retrieve
