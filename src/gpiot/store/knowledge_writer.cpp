#include "gpiot/store/knowledge_writer.h"

#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <set>

#include "gpiot/base/error.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/strings.h"
#include "gpiot/store/knowledge_database.h"
#include "gpiot/store/vector_file.h"
#include "gpiot/store/vectors.h"

namespace gpiot::store {
namespace {

constexpr std::int64_t kMostParts = 4;
// Readers leave control characters out.
constexpr char kBetweenTexts = '\x1f';
constexpr char kAfterWeight = '\x1e';

std::string packed(const std::vector<WeightedText>& texts) {
  std::vector<std::string> parts;
  for (const auto& text : texts) parts.push_back(fmt::format("{}{}{}", text.weight, kAfterWeight, text.text));
  return base::join(parts, std::string_view(&kBetweenTexts, 1));
}

std::vector<WeightedText> unpacked(std::string_view packed_texts) {
  std::vector<WeightedText> texts;
  for (const auto& part : base::split(packed_texts, kBetweenTexts)) {
    const auto mark = part.find(kAfterWeight);
    if (mark == std::string::npos) continue;
    texts.push_back({part.substr(mark + 1), std::strtof(part.c_str(), nullptr)});
  }
  return texts;
}

}  // namespace

std::int64_t KnowledgeWriter::put_source(const Source& source) {
  database_
      .prepare(
          "INSERT INTO source(kind, name, version, licence, fingerprint, read_at, rank) VALUES(?1, ?2, ?3, ?4, ?5, ?6, "
          "?7) ON CONFLICT(name) DO UPDATE SET kind = ?1, version = ?3, licence = ?4, fingerprint = ?5, read_at = ?6, "
          "rank = ?7")
      .bind(1, source.kind)
      .bind(2, source.name)
      .bind(3, source.version)
      .bind(4, source.licence)
      .bind(5, source.fingerprint)
      .bind(6, source.read_at)
      .bind(7, static_cast<std::int64_t>(source.rank))
      .run();
  auto row = database_.prepare("SELECT id FROM source WHERE name = ?1");
  row.bind(1, source.name);
  row.step();
  return row.integer(0);
}

std::int64_t KnowledgeWriter::vector_of(const std::vector<WeightedText>& texts) {
  const std::string joined = packed(texts);
  const std::string key = base::sha256_hex(joined);
  auto found = database_.prepare("SELECT id FROM vector WHERE key = ?1");
  found.bind(1, key);
  if (found.step()) return found.integer(0);
  database_.prepare("INSERT INTO vector(key, texts) VALUES(?1, ?2)").bind(1, key).bind(2, joined).run();
  return database_.last_row();
}

std::int64_t KnowledgeWriter::put_message(std::int64_t document, const std::string& text) {
  std::int64_t tokens = 0;
  std::set<std::string> words;
  for (auto& token : tokens_.of(text)) {
    tokens += token.same_place ? 0 : 1;
    words.insert(std::move(token.text));
  }
  database_.prepare("INSERT INTO message(document, tokens, words) VALUES(?1, ?2, ?3)")
      .bind(1, document)
      .bind(2, tokens)
      .bind(3, base::join({words.begin(), words.end()}, " "))
      .run();
  return database_.last_row();
}

void KnowledgeWriter::put_document(std::int64_t source, const Document& document, std::span<const Passage> passages,
                                   std::span<const Object> objects) {
  drop_document(source, document.name);
  database_
      .prepare(
          "INSERT INTO document(source, name, sha256, title, format, span, refused) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")
      .bind(1, source)
      .bind(2, document.name)
      .bind(3, document.sha256)
      .bind(4, document.title)
      .bind(5, document.format)
      .bind(6, document.span)
      .bind(7, document.refused)
      .run();
  const auto id = database_.last_row();
  auto put = database_.prepare(
      "INSERT INTO passage(document, kind, title, names, text, part, parts, first, last, prior) "
      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
  auto put_words = database_.prepare(
      "INSERT INTO passage_words(rowid, own, summary, head, body, uses, errors) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
  auto put_reach =
      database_.prepare("INSERT OR IGNORE INTO message_passage(message, passage, calls) VALUES(?1, ?2, ?3)");
  std::map<std::string, std::int64_t> messages;
  auto put_vector = database_.prepare("INSERT OR IGNORE INTO passage_vector(vector, passage) VALUES(?1, ?2)");
  for (const auto& passage : passages) {
    put.bind(1, id).bind(2, passage.kind).bind(3, passage.title).bind(4, base::join(passage.names, " "));
    put.bind(5, passage.text).bind(6, std::int64_t{passage.part}).bind(7, std::int64_t{passage.parts});
    put.bind(8, passage.start).bind(9, passage.end).bind(10, passage.prior).run();
    const auto passage_id = database_.last_row();
    for (const auto& texts : passage.embedded) put_vector.bind(1, vector_of(texts)).bind(2, passage_id).run();
    put_words.bind(1, passage_id).bind(2, passage.own).bind(3, passage.summary);
    put_words.bind(4, passage.head).bind(5, passage.body).bind(6, passage.uses).bind(7, passage.errors).run();
    for (const auto& message : passage.messages) {
      const auto [at, is_new] = messages.try_emplace(message.text, 0);
      if (is_new) at->second = put_message(id, message.text);
      put_reach.bind(1, at->second).bind(2, passage_id).bind(3, std::int64_t{message.calls}).run();
    }
  }
  auto put_object = database_.prepare("INSERT INTO object(document, name, kind, facts) VALUES(?1, ?2, ?3, ?4)");
  auto put_name = database_.prepare("INSERT OR IGNORE INTO object_name(name, object) VALUES(?1, ?2)");
  for (const auto& object : objects) {
    put_object.bind(1, id).bind(2, object.name).bind(3, object.kind).bind(4, base::dump_json(object.facts)).run();
    const auto object_id = database_.last_row();
    put_name.bind(1, object.name).bind(2, object_id).run();
    for (const auto& alias : object.aliases) put_name.bind(1, alias).bind(2, object_id).run();
  }
  if (!passages.empty()) count_up();
}

void KnowledgeWriter::drop_document(std::int64_t source, const std::string& name) {
  database_.prepare("DELETE FROM document WHERE source = ?1 AND name = ?2").bind(1, source).bind(2, name).run();
}

void KnowledgeWriter::drop_source(std::int64_t source) {
  database_.prepare("DELETE FROM source WHERE id = ?1").bind(1, source).run();
}

std::vector<Document> KnowledgeWriter::documents_of(std::int64_t source) {
  auto rows = database_.prepare("SELECT name, sha256, refused FROM document WHERE source = ?1 ORDER BY name");
  rows.bind(1, source);
  std::vector<Document> documents;
  while (rows.step()) {
    Document document;
    document.name = rows.text(0);
    document.sha256 = rows.text(1);
    document.refused = rows.text(2);
    documents.push_back(std::move(document));
  }
  return documents;
}

void KnowledgeWriter::drop_unused_vectors() {
  database_.execute("DELETE FROM vector WHERE id NOT IN (SELECT vector FROM passage_vector)");
  count_up();
}

std::vector<Pending> KnowledgeWriter::pending(std::size_t count) {
  auto rows = database_.prepare(
      "SELECT v.id, v.texts FROM vector v JOIN passage p ON p.id = (SELECT min(passage) FROM passage_vector WHERE "
      "vector "
      "= v.id) JOIN document d ON d.id = p.document JOIN source s ON s.id = d.source WHERE v.components IS NULL "
      "ORDER BY s.rank, v.id LIMIT ?1");
  rows.bind(1, static_cast<std::int64_t>(count));
  std::vector<Pending> out;
  while (rows.step()) {
    Pending pending;
    pending.vector = rows.integer(0);
    pending.texts = unpacked(rows.text(1));
    out.push_back(std::move(pending));
  }
  return out;
}

std::int64_t KnowledgeWriter::pending_count() {
  return database_.integer("SELECT count(*) FROM vector WHERE components IS NULL");
}

void KnowledgeWriter::put_vectors(std::span<const std::int64_t> ids, std::span<const float> components) {
  const auto dimension = making_of(database_).dimension;
  if (components.size() != ids.size() * dimension) {
    throw base::Error(base::ErrorCode::Internal, "store.vectors",
                      fmt::format("vectors do not fit: got {} numbers, expected {} times {}", components.size(),
                                  ids.size(), dimension));
  }
  auto put = database_.prepare("UPDATE vector SET components = ?2, texts = NULL WHERE id = ?1");
  for (std::size_t i = 0; i < ids.size(); ++i) {
    put.bind(1, ids[i]).bind_blob(2, std::as_bytes(components.subspan(i * dimension, dimension))).run();
  }
  count_up();
}

void KnowledgeWriter::count_up() { database_.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'"); }

void merge_words(Database& database) {
  Transaction change(database);
  if (database.integer("SELECT count(DISTINCT segid) FROM passage_words_idx") <= kMostParts) return;
  database.execute("INSERT INTO passage_words(passage_words) VALUES('optimize')");
  change.commit();
}

void publish_vectors(Database& database, const std::filesystem::path& folder) {
  Transaction state(database, Transaction::Kind::Read);
  const auto file = vectors_file(folder);
  if (VectorFile::map(file).generation() == generation_of(database)) return;
  read_vectors(database).write(file);
}

}  // namespace gpiot::store
