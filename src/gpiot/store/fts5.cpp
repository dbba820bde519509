#include "gpiot/store/fts5.h"

#include <sqlite3.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "gpiot/base/error.h"
#include "gpiot/store/database.h"

namespace gpiot::store {
namespace {

int count_row(const Fts5ExtensionApi*, Fts5Context*, void* count) {
  ++*static_cast<std::int64_t*>(count);
  return SQLITE_OK;
}

/// Empty where it is no list of numbers.
std::vector<std::int64_t> numbers_in(std::string_view text) {
  std::vector<std::int64_t> out;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    std::int64_t number = 0;
    const std::string word(text.substr(0, end));
    const char* after = word.data() + word.size();
    if (word.empty() || std::from_chars(word.data(), after, number).ptr != after) return {};
    out.push_back(number);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace

fts5_api* fts5_of(Database& database) {
  fts5_api* api = nullptr;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database.handle(), "SELECT fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
    sqlite3_bind_pointer(statement, 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
    sqlite3_step(statement);
  }
  sqlite3_finalize(statement);
  if (api == nullptr) {
    throw base::Error(base::ErrorCode::Unsupported, "store.open", "SQLite was built without FTS5",
                      "set gpiot up again: ./gpiot setup");
  }
  return api;
}

std::string_view text_of(sqlite3_value* value) {
  const auto* text = sqlite3_value_text(value);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

int rows_with_words(const Fts5ExtensionApi* api, Fts5Context* context, std::string_view counted,
                    std::vector<std::int64_t>& out) {
  const auto words = static_cast<std::size_t>(api->xPhraseCount(context));
  out = numbers_in(counted);
  if (out.size() != words) out.assign(words, -1);
  int code = SQLITE_OK;
  for (std::size_t i = 0; i < words && code == SQLITE_OK; ++i) {
    if (out[i] >= 0) continue;
    out[i] = 0;
    code = api->xQueryPhrase(context, static_cast<int>(i), &out[i], &count_row);
  }
  return code;
}

}  // namespace gpiot::store
