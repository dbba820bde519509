#include "gpiot/llm/derive.h"

#include <fmt/format.h>
#include <llama.h>

#include <cstdio>

#include "gpiot/base/error.h"
#include "gpiot/llm/cpu_facts.h"
#include "gpiot/llm/llama_log.h"
#include "gpiot/weights/gguf_check.h"

namespace gpiot::llm {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "llm.derive";

struct WeightFormat {
  std::string_view name;
  llama_ftype type;
  ggml_type head = GGML_TYPE_COUNT;  ///< of embedding and output; GGML_TYPE_COUNT = libllama's choice
};
constexpr WeightFormat kFormats[] = {
    {"q4_0", LLAMA_FTYPE_MOSTLY_Q4_0}, {"q4_0-h8", LLAMA_FTYPE_MOSTLY_Q4_0, GGML_TYPE_Q8_0},
    {"q8_0", LLAMA_FTYPE_MOSTLY_Q8_0}, {"f16", LLAMA_FTYPE_MOSTLY_F16},
    {"f32", LLAMA_FTYPE_ALL_F32},
};

const WeightFormat& format_of(std::string_view name) {
  for (const WeightFormat& format : kFormats) {
    if (format.name == name) return format;
  }
  throw Error(ErrorCode::InvalidArgument, kWhere,
              fmt::format("unknown weight format: got '{}', expected q4_0, q4_0-h8, q8_0, f16 or f32", name));
}

/// Deletes an unfinished file, whatever ended the work.
class PartialFile {
 public:
  explicit PartialFile(std::filesystem::path path) : path_(std::move(path)) {}
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;
  ~PartialFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// libllama has no progress callback for this, but logs "[  12/ 290] blk.0.ffn_up.weight ..." per tensor.
LogCapture::Listener progress_reader(const std::function<void(double)>& on_progress) {
  return [&on_progress](std::string_view line) {
    int done = 0;
    int total = 0;
    const std::string text(line.substr(0, 32));
    if (!on_progress || std::sscanf(text.c_str(), "[%d/%d]", &done, &total) != 2 || total <= 0) return;
    on_progress(static_cast<double>(done - 1) / total);
  };
}

void check_room(const std::filesystem::path& folder, std::uint64_t needed) {
  std::error_code failure;
  const auto space = std::filesystem::space(folder, failure);
  if (failure)
    throw Error(ErrorCode::Io, kWhere, fmt::format("cannot write in {}: {}", folder.string(), failure.message()));
  if (space.available < needed) {
    throw Error(ErrorCode::Io, kWhere,
                fmt::format("the disk is full: got {} bytes free in {}, expected about {}", space.available,
                            folder.string(), needed));
  }
}

std::uint64_t expected_bytes(const weights::GgufSummary& summary, llama_ftype type) {
  const std::uint64_t sixteenths = type == LLAMA_FTYPE_ALL_F32       ? 64
                                   : type == LLAMA_FTYPE_MOSTLY_F16  ? 32
                                   : type == LLAMA_FTYPE_MOSTLY_Q8_0 ? 17
                                                                     : 9;
  return summary.parameters / 16 * sixteenths + summary.data_offset;
}

}  // namespace

void derive_model(const std::filesystem::path& in, const std::filesystem::path& out, std::string_view format,
                  const std::function<void(double)>& on_progress) {
  llama_model_quantize_params parameters = llama_model_quantize_default_params();
  const auto& wanted = format_of(format);
  parameters.ftype = wanted.type;
  parameters.output_tensor_type = wanted.head;
  parameters.token_embedding_type = wanted.head;
  parameters.allow_requantize = true;
  parameters.nthread = physical_cores();
  const weights::GgufSummary summary = weights::check_gguf(in);
  std::error_code ignored;
  if (std::filesystem::equivalent(in, out, ignored)) {
    throw Error(ErrorCode::InvalidArgument, kWhere, "the copy would replace its original: " + out.string());
  }
  const auto folder = out.has_parent_path() ? out.parent_path() : std::filesystem::path(".");
  check_room(folder, expected_bytes(summary, parameters.ftype));
  start_backend();
  const PartialFile partial(out.string() + ".partial");
  {
    const LogCapture log(progress_reader(on_progress));
    if (llama_model_quantize(in.c_str(), partial.path().c_str(), &parameters) != 0) {
      throw Error(ErrorCode::Model, kWhere,
                  fmt::format("libllama cannot write {} as {}: {}", in.string(), format, log.reason()));
    }
  }
  (void)weights::check_gguf(partial.path());
  std::error_code failure;
  std::filesystem::rename(partial.path(), out, failure);
  if (failure)
    throw Error(ErrorCode::Io, kWhere, fmt::format("cannot rename to {}: {}", out.string(), failure.message()));
  if (on_progress) on_progress(1.0);
}

}  // namespace gpiot::llm
