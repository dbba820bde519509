#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app_context.h"
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
  bool detached = false;   ///< it is the process in the background
  bool automatic = false;  ///< only where the default set is missing, in the background
  bool stop = false;
  bool default_set = true;  ///< is built in the background unasked
  std::string query;
  store::Filter filter;
  std::size_t count = 5;
  std::string by = "both";
  bool whole = false;
};

/// The folder that is asked for; where none is, the user's own.
[[nodiscard]] std::filesystem::path knowledge_folder_of(const std::string& asked);
/// Where retrieve::QueryMap looks for that of an encoder.
[[nodiscard]] std::filesystem::path query_maps_folder();
/// The knowledge base of this installation, to be changed under `lock_knowledge`; `printer` hears how far it is.
[[nodiscard]] retrieve::KnowledgeBase open_knowledge(const std::filesystem::path& folder, core::ProgramRunner& sandbox,
                                                     core::Embedder* embedder, const ProgressPrinter& printer,
                                                     AppContext& context);
/// What such a knowledge base is opened with; its listener shows events by `printer`.
[[nodiscard]] retrieve::KnowledgeTools knowledge_tools(const std::filesystem::path& folder,
                                                       core::ProgramRunner& sandbox, core::Embedder* embedder,
                                                       const ProgressPrinter& printer, AppContext& context);
/// One writer at a time; the others wait, and say so.
[[nodiscard]] std::unique_ptr<models::FileLock> lock_knowledge(const std::filesystem::path& folder,
                                                               const AppContext& context);

/// --knowledge-background, of all commands that read the knowledge base.
void add_background_option(CLI::App* command, bool& wanted);
/// Counts, encoder and size, and how its building goes.
void print_knowledge_stats(const AppContext& context, const std::filesystem::path& folder);
/// `list`, `stats`, `verify` and `search`.
void add_knowledge_readers(CLI::App* knowledge, AppContext& context,
                           const std::shared_ptr<KnowledgeArguments>& arguments);

}  // namespace gpiot::apps
