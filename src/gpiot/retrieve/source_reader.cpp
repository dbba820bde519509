#include "gpiot/retrieve/source_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string_view>

#include "gpiot/base/error.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"
#include "gpiot/retrieve/search_texts.h"

namespace gpiot::retrieve {
namespace {

using base::Error;
using base::ErrorCode;
using base::Json;

constexpr std::string_view kWhere = "retrieve.read";
constexpr std::uint64_t kAnswerBytes = 512ULL << 20;

std::string text_of(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : "";
}

std::int64_t number_of(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_number_integer() ? at->get<std::int64_t>() : 0;
}

std::vector<std::string> texts_of(const Json& object, const char* key) {
  std::vector<std::string> out;
  const auto at = object.find(key);
  if (at == object.end() || !at->is_array()) return out;
  for (const auto& value : *at) {
    if (value.is_string()) out.push_back(value.get<std::string>());
  }
  return out;
}

/// Calls `use` with each line of a JSON lines file.
template <typename Use>
void each_line(const core::RunOutcome& outcome, const std::string& file, const Use& use) {
  const auto found = outcome.files.find(file);
  if (found == outcome.files.end()) return;
  std::string_view rest = found->second;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const auto line = rest.substr(0, end);
    if (!line.empty()) use(base::parse_json(line, kWhere, file));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  }
}

/// A stretch of a document.
store::Passage passage_from(const Json& line) {
  store::Passage passage;
  passage.kind = text_of(line, "kind");
  passage.title = base::join(texts_of(line, "title_path"), " > ");
  passage.text = text_of(line, "text");
  passage.part = static_cast<int>(number_of(line, "part"));
  passage.parts = static_cast<int>(number_of(line, "parts"));
  passage.start = number_of(line, "start");
  passage.end = number_of(line, "end");
  fill_search_texts(passage, {});
  return passage;
}

/// [[message, how many calls away], ...]
std::vector<store::Message> messages_of(const Json& object) {
  std::vector<store::Message> out;
  const auto at = object.find("messages");
  if (at == object.end() || !at->is_array()) return out;
  for (const auto& pair : *at) {
    if (pair.is_array() && pair.size() == 2 && pair[0].is_string() && pair[1].is_number_unsigned())
      out.push_back(
          {pair[0].get<std::string>(), static_cast<int>(std::min<std::uint64_t>(pair[1].get<std::uint64_t>(), 100))});
  }
  return out;
}

/// The documentation of a function, class or module: one passage, whatever its length.
store::Passage passage_of_object(const Json& line, const UsageNotes& notes) {
  store::Passage passage;
  passage.kind = text_of(line, "kind");
  passage.title = text_of(line, "name");
  passage.names = {passage.title};
  passage.text = text_of(line, "text");
  passage.end = static_cast<std::int64_t>(passage.text.size());
  fill_search_texts(passage, {text_of(line, "summary"), notes.of(passage.title),
                              base::join(texts_of(line, "errors"), "\n"), number_of(line, "mentions")});
  passage.messages = messages_of(line);
  return passage;
}

store::Object object_from(Json line) {
  store::Object object;
  object.name = text_of(line, "name");
  object.kind = text_of(line, "kind");
  object.aliases = texts_of(line, "aliases");
  line.erase("text");
  line.erase("aliases");
  line.erase("errors");
  line.erase("messages");
  object.facts = std::move(line);
  return object;
}

/// What the reader said last, for the user.
std::string last_words(const core::RunOutcome& outcome) {
  const auto lines = base::split_lines(base::trim(outcome.stderr_text));
  return lines.empty() ? std::string(core::name(outcome.ending)) : base::printable(lines.back()).substr(0, 400);
}

}  // namespace

