#pragma once

#include <filesystem>
#include <optional>

#include "gpiot/core/reference_source.h"
#include "gpiot/retrieve/search.h"

namespace gpiot::retrieve {

/// References from the knowledge base: functions, classes and methods by the hybrid search.
class ReferenceFinder : public core::ReferenceSource {
 public:
  /// `maps` as in KnowledgeSearch. `being_built`: there may be no knowledge base yet; until it is there nothing is
  /// found. Errors: those of KnowledgeSearch.
  ReferenceFinder(std::filesystem::path folder, core::Embedder* embedder, std::filesystem::path maps, bool being_built);

  [[nodiscard]] std::vector<core::Reference> find(const std::string& question, std::span<const std::string> packages,
                                                  std::size_t count, const base::CancelToken& cancel) override;

 private:
  /// False while there is nothing to search.
  bool open();

  std::filesystem::path folder_;
  core::Embedder* embedder_;
  std::filesystem::path maps_;
  bool being_built_;
  std::optional<KnowledgeSearch> search_;
};

}  // namespace gpiot::retrieve
