#include "gpiot/store/identifier_tokenizer.h"

#include <sqlite3.h>

#include <algorithm>
#include <memory>

#include "gpiot/base/error.h"
#include "gpiot/store/database.h"
#include "gpiot/store/fts5.h"

namespace gpiot::store {
namespace {

constexpr const char* kName = "identifiers";

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_lower(c) || is_upper(c) || is_digit(c) || c == '_'; }

/// Whether a part ends between text[i - 1] and text[i]: findPeaks, FFTFilter, rfft2 stays whole.
bool parts_at(std::string_view text, std::size_t i, std::size_t end) {
  const char before = text[i - 1];
  const char here = text[i];
  if (before == '_' || here == '_') return true;
  if (is_upper(here) && (is_lower(before) || is_digit(before))) return true;
  return is_upper(before) && is_upper(here) && i + 1 < end && is_lower(text[i + 1]);
}

Identifier parted(std::string_view text, std::size_t begin, std::size_t end) {
  Identifier identifier{begin, end, {}};
  std::size_t from = begin;
  for (std::size_t i = begin + 1; i <= end; ++i) {
    if (i < end && !parts_at(text, i, end)) continue;
    if (text[from] != '_') identifier.parts.push_back({from, i});
    from = i;
  }
  return identifier;
}

/// What FTS5 calls back with, and what the tokens of one part are shifted by.
struct Sink {
  void* context;
  int (*token)(void*, int, const char*, int, int, int);
  int offset = 0;
  const Identifier* whole = nullptr;  ///< the token stands for all of it, at the place of the token before
};

int pass_on(void* context, int flags, const char* token, int bytes, int begin, int end) {
  const auto* sink = static_cast<Sink*>(context);
  if (sink->whole != nullptr) {
    return sink->token(sink->context, flags | FTS5_TOKEN_COLOCATED, token, bytes, static_cast<int>(sink->whole->begin),
                       static_cast<int>(sink->whole->end));
  }
  return sink->token(sink->context, flags, token, bytes, begin + sink->offset, end + sink->offset);
}

struct Tokenizer {
  fts5_tokenizer parent;
  Fts5Tokenizer* state = nullptr;
};

/// Text between identifiers and each part of them go to the parent tokenizer, in order.
int tokenize(Fts5Tokenizer* self, void* context, int flags, const char* bytes, int size,
             int (*token)(void*, int, const char*, int, int, int)) {
  const auto* own = reinterpret_cast<Tokenizer*>(self);
  const std::string_view text(bytes, static_cast<std::size_t>(size));
  Sink sink{context, token};
  const auto hand_over = [&](std::size_t begin, std::size_t end) {
    sink.offset = static_cast<int>(begin);
    return begin >= end ? SQLITE_OK
                        : own->parent.xTokenize(own->state, &sink, flags, bytes + begin, static_cast<int>(end - begin),
                                                &pass_on);
  };
  std::size_t done = 0;
  for (const auto& identifier : identifiers_of(text)) {
    if (identifier.parts.size() < 2) continue;
    int code = hand_over(done, identifier.begin);
    for (std::size_t i = 0; i < identifier.parts.size() && code == SQLITE_OK; ++i) {
      code = hand_over(identifier.parts[i].begin, identifier.parts[i].end);
      if (i != 0 || code != SQLITE_OK) continue;
      const std::string whole = whole_token(text.substr(identifier.begin, identifier.end - identifier.begin));
      sink.whole = &identifier;
      code = own->parent.xTokenize(own->state, &sink, flags, whole.c_str(), static_cast<int>(whole.size()), &pass_on);
      sink.whole = nullptr;
    }
    if (code != SQLITE_OK) return code;
    done = identifier.end;
  }
  return hand_over(done, text.size());
}

int create(void* context, const char**, int, Fts5Tokenizer** out) {
  auto* api = static_cast<fts5_api*>(context);
  auto made = std::make_unique<Tokenizer>();
  void* parent_context = nullptr;
  int code = api->xFindTokenizer(api, "porter", &parent_context, &made->parent);
  const char* arguments[] = {"unicode61", "remove_diacritics", "2"};
  if (code == SQLITE_OK) code = made->parent.xCreate(parent_context, arguments, 3, &made->state);
  if (code == SQLITE_OK) *out = reinterpret_cast<Fts5Tokenizer*>(made.release());
  return code;
}

void destroy(Fts5Tokenizer* self) {
  const std::unique_ptr<Tokenizer> own(reinterpret_cast<Tokenizer*>(self));
  own->parent.xDelete(own->state);
}

int keep(void* context, int flags, const char* token, int bytes, int, int) {
  auto* tokens = static_cast<std::vector<TextToken>*>(context);
  tokens->push_back({{token, static_cast<std::size_t>(bytes)}, (flags & FTS5_TOKEN_COLOCATED) != 0});
  return SQLITE_OK;
}

void require_ok(int code, const char* what) {
  if (code == SQLITE_OK) return;
  throw base::Error(base::ErrorCode::Internal, "store.tokens", std::string(what) + ": " + sqlite3_errstr(code));
}

}  // namespace

std::vector<Identifier> identifiers_of(std::string_view text) {
  std::vector<Identifier> found;
  for (std::size_t i = 0; i < text.size();) {
    if (!is_word(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && is_word(text[end])) ++end;
    auto identifier = parted(text, i, end);
    if (!identifier.parts.empty()) found.push_back(std::move(identifier));
    i = end;
  }
  return found;
}

std::string whole_token(std::string_view identifier) {
  std::string whole;
  for (const char c : identifier) {
    if (c != '_') whole += is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return whole;
}

void add_identifier_tokenizer(Database& database) {
  auto* api = fts5_of(database);
  fts5_tokenizer own{&create, &destroy, &tokenize};
  const int code = api->xCreateTokenizer(api, kName, api, &own, nullptr);
  if (code != SQLITE_OK) {
    throw base::Error(base::ErrorCode::Internal, "store.open",
                      std::string("FTS5 does not take the tokenizer: ") + sqlite3_errstr(code));
  }
}

struct IdentifierTokens::State {
  fts5_tokenizer tokenizer{};
  Fts5Tokenizer* made = nullptr;
};

IdentifierTokens::IdentifierTokens(Database& database) : state_(std::make_unique<State>()) {
  auto* api = fts5_of(database);
  void* context = nullptr;
  require_ok(api->xFindTokenizer(api, kName, &context, &state_->tokenizer), "the tokenizer is not known");
  require_ok(state_->tokenizer.xCreate(context, nullptr, 0, &state_->made), "the tokenizer cannot be made");
}

IdentifierTokens::~IdentifierTokens() { state_->tokenizer.xDelete(state_->made); }

std::vector<TextToken> IdentifierTokens::of(std::string_view text) const {
  std::vector<TextToken> tokens;
  require_ok(state_->tokenizer.xTokenize(state_->made, &tokens, FTS5_TOKENIZE_AUX, text.data(),
                                         static_cast<int>(text.size()), &keep),
             "the text cannot be parted");
  return tokens;
}

}  // namespace gpiot::store
