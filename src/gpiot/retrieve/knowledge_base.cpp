#include "gpiot/retrieve/knowledge_base.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <unordered_map>

#include "gpiot/base/error.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/paths.h"
#include "gpiot/base/strings.h"
#include "gpiot/base/utc.h"
#include "gpiot/retrieve/document_list.h"
#include "gpiot/retrieve/search_texts.h"
#include "gpiot/retrieve/source_reader.h"
#include "gpiot/store/knowledge_database.h"
#include "gpiot/store/knowledge_writer.h"
#include "gpiot/store/words.h"

namespace gpiot::retrieve {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "retrieve.add";
constexpr std::size_t kFilesAtOnce = 100;  // of one start of the reader
constexpr std::size_t kTextsAtOnce = 256;  // of one transaction
constexpr std::size_t kPublishEvery = 4096;

/// Packages before the user's documents, in the order of default_packages().
int rank_of(const std::string& import_name) {
  const auto& names = default_packages();
  return static_cast<int>(std::ranges::find(names, import_name) - names.begin());
}
constexpr int kPathRank = 100;

/// [pending, dimension]: of each the weighted sum of the vectors of its texts. A text that several have is embedded
/// once.
std::vector<float> sums_of(core::Embedder& embedder, const std::vector<store::Pending>& pending,
                           const base::CancelToken& cancel) {
  std::vector<std::string> texts;
  std::unordered_map<std::string, std::size_t> places;
  for (const auto& one : pending) {
    for (const auto& part : one.texts) {
      if (places.emplace(part.text, texts.size()).second) texts.push_back(part.text);
    }
  }
  const auto vectors = embedder.embed(texts, cancel);
  const auto dimension = static_cast<std::size_t>(embedder.dimension());
  std::vector<float> sums(pending.size() * dimension, 0.0F);
  for (std::size_t k = 0; k < pending.size(); ++k) {
    for (const auto& part : pending[k].texts) {
      const float* vector = vectors.data() + places.at(part.text) * dimension;
      for (std::size_t i = 0; i < dimension; ++i) sums[k * dimension + i] += part.weight * vector[i];
    }
  }
  return sums;
}

void drop_sources(store::Database& database, const fs::path& folder, const std::vector<std::string>& names) {
  store::Transaction step(database);
  store::KnowledgeWriter writer(database);
  for (const auto& name : names) {
    std::error_code failure;
    auto source = store::find_source(database, name);
    if (!source) source = store::find_source(database, fs::weakly_canonical(name, failure).string());
    if (!source) {
      throw Error(ErrorCode::NotFound, "retrieve.remove", "no such source: got " + base::printable(name),
                  "gpiot knowledge list");
    }
    writer.drop_source(source->id);
  }
  writer.drop_unused_vectors();
  step.commit();
  store::publish_words(database, folder);
  store::publish_vectors(database, folder);
}

}  // namespace

void forget_sources(const fs::path& folder, const std::vector<std::string>& names) {
  auto database = store::open_to_change(folder);
  drop_sources(database, folder, names);
}

fs::path knowledge_folder() {
  const char* named = std::getenv("GPIOT_KNOWLEDGE");
  return named != nullptr && *named != '\0' ? fs::path(named) : base::user_paths().state / "knowledge";
}

store::Making making_with(const core::Embedder* embedder) {
  store::Making making;
  making.characters = kPassageCharacters;
  if (embedder == nullptr) return making;
  making.encoder = embedder->identity().name;
  making.encoder_sha256 = embedder->identity().sha256;
  making.dimension = static_cast<std::size_t>(embedder->dimension());
  making.max_tokens = embedder->max_tokens();
  return making;
}

KnowledgeBase::KnowledgeBase(KnowledgeTools tools)
    : tools_(std::move(tools)),
      notes_(UsageNotes::load(tools_.notes)),
      database_(store::open_to_write(tools_.folder, making_with(tools_.embedder))) {}

void KnowledgeBase::note(std::string text) const {
  if (tools_.listener) tools_.listener({KnowledgeEvent::Kind::Note, std::move(text), 0, 0});
}

void KnowledgeBase::begin_source(const std::string& name, std::size_t done, std::size_t total) const {
  if (tools_.listener) tools_.listener({KnowledgeEvent::Kind::Source, name, done, total});
}

