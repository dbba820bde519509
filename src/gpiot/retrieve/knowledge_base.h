#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "gpiot/base/cancel.h"
#include "gpiot/core/embedder.h"
#include "gpiot/core/program_runner.h"
#include "gpiot/retrieve/installed_packages.h"
#include "gpiot/retrieve/usage_notes.h"
#include "gpiot/store/database.h"
#include "gpiot/store/knowledge.h"

namespace gpiot::retrieve {

/// What a change says while it works.
struct KnowledgeEvent {
  enum class Kind { Note, Source, Read, Embed };
  Kind kind = Kind::Note;
  std::string text;                 ///< of a note: "numpy 2.4.6: 1,204 objects, 1,890 passages"; the name of a source
  std::size_t done = 0, total = 0;  ///< sources before this one; documents of it that are read; texts that are embedded
};
using KnowledgeListener = std::function<void(const KnowledgeEvent&)>;

/// What a change came to.
struct KnowledgeChange {
  std::size_t read = 0, unchanged = 0, dropped = 0, refused = 0;  ///< documents
  std::size_t embedded = 0;                                       ///< texts
};

/// A function of an accepted program, with where it is from.
struct ProgramPassage {
  std::string title;  ///< "Heart rate from an ECG > Find the R peaks"
  std::string text;   ///< what it is for, and its code
};

/// How a knowledge base is made; written down in the store.
inline constexpr int kPassageCharacters = 1000;

/// What a knowledge base is changed with. Where it is made without an embedder it finds by words alone.
struct KnowledgeTools {
  std::filesystem::path folder;       ///< of the store
  std::filesystem::path runtime;      ///< our Python scripts
  std::filesystem::path environment;  ///< the private Python environment
  std::filesystem::path notes;        ///< folder of usage notes
  core::ProgramRunner& runner;        ///< the sandbox
  core::Embedder* embedder = nullptr;
  KnowledgeListener listener;
  base::CancelToken& cancel;
  double patience = 1;  ///< time limits of reading are so many times as long, for a process of low priority
};

/// The folder of the user's knowledge base: GPIOT_KNOWLEDGE, else state/knowledge.
[[nodiscard]] std::filesystem::path knowledge_folder();
/// What the store of these tools is made with.
[[nodiscard]] store::Making making_with(const core::Embedder* embedder);

/// Forgets sources; no encoder is needed for it. Errors: NotFound naming one that is not known, or where there is no
/// knowledge base.
void forget_sources(const std::filesystem::path& folder, const std::vector<std::string>& names);

/// Changes to one knowledge base; one writer at a time, the others wait. Every document and package is taken over whole
/// or not at all; a call that is stopped, by force too, is gone on with by the next one. Searches that run meanwhile
/// see the state of their beginning.
class KnowledgeBase {
 public:
  /// Errors: those of store::open_to_write.
  explicit KnowledgeBase(KnowledgeTools tools);

  /// Takes in packages (by name) and files or folders, and reads anew what changed of those that are known; then
  /// embeds. `licence` is of the paths; empty = as it was. Errors: NotFound naming what is neither; those of
  /// SourceReader.
  KnowledgeChange add(const std::vector<std::string>& names, const std::string& licence);
  /// Reads anew what changed of everything, drops what is gone, follows upgrades; then embeds.
  KnowledgeChange refresh();
  /// Takes in an accepted program, a passage for each function, in the place of what was accepted of `project` before.
  KnowledgeChange add_program(const std::string& project, const std::string& version,
                              const std::vector<ProgramPassage>& functions);

 private:
  /// A file or folder, and what of it is to be read.
  struct PathWork {
    store::Source source;
    std::filesystem::path root;
    std::map<std::string, std::string> fingerprints;  ///< of all its documents, by name
    std::vector<std::string> wanted;                  ///< new or changed
    bool replaces = false;                            ///< it was known before
  };
  PathWork compare_path(const std::filesystem::path& place, const std::string& licence, KnowledgeChange& change);
  void take_package(const InstalledPackage& package, const std::string& import_name, KnowledgeChange& change);
  void take_path(const std::filesystem::path& place, const std::string& licence, KnowledgeChange& change);
  void embed(KnowledgeChange& change);
  void note(std::string text) const;
  void begin_source(const std::string& name, std::size_t done, std::size_t total) const;

  KnowledgeTools tools_;
  UsageNotes notes_;
  store::Database database_;
};

}  // namespace gpiot::retrieve
