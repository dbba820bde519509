// Answers of a model with an adapter to the prompts of records, greedily: which are the records' answers, letter for
// letter? For a training that was to learn its records by heart. See README.md.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "bench_main.h"
#include "gpiot/base/files.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"
#include "gpiot/llm/llama_generator.h"
#include "machine.h"

namespace {

using namespace gpiot;
using base::Json;

struct Arguments {
  std::string model, adapter, records, kind;
};

struct Wanted {
  std::string id, answer;
  core::GenerationRequest request;
};

/// The records whose kind begins with `kind`, their last message being the answer.
std::vector<Wanted> wanted_of(const Arguments& arguments) {
  std::vector<Wanted> all;
  for (const std::string& line : base::split_lines(base::read_file(arguments.records, "bench.reproduce"))) {
    if (line.empty()) continue;
    const Json record = base::parse_json(line, "bench.reproduce", arguments.records);
    if (!record.at("kind").get<std::string>().starts_with(arguments.kind)) continue;
    Wanted one;
    one.id = record.at("id").get<std::string>();
    for (const Json& message : record.at("messages")) {
      one.request.messages.push_back({message.at("role").get<std::string>(), message.at("content").get<std::string>()});
    }
    one.answer = one.request.messages.back().content;
    one.request.messages.pop_back();
    one.request.sampling.max_tokens = 1024;
    all.push_back(std::move(one));
  }
  return all;
}

Json run(const Arguments& arguments) {
  const std::vector<Wanted> wanted = wanted_of(arguments);
  llm::LlamaGeneratorOptions options;
  options.adapter_path = arguments.adapter;
  options.parallel = 8;
  llm::LlamaGenerator generator(arguments.model, options);
  std::vector<core::GenerationRequest> requests;
  for (const Wanted& one : wanted) requests.push_back(one.request);
  const auto answers = generator.generate(
      requests,
      [](const core::GenerationProgress& progress) {
        fmt::print(stderr, "\r{}/{} answers, {} tokens ", progress.requests_done, progress.requests_total,
                   progress.completion_tokens);
      },
      base::CancelToken());
  Json rows = Json::array();
  int equal = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const std::string& text = answers[i].text;
    const std::string& answer = wanted[i].answer;
    const auto same = std::mismatch(text.begin(), text.end(), answer.begin(), answer.end()).first - text.begin();
    const bool whole = text == answer;
    equal += whole ? 1 : 0;
    rows.push_back({{"id", wanted[i].id}, {"equal", whole}, {"letters", answer.size()}, {"same_letters", same}});
  }
  fmt::print(stderr, "\n");
  return {{"bench", "reproduce"},
          {"commit", bench::built_from().name()},
          {"machine", bench::machine_name()},
          {"records", wanted.size()},
          {"equal", equal},
          {"rows", rows}};
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Example: gpiot-bench-reproduce MODEL.gguf tuned/tdslm.gguf records.jsonl --kind tdd");
  app.add_option("model", arguments.model)->required();
  app.add_option("adapter", arguments.adapter, "empty: the bare base")->required();
  app.add_option("records", arguments.records)->required();
  app.add_option("--kind", arguments.kind, "beginning of the records' kind: tdd or cgd")->required();
  CLI11_PARSE(app, argc, argv);
  return bench::print_result([&] { return run(arguments); });
}
