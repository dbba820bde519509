#include "gpiot/retrieve/reference_finder.h"

namespace gpiot::retrieve {

std::vector<core::Reference> ReferenceFinder::find(const std::string& question, std::span<const std::string> packages,
                                                   std::size_t count, const base::CancelToken& cancel) {
  Query query;
  query.text = question;
  query.filter.sources.assign(packages.begin(), packages.end());
  query.filter.kinds = {"function", "class", "method"};
  query.count = count;
  std::vector<core::Reference> references;
  for (const auto& result : search_.search(query, cancel)) {
    core::Reference reference;
    reference.name = result.name;
    reference.source = result.found.source + " " + result.found.version;
    reference.score = result.score;
    if (const auto object = search_.object(result.name)) {
      reference.signature = object->facts.value("signature", "");
      reference.summary = object->facts.value("summary", "");
    }
    references.push_back(std::move(reference));
  }
  return references;
}

}  // namespace gpiot::retrieve