void KnowledgeBase::take_package(const InstalledPackage& package, const std::string& import_name,
                                 KnowledgeChange& change) {
  const auto known = store::find_source(database_, import_name);
  const auto fingerprint = base::sha256_hex(std::string(kReaderOfPackages) + package.fingerprint + notes_.sha256());
  if (known && known->fingerprint == fingerprint) {
    ++change.unchanged;
    return;
  }
  note(fmt::format("reading {} {}", import_name, package.version));
  SourceReader reader(tools_.runner, tools_.runtime, kPassageCharacters, notes_, tools_.patience);
  std::vector<std::string> notes;
  auto read = reader.read_package(import_name, notes, tools_.cancel);
  read.document.sha256 = fingerprint;
  store::Transaction step(database_);
  store::KnowledgeWriter writer(database_);
  store::Source source;
  source.kind = "package";
  source.name = import_name;
  source.version = package.version;
  source.licence = package.licence;
  source.fingerprint = fingerprint;
  source.read_at = base::utc_now();
  source.rank = rank_of(import_name);
  writer.put_document(writer.put_source(source), read.document, read.passages, read.objects);
  if (known) writer.drop_unused_vectors();
  step.commit();
  ++change.read;
  for (auto& line : notes) note("  " + std::move(line));
  note(fmt::format("  {} objects, {} passages", read.objects.size(), read.passages.size()));
}

KnowledgeBase::PathWork KnowledgeBase::compare_path(const fs::path& place, const std::string& licence,
                                                    KnowledgeChange& change) {
  PathWork work;
  const auto list = list_documents(place, tools_.cancel);
  for (const auto& line : list.refused) note("refused: " + line);
  change.refused += list.refused.size();
  work.root = list.root;
  work.source.kind = "path";
  work.source.name = fs::canonical(place).string();
  const auto known = store::find_source(database_, work.source.name);
  work.source.licence = licence.empty() && known ? known->licence : licence;
  work.source.read_at = base::utc_now();
  work.source.rank = kPathRank;
  store::Transaction step(database_);
  store::KnowledgeWriter writer(database_);
  work.source.id = writer.put_source(work.source);
  std::map<std::string, std::string> before;
  for (const auto& document : writer.documents_of(work.source.id)) before[document.name] = document.sha256;
  for (const auto& document : list.documents) {
    work.fingerprints[document.name] = document.fingerprint;
    const auto at = before.find(document.name);
    const bool same = at != before.end() && at->second == document.fingerprint;
    if (same) ++change.unchanged;
    if (!same) work.wanted.push_back(document.name);
  }
  for (const auto& [gone, hash] : before) {
    if (work.fingerprints.contains(gone)) continue;
    writer.drop_document(work.source.id, gone);
    ++change.dropped;
  }
  work.replaces = !before.empty();
  if (work.replaces) writer.drop_unused_vectors();
  step.commit();
  return work;
}

void KnowledgeBase::take_path(const fs::path& place, const std::string& licence, KnowledgeChange& change) {
  const auto work = compare_path(place, licence, change);
  SourceReader reader(tools_.runner, tools_.runtime, kPassageCharacters, notes_, tools_.patience);
  store::KnowledgeWriter writer(database_);
  for (std::size_t from = 0; from < work.wanted.size(); from += kFilesAtOnce) {
    const auto to = std::min(work.wanted.size(), from + kFilesAtOnce);
    const std::vector<std::string> some(work.wanted.begin() + static_cast<std::ptrdiff_t>(from),
                                        work.wanted.begin() + static_cast<std::ptrdiff_t>(to));
    auto documents = reader.read_files(work.root, some, tools_.cancel);
    store::Transaction step(database_);
    for (auto& read : documents) {
      const auto at = work.fingerprints.find(read.document.name);
      if (at == work.fingerprints.end()) continue;  // the reader was asked for others
      read.document.sha256 = at->second;
      if (!read.document.refused.empty()) note("refused: " + read.document.name + ": " + read.document.refused);
      ++(read.document.refused.empty() ? change.read : change.refused);
      writer.put_document(work.source.id, read.document, read.passages, read.objects);
    }
    if (work.replaces) writer.drop_unused_vectors();
    step.commit();
    if (tools_.listener) tools_.listener({KnowledgeEvent::Kind::Read, work.source.name, to, work.wanted.size()});
  }
}

