#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "gpiot/base/cancel.h"

namespace gpiot::core {

/// A function or class of an installed package, as a prompt may quote it. All texts are a stranger's.
struct Reference {
  std::string name;       ///< "scipy.signal.find_peaks"
  std::string signature;  ///< "(x, height=None, threshold=None, ...)"; empty where it is not known
  std::string summary;    ///< one sentence
  std::string source;     ///< "scipy 1.17.1"
  double score = 0;       ///< by which they are ordered
};

/// Finds what is documented. Implementation: retrieve::ReferenceFinder over the knowledge base.
class ReferenceSource {
 public:
  virtual ~ReferenceSource() = default;
  /// At most `count` callable things of `packages` that fit `question`, the best first; none is an answer.
  [[nodiscard]] virtual std::vector<Reference> find(const std::string& question, std::span<const std::string> packages,
                                                    std::size_t count, const base::CancelToken& cancel) = 0;
};

}  // namespace gpiot::core
