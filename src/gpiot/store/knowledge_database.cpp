#include "gpiot/store/knowledge_database.h"

#include <fmt/format.h>

#include <cstdlib>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"
#include "gpiot/store/held_bm25.h"
#include "gpiot/store/identifier_tokenizer.h"

namespace gpiot::store {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "store.open";
constexpr std::int64_t kSchemaVersion = 3;

/// A vector belongs to a text, not to a passage: a text that is there again after a refresh is not embedded again.
/// `texts` is what waits to be embedded, NULL after it. Of a passage, what every search reads stands before the long
/// text.
constexpr std::string_view kSchema = R"(
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE source(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL UNIQUE, version TEXT NOT NULL,
  licence TEXT NOT NULL, fingerprint TEXT NOT NULL, read_at TEXT NOT NULL, rank INTEGER NOT NULL);
CREATE TABLE document(id INTEGER PRIMARY KEY, source INTEGER NOT NULL REFERENCES source(id) ON DELETE CASCADE,
  name TEXT NOT NULL, sha256 TEXT NOT NULL, title TEXT NOT NULL, format TEXT NOT NULL, span TEXT NOT NULL,
  refused TEXT NOT NULL, UNIQUE(source, name));
CREATE TABLE vector(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, texts TEXT, components BLOB);
CREATE INDEX vector_missing ON vector(id) WHERE components IS NULL;
CREATE TABLE passage(id INTEGER PRIMARY KEY, document INTEGER NOT NULL REFERENCES document(id) ON DELETE CASCADE,
  kind TEXT NOT NULL, prior REAL NOT NULL, title TEXT NOT NULL, names TEXT NOT NULL, text TEXT NOT NULL,
  part INTEGER NOT NULL, parts INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL);
CREATE INDEX passage_document ON passage(document);
CREATE TABLE passage_vector(vector INTEGER NOT NULL REFERENCES vector(id), passage INTEGER NOT NULL REFERENCES passage(id)
  ON DELETE CASCADE, PRIMARY KEY(vector, passage)) WITHOUT ROWID;
CREATE INDEX passage_vector_passage ON passage_vector(passage);
CREATE TABLE object(id INTEGER PRIMARY KEY, document INTEGER NOT NULL REFERENCES document(id) ON DELETE CASCADE,
  name TEXT NOT NULL, kind TEXT NOT NULL, facts TEXT NOT NULL);
CREATE INDEX object_document ON object(document);
CREATE TABLE object_name(name TEXT NOT NULL, object INTEGER NOT NULL REFERENCES object(id) ON DELETE CASCADE,
  PRIMARY KEY(name, object)) WITHOUT ROWID;
CREATE INDEX object_name_object ON object_name(object);
CREATE VIRTUAL TABLE passage_words USING fts5(own, summary, head, body, uses, errors, content='', contentless_delete=1,
  tokenize='identifiers');
CREATE TABLE message(id INTEGER PRIMARY KEY, document INTEGER NOT NULL REFERENCES document(id) ON DELETE CASCADE,
  tokens INTEGER NOT NULL, words TEXT NOT NULL);
CREATE INDEX message_document ON message(document);
CREATE TABLE message_passage(message INTEGER NOT NULL REFERENCES message(id) ON DELETE CASCADE,
  passage INTEGER NOT NULL REFERENCES passage(id) ON DELETE CASCADE, calls INTEGER NOT NULL,
  PRIMARY KEY(message, passage)) WITHOUT ROWID;
CREATE INDEX message_passage_passage ON message_passage(passage);
CREATE TRIGGER passage_out AFTER DELETE ON passage BEGIN
  DELETE FROM passage_words WHERE rowid = old.id;
END;
)";

void write_meta(Database& database, std::string_view key, std::string_view value) {
  database.prepare("INSERT OR REPLACE INTO meta VALUES(?1, ?2)").bind(1, key).bind(2, value).run();
}

std::string read_meta(Database& database, std::string_view key) {
  auto row = database.prepare("SELECT value FROM meta WHERE key = ?1");
  row.bind(1, key);
  return row.step() ? std::string(row.text(0)) : "";
}

int whole(const std::string& text) { return static_cast<int>(std::strtol(text.c_str(), nullptr, 10)); }

void make_schema(Database& database, const Making& making) {
  Transaction change(database);
  if (database.integer("PRAGMA user_version") == kSchemaVersion) return;  // another process was faster
  database.execute(kSchema);
  write_meta(database, "encoder", making.encoder);
  write_meta(database, "encoder_sha256", making.encoder_sha256);
  write_meta(database, "dimension", std::to_string(making.dimension));
  write_meta(database, "max_tokens", std::to_string(making.max_tokens));
  write_meta(database, "characters", std::to_string(making.characters));
  write_meta(database, "generation", "0");
  database.execute(fmt::format("PRAGMA user_version = {}", kSchemaVersion));
  change.commit();
}

void require_version(Database& database) {
  const auto version = database.integer("PRAGMA user_version");
  if (version == kSchemaVersion) return;
  throw Error(ErrorCode::Format, kWhere,
              fmt::format("the knowledge base has another format: got {}, expected {}", version, kSchemaVersion),
              "build it anew: move its folder away, then gpiot knowledge add");
}

Source source_from(const Statement& row) {
  Source source;
  source.id = row.integer(0);
  source.kind = row.text(1);
  source.name = row.text(2);
  source.version = row.text(3);
  source.licence = row.text(4);
  source.fingerprint = row.text(5);
  source.read_at = row.text(6);
  source.rank = static_cast<int>(row.integer(7));
  return source;
}

