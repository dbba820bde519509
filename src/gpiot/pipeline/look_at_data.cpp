#include <fmt/format.h>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"
#include "gpiot/pipeline/draft.h"

namespace gpiot::pipeline {
namespace {

using base::Error;
using base::ErrorCode;
using base::Json;

constexpr std::string_view kWhere = "pipeline.init";

}  // namespace

Json look_at_data(core::ProgramRunner& runner, const std::filesystem::path& runtime, const std::filesystem::path& data,
                  const base::CancelToken& cancel) {
  std::error_code failure;
  const auto folder = std::filesystem::canonical(data, failure);
  if (failure || !std::filesystem::is_directory(folder, failure)) {
    throw Error(ErrorCode::NotFound, kWhere,
                "no such data folder: got '" + base::printable(data.string()) + "', expected a folder with the records",
                "give the folder with --data");
  }
  core::RunRequest request;
  request.arguments = {"/app/look.py", "--data", "/data", "--out", "/out"};
  request.mounts = {{runtime, "/app"}, {folder, "/data"}};
  request.collect = {"look.json"};
  request.limits.memory_bytes = 4ULL << 30;
  const auto outcome = runner.run(request, cancel);
  cancel.throw_if_cancelled(kWhere);
  const auto found = outcome.files.find("look.json");
  if (outcome.ok() && found != outcome.files.end()) return base::parse_json(found->second, kWhere, "look.json");
  const auto lines = base::split_lines(base::trim(outcome.stderr_text));
  throw Error(ErrorCode::Data, kWhere,
              fmt::format("the data folder cannot be looked at: {}",
                          lines.empty() ? std::string(core::name(outcome.ending))
                                        : base::printable(lines.back()).substr(0, 400)),
              "put the records into the folder given with --data, and nothing that is none");
}

}  // namespace gpiot::pipeline