core::RunOutcome SourceReader::run(Json job, const std::filesystem::path& data, const base::CancelToken& cancel) {
  job["characters"] = characters_;
  job["patience"] = patience_;
  core::RunRequest request;
  request.arguments = {"/app/knowledge_read.py", "--data", "/data", "--out", "/out"};
  request.mounts = {{runtime_, "/app"}};
  if (!data.empty()) request.mounts.push_back({data, "/data"});
  request.stdin_text = base::dump_json(job);
  request.collect = {"passages.jsonl", "objects.jsonl", "packages.json", "documents.json"};
  request.collect_limit_bytes = kAnswerBytes;
  request.limits.wall_ms = static_cast<std::int64_t>(1'800'000 * patience_);
  request.limits.cpu_ms = 1'800'000;
  request.limits.memory_bytes = 4ULL << 30;
  request.limits.disk_bytes = 2 * kAnswerBytes;
  auto outcome = runner_.run(request, cancel);
  cancel.throw_if_cancelled(kWhere);
  return outcome;
}

ReadDocument SourceReader::read_package(const std::string& import_name, std::vector<std::string>& notes,
                                        const base::CancelToken& cancel) {
  const auto outcome = run({{"packages", {import_name}}}, {}, cancel);
  ReadDocument out;
  out.document.name = import_name;
  out.document.format = "package";
  out.document.span = "character";
  const auto about = outcome.files.find("packages.json");
  if (about == outcome.files.end() || outcome.ending != core::Ending::Exited) {
    throw Error(ErrorCode::Data, kWhere,
                fmt::format("the package {} cannot be read: {}", import_name, last_words(outcome)));
  }
  const auto facts = base::parse_json(about->second, kWhere, "packages.json");
  for (const auto& package : facts.value("packages", Json::array())) {
    if (!text_of(package, "cut").empty())
      notes.push_back(import_name + " is not whole: " + base::printable(text_of(package, "cut")));
    for (const auto& skipped : package.value("skipped", Json::array()))
      notes.push_back(base::printable(text_of(skipped, "module") + " left out: " + text_of(skipped, "why")));
  }
  each_line(outcome, "objects.jsonl", [&](Json line) {
    if (!text_of(line, "summary").empty())
      out.passages.push_back(passage_of_object(line, notes_));  // others are not for search
    out.objects.push_back(object_from(std::move(line)));
  });
  if (out.objects.empty())
    throw Error(ErrorCode::Data, kWhere,
                fmt::format("the package {} offers nothing: {}", import_name, last_words(outcome)));
  return out;
}

std::vector<ReadDocument> SourceReader::read_files(const std::filesystem::path& root,
                                                   const std::vector<std::string>& files,
                                                   const base::CancelToken& cancel) {
  const auto outcome = run({{"files", files}}, root, cancel);
  std::vector<ReadDocument> out;
  std::map<std::string, std::size_t> place;
  const auto add = [&](const Json& facts, std::string refused) {
    ReadDocument read;
    read.document.name = text_of(facts, "document");
    read.document.title = text_of(facts, "title");
    read.document.format = text_of(facts, "format");
    read.document.span = text_of(facts, "span");
    read.document.refused = std::move(refused);
    place[read.document.name] = out.size();
    out.push_back(std::move(read));
  };
  if (const auto about = outcome.files.find("documents.json"); about != outcome.files.end()) {
    const auto facts = base::parse_json(about->second, kWhere, "documents.json");
    for (const auto& document : facts.value("documents", Json::array())) add(document, "");
    for (const auto& refused : facts.value("refused", Json::array()))
      add(refused, "got " + text_of(refused, "got") + ", expected " + text_of(refused, "expected"));
  }
  each_line(outcome, "passages.jsonl", [&](const Json& line) {
    const auto at = place.find(text_of(line, "document"));
    if (at != place.end()) out[at->second].passages.push_back(passage_from(line));
  });
  if (!out.empty() || files.empty()) return out;
  if (files.size() > 1) {  // one document may bring the reader down; the others are read all the same
    for (std::size_t half = 0; half < 2; ++half) {
      const auto middle = files.begin() + static_cast<std::ptrdiff_t>(files.size() / 2);
      const std::vector<std::string> part(half == 0 ? files.begin() : middle, half == 0 ? middle : files.end());
      for (auto& read : read_files(root, part, cancel)) out.push_back(std::move(read));
    }
    return out;
  }
  add({{"document", files.front()}}, "got " + last_words(outcome) + ", expected a document that can be read");
  return out;
}

}  // namespace gpiot::retrieve