constexpr std::string_view kColumns = "id, kind, name, version, licence, fingerprint, read_at, rank";

}  // namespace

std::filesystem::path database_file(const std::filesystem::path& folder) { return folder / "knowledge.sqlite3"; }
std::filesystem::path words_file(const std::filesystem::path& folder) { return folder / "knowledge.words"; }
std::filesystem::path vectors_file(const std::filesystem::path& folder) { return folder / "knowledge.vectors8"; }

Database open_to_write(const std::filesystem::path& folder, const Making& making) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) throw base::io_error(kWhere, "the folder cannot be made: " + folder.string(), failure.value());
  Database database(database_file(folder), OpenMode::Write, kWhere);
  add_identifier_tokenizer(database);
  add_held_bm25(database);
  if (database.integer("PRAGMA user_version") == 0) make_schema(database, making);
  require_version(database);
  require_same_encoder(making_of(database), making);
  return database;
}

namespace {

Database open_existing(const std::filesystem::path& folder, OpenMode mode) {
  const auto file = database_file(folder);
  const Error nothing(ErrorCode::NotFound, kWhere, "there is no knowledge base yet: " + base::printable(file.string()),
                      "gpiot knowledge add");
  std::error_code failure;
  if (!std::filesystem::is_regular_file(file, failure)) throw nothing;
  Database database(file, mode, kWhere);
  if (database.integer("PRAGMA user_version") == 0) throw nothing;  // another process is making it at this moment
  add_identifier_tokenizer(database);
  add_held_bm25(database);
  require_version(database);
  return database;
}

}  // namespace

Database open_to_change(const std::filesystem::path& folder) { return open_existing(folder, OpenMode::Write); }
Database open_to_read(const std::filesystem::path& folder) { return open_existing(folder, OpenMode::Read); }

Making making_of(Database& database) {
  Making making;
  making.encoder = read_meta(database, "encoder");
  making.encoder_sha256 = read_meta(database, "encoder_sha256");
  making.dimension = static_cast<std::size_t>(whole(read_meta(database, "dimension")));
  making.max_tokens = whole(read_meta(database, "max_tokens"));
  making.characters = whole(read_meta(database, "characters"));
  return making;
}

void require_same_encoder(const Making& store, const Making& making) {
  const bool same = store.encoder_sha256 == making.encoder_sha256 && store.dimension == making.dimension &&
                    store.max_tokens == making.max_tokens && store.characters == making.characters;
  if (same) return;
  const auto words = [](const Making& m) {
    return fmt::format("{} ({}), {} tokens, passages of {} characters",
                       m.encoder.empty() ? "no encoder" : base::printable(m.encoder), m.encoder_sha256.substr(0, 12),
                       m.max_tokens, m.characters);
  };
  throw Error(ErrorCode::Model, kWhere,
              fmt::format("the knowledge base was made otherwise: got {}, expected {}", words(making), words(store)),
              "use that encoder, or build another knowledge base in a folder of its own (--knowledge)");
}

std::vector<std::string> faults_of(Database& database) {
  std::vector<std::string> faults;
  auto pages = database.prepare("PRAGMA integrity_check(10)");
  while (pages.step()) {
    if (pages.text(0) != "ok") faults.emplace_back(pages.text(0));
  }
  auto keys = database.prepare("PRAGMA foreign_key_check");
  if (keys.step()) faults.push_back("a row of " + std::string(keys.text(0)) + " belongs to nothing");
  const auto none = [&](std::string_view rows, const std::string& fault) {
    if (const auto count = database.integer(fmt::format("SELECT count(*) FROM {}", rows)); count > 0)
      faults.push_back(fmt::format("{}: {}", fault, count));
  };
  none("passage WHERE id NOT IN (SELECT id FROM passage_words_docsize)", "passages whose words are not indexed");
  none("passage_words_docsize WHERE id NOT IN (SELECT id FROM passage)", "words of passages that are gone");
  none("passage WHERE id NOT IN (SELECT passage FROM passage_vector)", "passages without a vector to be made");
  none("vector WHERE id NOT IN (SELECT vector FROM passage_vector)", "vectors of no passage");
  none("vector WHERE components IS NULL AND texts IS NULL", "vectors that can never be made");
  return faults;
}

std::int64_t generation_of(Database& database) { return whole(read_meta(database, "generation")); }

std::vector<Source> sources_of(Database& database) {
  std::vector<Source> sources;
  auto rows = database.prepare(fmt::format("SELECT {} FROM source ORDER BY rank, id", kColumns));
  while (rows.step()) sources.push_back(source_from(rows));
  auto counts = database.prepare(
      "SELECT (SELECT count(*) FROM document WHERE source = ?1), "
      "(SELECT count(*) FROM document WHERE source = ?1 AND refused != ''), count(*), "
      "sum(NOT EXISTS (SELECT 1 FROM passage_vector pv JOIN vector v ON v.id = pv.vector WHERE pv.passage = p.id "
      "AND v.components IS NULL)) FROM document d JOIN passage p ON p.document = d.id WHERE d.source = ?1");
  for (auto& source : sources) {
    counts.bind(1, source.id);
    if (counts.step()) {
      source.documents = counts.integer(0);
      source.refused = counts.integer(1);
      source.passages = counts.integer(2);
      source.embedded = counts.integer(3);
    }
    counts.reset();
  }
  return sources;
}

std::optional<Source> find_source(Database& database, const std::string& name) {
  auto row = database.prepare(fmt::format("SELECT {} FROM source WHERE name = ?1", kColumns));
  row.bind(1, name);
  return row.step() ? std::optional(source_from(row)) : std::nullopt;
}

}  // namespace gpiot::store
