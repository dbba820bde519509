#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "gpiot/core/text_generator.h"
#include "gpiot/llm/llama_model.h"
#include "gpiot/tune/batch.h"

namespace gpiot::tune {

/// One record of the data sets (JSON Lines; docs/records.md).
struct Record {
  std::string id;
  Task task = Task::tdd;                    ///< kind "tdd", or "cgd-d1" ... "cgd-d3"
  std::vector<core::ChatMessage> messages;  ///< the last one is the assistant's answer
  bool validation = false;                  ///< split = "validation"
  std::string place;                        ///< "records.jsonl:12", for messages
};

/// What was read, and what was left out with --skip-bad.
struct RecordSet {
  std::vector<Record> records;
  std::vector<std::string> skipped;  ///< one line each: place and reason
  std::string sha256;                ///< of the files, in order
};

/// Reads and checks the files: an object per line with id, kind, messages (system and user in turn, the assistant's
/// answer last), source with a licence; no id twice, no messages twice. A line that is not so is refused by name, or
/// with `skip_bad` counted. Records of the split "test" are left out.
/// Errors: NotFound, Io, Capacity, Format; Data where a task that is to be trained has no record.
[[nodiscard]] RecordSet read_records(const std::vector<std::filesystem::path>& files, bool skip_bad);

/// Gives a share of the records to validation, chosen by the hash of their id, where no record says its split.
void part_records(RecordSet& set, double validation_share);

/// Records as tokens by the model's own chat template; the loss counts the answer and the end of the turn.
/// Errors: Capacity where one is longer than `most_tokens` (all are counted, the first named), unless `skip_bad`:
/// then it is put into `set.skipped`.
[[nodiscard]] std::vector<Example> tokenise(const llm::LlamaModel& model, RecordSet& set, std::size_t most_tokens,
                                            bool skip_bad);

}  // namespace gpiot::tune
