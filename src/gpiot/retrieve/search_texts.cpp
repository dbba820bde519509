#include "gpiot/retrieve/search_texts.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "gpiot/base/strings.h"
#include "gpiot/store/identifier_tokenizer.h"

namespace gpiot::retrieve {
namespace {

/// "scipy.signal.find_peaks" -> "find peaks"; of a method with its class: "standard scaler fit".
std::string own_words(const store::Passage& passage) {
  const auto parts = base::split(passage.title, '.');
  const std::size_t kept = passage.kind == "method" && parts.size() > 1 ? 2 : 1;
  std::vector<std::string> words;
  for (std::size_t i = parts.size() - kept; i < parts.size(); ++i) {
    for (const auto& identifier : store::identifiers_of(parts[i])) {
      for (const auto& part : identifier.parts)
        words.push_back(base::to_lower(parts[i].substr(part.begin, part.end - part.begin)));
    }
  }
  return base::join(words, " ");
}

constexpr float kAbout = 1.0F / 3;
constexpr float kPhrase = 2.0F / 3;

struct Layout {
  std::string head;  ///< between the signature and the first section
  std::string body;  ///< the sections
};

Layout layout_of(const std::string& text) {
  const auto signature = text.find("\n\n");
  if (signature == std::string::npos) return {"", text};
  const auto start = signature + 2;
  const auto section = text.compare(start, 3, "## ") == 0 ? start : text.find("\n## ", start);
  if (section == std::string::npos) return {base::trim(text.substr(start)), ""};
  return {base::trim(text.substr(start, section - start)), text.substr(section)};
}

}  // namespace

void fill_search_texts(store::Passage& passage, const SearchFacts& facts) {
  if (passage.names.empty()) {  // of a document
    passage.own = passage.title;
    passage.body = passage.text;
    passage.embedded = {{{passage.title + "\n" + passage.text, 1.0F}}};
    return;
  }
  auto layout = layout_of(passage.text);
  passage.own = passage.title + " " + own_words(passage);
  passage.summary = facts.summary;
  passage.uses = facts.uses;
  passage.errors = facts.errors;
  const bool rarely_meant = passage.kind == "method" || passage.kind == "module";
  passage.prior =
      (rarely_meant ? 0.7 : 1.0) * (1 + 0.05 * std::min(5.0, std::log2(1.0 + static_cast<double>(facts.mentions))));
  passage.head = layout.head;
  passage.body = layout.body;
  const std::string head = own_words(passage) + ": " + layout.head;
  const std::string name = passage.title + ": " + facts.summary;
  // Each phrase of the notes leans towards what the function is: one phrase alone says too little.
  for (const auto& phrase : base::split(facts.uses, ';')) {
    const auto text = base::trim(phrase);
    if (!text.empty()) passage.embedded.push_back({{text, kPhrase}, {head, kAbout / 2}, {name, kAbout / 2}});
  }
  if (passage.embedded.empty()) passage.embedded = {{{head, 0.5F}, {name, 0.5F}}};
}

}  // namespace gpiot::retrieve