KnowledgeChange KnowledgeBase::add(const std::vector<std::string>& names, const std::string& licence) {
  const auto packages = installed_packages(tools_.environment);
  KnowledgeChange change;
  std::size_t done = 0;
  for (const auto& name : names) {
    std::error_code failure;
    begin_source(name, done++, names.size());
    if (const auto package = find_package(packages, name); package && !fs::exists(name, failure)) {
      const bool imported = std::ranges::find(package->import_names, name) != package->import_names.end();
      if (!imported && package->import_names.empty()) {
        throw Error(ErrorCode::Data, kWhere, name + " has nothing that can be imported");
      }
      take_package(*package, imported ? name : package->import_names.front(), change);
    } else if (fs::exists(name, failure)) {
      take_path(name, licence, change);
    } else {
      throw Error(ErrorCode::NotFound, kWhere,
                  "neither a file, a folder nor an installed package: got " + base::printable(name),
                  "packages are those of " + tools_.environment.string());
    }
  }
  begin_source("", done, names.size());
  embed(change);
  return change;
}

KnowledgeChange KnowledgeBase::add_program(const std::string& project, const std::string& version,
                                           const std::vector<ProgramPassage>& functions) {
  KnowledgeChange change;
  {
    store::Transaction step(database_);
    store::KnowledgeWriter writer(database_);
    store::Source source;
    source.kind = "program";
    source.name = project;
    source.version = version;
    source.read_at = base::utc_now();
    source.rank = kPathRank;
    std::vector<store::Passage> passages;
    for (const auto& function : functions) {
      store::Passage passage;
      passage.kind = "program";
      passage.title = function.title;
      passage.text = function.text;
      passage.end = static_cast<std::int64_t>(function.text.size());
      fill_search_texts(passage, {});
      passages.push_back(std::move(passage));
    }
    writer.put_document(writer.put_source(source), {"app", version, "", "python", "character", ""}, passages, {});
    writer.drop_unused_vectors();
    step.commit();
  }
  change.read = 1;
  embed(change);
  return change;
}

KnowledgeChange KnowledgeBase::refresh() {
  const auto packages = installed_packages(tools_.environment);
  KnowledgeChange change;
  const auto sources = store::sources_of(database_);
  std::size_t done = 0;
  for (const auto& source : sources) {
    std::error_code failure;
    begin_source(source.name, done++, sources.size());
    const bool is_package = source.kind == "package";
    const auto package = is_package ? find_package(packages, source.name) : std::nullopt;
    if (package) {
      take_package(*package, source.name, change);
    } else if (!is_package && (source.kind != "path" || fs::exists(source.name, failure))) {
      if (source.kind == "path") take_path(source.name, "", change);
    } else {
      note("gone: " + base::printable(source.name));
      change.dropped += static_cast<std::size_t>(source.documents);
      drop_sources(database_, tools_.folder, {source.name});
    }
  }
  begin_source("", done, sources.size());
  embed(change);
  return change;
}

void KnowledgeBase::embed(KnowledgeChange& change) {
  store::merge_words(database_);
  store::KnowledgeWriter writer(database_);
  const auto total = tools_.embedder == nullptr ? 0 : static_cast<std::size_t>(writer.pending_count());
  std::size_t done = 0;
  while (done < total) {
    tools_.cancel.throw_if_cancelled(kWhere);
    const auto pending = writer.pending(kTextsAtOnce);
    if (pending.empty()) break;
    std::vector<std::int64_t> ids;
    for (const auto& one : pending) ids.push_back(one.vector);
    const auto vectors = sums_of(*tools_.embedder, pending, tools_.cancel);
    tools_.cancel.throw_if_cancelled(kWhere);
    store::Transaction step(database_);
    writer.put_vectors(ids, vectors);
    step.commit();
    const auto before = done / kPublishEvery;
    done += pending.size();
    if (done / kPublishEvery != before) store::publish_vectors(database_, tools_.folder);
    if (tools_.listener) tools_.listener({KnowledgeEvent::Kind::Embed, "", done, total});
  }
  change.embedded += done;
  store::publish_words(database_, tools_.folder);
  store::publish_vectors(database_, tools_.folder);
}

}  // namespace gpiot::retrieve
