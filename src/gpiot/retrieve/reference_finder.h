#pragma once

#include "gpiot/core/reference_source.h"
#include "gpiot/retrieve/search.h"

namespace gpiot::retrieve {

/// References from the knowledge base: functions, classes and methods by the hybrid search.
class ReferenceFinder : public core::ReferenceSource {
 public:
  /// Errors: those of KnowledgeSearch.
  ReferenceFinder(std::filesystem::path folder, core::Embedder* embedder) : search_(std::move(folder), embedder) {}

  [[nodiscard]] std::vector<core::Reference> find(const std::string& question, std::span<const std::string> packages,
                                                  std::size_t count, const base::CancelToken& cancel) override;

 private:
  KnowledgeSearch search_;
};

}  // namespace gpiot::retrieve
