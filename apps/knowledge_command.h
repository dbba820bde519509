#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app_context.h"
#include "gpiot/base/json.h"
#include "gpiot/models/file_lock.h"
#include "gpiot/retrieve/knowledge_base.h"
#include "gpiot/store/knowledge_reader.h"
#include "progress_printer.h"

namespace gpiot::apps {

/// The command line of `gpiot knowledge ...`.
struct KnowledgeArguments {
  std::vector<std::string> names;
  std::string folder;
  std::string licence;
  std::string sandbox = "auto";
  bool background = false;
  std::string query;
  store::Filter filter;
  std::size_t count = 5;
  std::string by = "both";
  bool whole = false;
};

/// The folder that is asked for, or the user's own.
[[nodiscard]] std::filesystem::path folder_of(const KnowledgeArguments& arguments);
/// One line of JSON with the schema.
void print_json_line(const base::Json& facts);
/// Notes as lines, counts as progress with an estimate of what is left.
[[nodiscard]] retrieve::KnowledgeListener knowledge_listener(const ProgressPrinter& printer);
/// One writer at a time; the others wait, and say so.
[[nodiscard]] std::unique_ptr<models::FileLock> lock_knowledge(const std::filesystem::path& folder,
                                                               const AppContext& context);

/// `list`, `stats`, `verify` and `search`.
void add_knowledge_readers(CLI::App* knowledge, AppContext& context,
                           const std::shared_ptr<KnowledgeArguments>& arguments);

}  // namespace gpiot::apps
