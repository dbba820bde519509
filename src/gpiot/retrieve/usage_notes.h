#pragma once

#include <filesystem>
#include <string>
#include <unordered_map>

namespace gpiot::retrieve {

/// What functions are for, in the words of those who need them, written by hand for the packages that programs use
/// (knowledge/uses/*.tsv: name, tab, note): a docstring says "modal value" where people ask for "the most frequent
/// one".
class UsageNotes {
 public:
  /// No folder: no notes. Errors: Format naming the line.
  [[nodiscard]] static UsageNotes load(const std::filesystem::path& folder);

  /// Empty where there is none.
  [[nodiscard]] const std::string& of(const std::string& name) const;
  /// Hash of all notes: passages made with others are old.
  [[nodiscard]] const std::string& sha256() const { return sha256_; }

 private:
  std::unordered_map<std::string, std::string> notes_;
  std::string sha256_;
};

}  // namespace gpiot::retrieve
