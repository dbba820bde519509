#include "gpiot/retrieve/reference_finder.h"

#include "gpiot/base/error.h"

namespace gpiot::retrieve {

ReferenceFinder::ReferenceFinder(std::filesystem::path folder, core::Embedder* embedder, std::filesystem::path maps,
                                 bool being_built)
    : folder_(std::move(folder)), embedder_(embedder), maps_(std::move(maps)), being_built_(being_built) {
  (void)open();
}

bool ReferenceFinder::open() try {
  if (!search_) search_.emplace(folder_, embedder_, maps_);
  return true;
} catch (const base::Error& error) {
  if (being_built_ && error.code() == base::ErrorCode::NotFound) return false;
  throw;
}

std::vector<core::Reference> ReferenceFinder::find(const std::string& question, std::span<const std::string> packages,
                                                   std::size_t count, const base::CancelToken& cancel) {
  if (!open()) return {};
  Query query;
  query.text = question;
  query.filter.sources.assign(packages.begin(), packages.end());
  query.filter.kinds = {"function", "class", "method"};
  query.count = count;
  std::vector<core::Reference> references;
  for (const auto& result : search_->search(query, cancel)) {
    core::Reference reference;
    reference.name = result.name;
    reference.source = result.found.source + " " + result.found.version;
    reference.score = result.score;
    if (const auto object = search_->object(result.name)) {
      reference.signature = object->facts.value("signature", "");
      reference.summary = object->facts.value("summary", "");
    }
    references.push_back(std::move(reference));
  }
  return references;
}

}  // namespace gpiot::retrieve
