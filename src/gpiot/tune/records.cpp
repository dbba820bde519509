#include "gpiot/tune/records.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"
#include "gpiot/llm/chat_template.h"

namespace gpiot::tune {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "tune.records";
constexpr std::uint64_t kLimit = 4ULL << 30;

[[noreturn]] void refuse(const std::string& problem) { throw Error(ErrorCode::Format, kWhere, problem); }

std::string text_of(const base::Json& object, const char* key) {
  if (!object.contains(key) || !object[key].is_string()) refuse(fmt::format("it has no text '{}'", key));
  auto text = object[key].get<std::string>();
  if (base::trim(text).empty()) refuse(fmt::format("'{}' is empty", key));
  return text;
}

Task task_of(const std::string& kind) {
  if (kind == "tdd") return Task::tdd;
  if (kind == "cgd-d1" || kind == "cgd-d2" || kind == "cgd-d3") return Task::cgd;
  refuse(fmt::format("kind: got '{}', expected tdd, cgd-d1, cgd-d2 or cgd-d3", kind));
}

std::vector<core::ChatMessage> messages_of(const base::Json& object) {
  if (!object.contains("messages") || !object["messages"].is_array()) refuse("it has no list 'messages'");
  std::vector<core::ChatMessage> messages;
  for (const base::Json& entry : object["messages"]) {
    if (!entry.is_object()) refuse("a message is no object");
    core::ChatMessage message{text_of(entry, "role"), text_of(entry, "content")};
    const bool first = messages.empty();
    const std::string expected = first || messages.back().role != "user" ? "user" : "assistant";
    if (message.role != expected && !(first && message.role == "system")) {
      refuse(fmt::format("role of message {}: got '{}', expected {}", messages.size() + 1, message.role, expected));
    }
    messages.push_back(std::move(message));
  }
  if (messages.size() < 2 || messages.back().role != "assistant")
    refuse("its last message is not the assistant's answer");
  return messages;
}

void check_licence(const base::Json& object) {
  if (!object.contains("source") || !object["source"].is_object()) refuse("it has no object 'source'");
  (void)text_of(object["source"], "licence");
}

/// What makes two records the same to a model.
std::string fingerprint(const Record& record) {
  std::string all;
  for (const core::ChatMessage& message : record.messages) all += message.role + '\x1f' + message.content + '\x1e';
  return base::sha256_hex(all);
}

struct Seen {
  std::set<std::string> ids, texts;
};

/// Nothing where the record belongs to the test split.
bool read_line(const std::string& line, const std::string& place, Seen& seen, std::vector<Record>& out) {
  const base::Json object = base::parse_json(line, kWhere, place);
  if (!object.is_object()) refuse("it is no object");
  Record record;
  record.place = place;
  record.id = text_of(object, "id");
  record.task = task_of(text_of(object, "kind"));
  record.messages = messages_of(object);
  check_licence(object);
  const std::string split = object.contains("split") ? text_of(object, "split") : "train";
  if (split != "train" && split != "validation" && split != "test") {
    refuse(fmt::format("split: got '{}', expected train, validation or test", split));
  }
  record.validation = split == "validation";
  if (!seen.ids.insert(record.id).second) refuse("its id '" + record.id + "' was there before");
  if (!seen.texts.insert(fingerprint(record)).second) refuse("the same messages were there before");
  if (split != "test") out.push_back(std::move(record));
  return split != "test";
}

}  // namespace

RecordSet read_records(const std::vector<std::filesystem::path>& files, bool skip_bad) {
  RecordSet set;
  Seen seen;
  std::string hashes;
  for (const std::filesystem::path& file : files) {
    const std::string text = base::read_file(file, kWhere, kLimit);
    hashes += base::sha256_hex(text);
    int number = 0;
    for (const std::string& line : base::split_lines(text)) {
      ++number;
      if (base::trim(line).empty()) continue;
      const std::string place = fmt::format("{}:{}", file.filename().string(), number);
      try {
        (void)read_line(line, place, seen, set.records);
      } catch (const Error& error) {
        const std::string what = fmt::format("{}: {}", place, error.what());
        if (!skip_bad) {
          throw Error(ErrorCode::Format, kWhere, "a record is refused: " + what,
                      "mend the line, or leave out what is bad with --skip-bad");
        }
        set.skipped.push_back(what);
      }
    }
  }
  set.sha256 = base::sha256_hex(hashes);
  return set;
}

void part_records(RecordSet& set, double validation_share) {
  if (std::ranges::any_of(set.records, &Record::validation)) return;
  for (const Task task : kTasks) {
    std::vector<std::pair<std::string, Record*>> order;
    for (Record& record : set.records) {
      if (record.task == task) order.emplace_back(base::sha256_hex("validation " + record.id), &record);
    }
    std::ranges::sort(order);
    const auto count = static_cast<std::size_t>(validation_share * static_cast<double>(order.size()));
    for (std::size_t i = 0; i < count; ++i) order[i].second->validation = true;
  }
}

std::vector<Example> tokenise(const llm::LlamaModel& model, RecordSet& set, std::size_t most_tokens, bool skip_bad) {
  std::vector<Example> examples;
  std::vector<std::string> long_ones;
  for (std::size_t i = 0; i < set.records.size(); ++i) {
    const Record& record = set.records[i];
    const std::span<const core::ChatMessage> all(record.messages);
    Example example;
    example.task = record.task;
    example.record = i;
    example.tokens = llm::prompt_tokens(model, all.first(all.size() - 1), {});
    example.answer_start = example.tokens.size();
    const std::vector<llm::Token> answer = model.tokens_of(all.back().content, false, false);
    example.tokens.insert(example.tokens.end(), answer.begin(), answer.end());
    example.tokens.push_back(model.end_of_turn());
    if (example.tokens.size() > most_tokens) {
      long_ones.push_back(
          fmt::format("{}: got {} tokens, expected at most {}", record.place, example.tokens.size(), most_tokens));
      continue;
    }
    examples.push_back(std::move(example));
  }
  if (!long_ones.empty() && !skip_bad) {
    throw Error(ErrorCode::Capacity, kWhere,
                fmt::format("{} records are longer than the context, the first {}", long_ones.size(), long_ones[0]),
                "raise context_tokens, shorten them, or leave them out with --skip-bad; none is cut");
  }
  set.skipped.insert(set.skipped.end(), long_ones.begin(), long_ones.end());
  return examples;
}

}  // namespace gpiot::tune
