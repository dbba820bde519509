#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gpiot/base/json.h"

namespace gpiot::store {

/// What a store was made with; another encoder or chunking would not fit its vectors and passages.
struct Making {
  std::string encoder;         ///< file name of the embedding model; empty = vectors are not made
  std::string encoder_sha256;  ///< of the same
  std::size_t dimension = 0;
  int max_tokens = 0;  ///< of a text, the rest is not embedded
  int characters = 0;  ///< of a passage
};

/// Where passages come from: a package of the Python environment, a file or folder of the user, or accepted programs.
struct Source {
  std::int64_t id = 0;
  std::string kind;         ///< "package", "path" or "program"
  std::string name;         ///< import name, or absolute path: unique
  std::string version;      ///< of a package
  std::string licence;      ///< as the package or the user states it; empty = not stated
  std::string fingerprint;  ///< what a refresh compares: hash of the package's list of files
  std::string read_at;      ///< UTC, ISO 8601
  int rank = 0;             ///< order of building: the most used come first
  std::int64_t documents = 0, passages = 0, embedded = 0, refused = 0;  ///< counted when listed
};

/// One file of a source; a package is one document.
struct Document {
  std::string name;  ///< path below the source
  std::string sha256;
  std::string title;
  std::string format;
  std::string span;     ///< measure of a passage's start and end: character, page, cell
  std::string refused;  ///< why it was not read; empty where it was
};

/// A text of a vector that is made of several; the weights add up to 1.
struct WeightedText {
  std::string text;
  float weight = 1;
  friend bool operator==(const WeightedText&, const WeightedText&) = default;
};

/// What a function may say when it fails.
struct Message {
  std::string text;
  int calls = 0;  ///< how many calls away it is said; 0 = by the function itself
};

/// One stretch of text to be found; docs/knowledge.md tells how they are cut.
struct Passage {
  std::int64_t id = 0;
  std::string kind;                ///< function, class, method, module, object, section, code, program
  std::string title;               ///< titles, outermost first, joined by " > "
  std::vector<std::string> names;  ///< the objects in it
  std::string text;
  int part = 1, parts = 1;
  std::int64_t start = 0, end = 0;  ///< in the document, by its span
  /// Fields of the index of words, by weight (WordWeights).
  std::string own;                ///< the name itself in words, or the titles
  std::string summary;            ///< first sentence
  std::string head;               ///< description before the first section
  std::string body;               ///< the rest
  std::string uses;               ///< what it is for, in the words of those who need it
  std::string errors;             ///< messages that it raises itself
  double prior = 1;               ///< how likely it is meant at all: scores by words are multiplied by it
  std::vector<Message> messages;  ///< in an index of their own
  /// What it is found by in meaning: a vector for each entry, the weighted sum of those of its texts. The nearest one
  /// counts; passages with the same texts share it.
  std::vector<std::vector<WeightedText>> embedded;
};

/// A function, class or method of a package.
struct Object {
  std::string name;
  std::string kind;
  std::vector<std::string> aliases;
  base::Json facts;  ///< as runtime/knowledge_package.py writes them, without the text
};

}  // namespace gpiot::store
