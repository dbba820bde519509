// How far the base in int8 is from the same in float: the mean KL divergence of the next token over some documents, for
// several lengths of the stretches that share a scale. See README.md.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "bench_main.h"
#include "difference.h"
#include "gpiot/base/json.h"
#include "gpiot/tune/device.h"
#include "gpiot/tune/records.h"
#include "gpiot/tune/step.h"

namespace {

using namespace gpiot::tune;
using gpiot::base::Json;
using gpiot::bench::Difference;

struct Arguments {
  std::string model, records;
  int documents = 4;
  int threads = 0;
};

struct Variant {
  const char* name;
  at::ScalarType type;
  std::int64_t scale_columns;  ///< 0: not in int8
};
constexpr std::int64_t kWholeRow = std::int64_t{1} << 40;
const Variant kVariants[] = {{"bf16", at::kBFloat16, 0},
                             {"int8, a scale per row, f32", at::kFloat, kWholeRow},
                             {"int8, a scale per 64, f32", at::kFloat, 64},
                             {"int8, a scale per 32, f32", at::kFloat, 32},
                             {"int8, a scale per 32, bf16", at::kBFloat16, 32}};

MatrixFormat format_of(const Variant& variant) {
  MatrixFormat format =
      matrix_format(variant.type, at::kCPU, variant.scale_columns > 0 ? BaseStorage::int8 : BaseStorage::same);
  format.scale_columns = variant.scale_columns;
  return format;
}

std::int64_t bytes_of(const BaseModel& model) {
  std::int64_t bytes = model.embedding.bytes() + (model.shape.own_head ? model.head.bytes() : 0);
  for (const BlockWeights& block : model.blocks) {
    bytes += block.qkv.bytes() + block.attention_out.bytes() + block.gate_up.bytes() + block.down.bytes();
  }
  return bytes;
}

std::vector<Batch> documents_of(const Arguments& arguments) {
  RecordSet set = read_records({arguments.records}, false);
  const gpiot::llm::LlamaModel vocabulary(arguments.model, {}, gpiot::llm::LlamaModel::Part::vocabulary);
  std::vector<Example> examples = tokenise(vocabulary, set, 2048, true);
  std::vector<Batch> batches;
  for (Example& example : examples) {
    if (static_cast<int>(batches.size()) == arguments.documents) break;
    example.answer_start = 1;
    batches.push_back(pack({&example}, false, at::kCPU));
  }
  return batches;
}

Json run(const Arguments& arguments) {
  use_threads(arguments.threads);
  const gpiot::llm::GgufWeights file(arguments.model);
  const std::vector<Batch> documents = documents_of(arguments);
  std::vector<at::Tensor> wanted;
  {
    const BaseModel floats = load_base(file, {.type = at::kFloat});
    for (const Batch& document : documents) wanted.push_back(batch_logits(floats, nullptr, document));
  }
  Json rows = Json::array();
  for (const Variant& variant : kVariants) {
    const BaseModel model = load_base(file, format_of(variant));
    Difference difference;
    for (std::size_t i = 0; i < documents.size(); ++i) {
      difference.add(wanted[i], batch_logits(model, nullptr, documents[i]));
    }
    Json row = difference.json();
    row["base"] = variant.name;
    row["bytes"] = bytes_of(model);
    rows.push_back(row);
    fmt::print(stderr, "{}\n", gpiot::base::dump_json(rows.back()));
  }
  return rows;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app(
      "Example: gpiot-bench-tune-base MODEL.gguf examples/tiny-tune/records.jsonl\n\nThe error of a base in int8.");
  app.add_option("model", arguments.model)->required();
  app.add_option("records", arguments.records)->required();
  app.add_option("--documents", arguments.documents, "the first of the records");
  app.add_option("--threads", arguments.threads);
  CLI11_PARSE(app, argc, argv);
  return gpiot::bench::print_result([&] { return run(arguments); });
}
