#include "gpiot/llm/derive.h"

#include <fmt/format.h>
#include <llama.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <vector>

#include "gpiot/base/error.h"
#include "gpiot/llm/cpu_facts.h"
#include "gpiot/llm/llama_log.h"
#include "gpiot/weights/gguf_layout.h"

namespace gpiot::llm {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "llm.derive";

struct WeightFormat {
  std::string_view name;
  llama_ftype type;
  ggml_type head = GGML_TYPE_COUNT;  ///< of embedding and output; GGML_TYPE_COUNT = libllama's choice
  bool only_q6_k = false;            ///< all tensors of other types are taken over as they are
};
constexpr WeightFormat kFormats[] = {
    {"q4_0", LLAMA_FTYPE_MOSTLY_Q4_0}, {"q4_0-h8", LLAMA_FTYPE_MOSTLY_Q4_0, GGML_TYPE_Q8_0},
    {"q8_0", LLAMA_FTYPE_MOSTLY_Q8_0}, {"f16", LLAMA_FTYPE_MOSTLY_F16},
    {"f32", LLAMA_FTYPE_ALL_F32},      {kBatchFormat, LLAMA_FTYPE_MOSTLY_Q8_0, GGML_TYPE_COUNT, true},
};

const WeightFormat& format_of(std::string_view name) {
  for (const WeightFormat& format : kFormats) {
    if (format.name == name) return format;
  }
  throw Error(
      ErrorCode::InvalidArgument, kWhere,
      fmt::format("unknown weight format: got '{}', expected q4_0, q4_0-h8, q8_0, f16, f32 or {}", name, kBatchFormat));
}

std::uint64_t elements(const weights::GgufLayout::Tensor& tensor) {
  return tensor.bytes / tensor.type->block_bytes * tensor.type->block_elements;
}

/// How many numbers stand in Q6_K.
std::uint64_t elements_in_q6_k(const weights::GgufLayout& layout) {
  std::uint64_t sum = 0;
  for (const auto& tensor : layout.tensors) sum += tensor.type->id == GGML_TYPE_Q6_K ? elements(tensor) : 0;
  return sum;
}

/// A regular expression that nothing but `name` fits: names in a file are not ours.
std::string exactly(std::string_view name) {
  std::string pattern = "^";
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_') pattern += '\\';
    pattern += c;
  }
  return pattern + "$";
}

/// The type of each tensor by its name, for libllama: a tensor that keeps its type is copied byte for byte.
class TypeByName {
 public:
  explicit TypeByName(const weights::GgufLayout& layout) {
    for (const auto& tensor : layout.tensors) {
      const auto type = static_cast<ggml_type>(tensor.type->id);
      patterns_.push_back(exactly(tensor.name));
      types_.push_back(type == GGML_TYPE_Q6_K ? GGML_TYPE_Q8_0 : type);
    }
    for (std::size_t i = 0; i < types_.size(); ++i) overrides_.push_back({patterns_[i].c_str(), types_[i]});
    overrides_.push_back({nullptr, GGML_TYPE_COUNT});
  }
  [[nodiscard]] const llama_model_tensor_override* data() const { return overrides_.data(); }

 private:
  std::vector<std::string> patterns_;
  std::vector<ggml_type> types_;
  std::vector<llama_model_tensor_override> overrides_;
};

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

/// Blocks of 256 numbers take 210 bytes in Q6_K and 272 in Q8_0.
std::uint64_t bytes_with_q8_0(const weights::GgufSummary& summary, const weights::GgufLayout& layout) {
  return summary.file_bytes + elements_in_q6_k(layout) / 256 * (272 - 210);
}

}  // namespace

double q6_k_share(const std::filesystem::path& model) {
  weights::GgufLayout layout;
  const weights::GgufSummary summary = weights::check_gguf(model, layout);
  return static_cast<double>(elements_in_q6_k(layout)) /
         static_cast<double>(std::max<std::uint64_t>(summary.parameters, 1));
}

void derive_model(const std::filesystem::path& in, const std::filesystem::path& out, std::string_view format,
                  const std::function<void(double)>& on_progress) {
  llama_model_quantize_params parameters = llama_model_quantize_default_params();
  const auto& wanted = format_of(format);
  parameters.ftype = wanted.type;
  parameters.output_tensor_type = wanted.head;
  parameters.token_embedding_type = wanted.head;
  parameters.allow_requantize = true;
  parameters.nthread = physical_cores();
  weights::GgufLayout layout;
  const weights::GgufSummary summary = weights::check_gguf(in, layout);
  const TypeByName kept(layout);
  if (wanted.only_q6_k) {
    parameters.tt_overrides = kept.data();
    if (summary.file_type > 1)
      parameters.ftype = static_cast<llama_ftype>(summary.file_type);  // what the copy says it is
  }
  std::error_code ignored;
  if (std::filesystem::equivalent(in, out, ignored)) {
    throw Error(ErrorCode::InvalidArgument, kWhere, "the copy would replace its original: " + out.string());
  }
  if (std::filesystem::exists(out, ignored)) {
    throw Error(ErrorCode::InvalidArgument, kWhere, out.string() + " is there already",
                "use it; to have it written again, remove it first");
  }
  if (wanted.only_q6_k && elements_in_q6_k(layout) == 0) {
    throw Error(ErrorCode::InvalidArgument, kWhere, in.string() + " has no Q6_K tensor: the copy would be the same");
  }
  const auto folder = out.has_parent_path() ? out.parent_path() : std::filesystem::path(".");
  check_room(folder, wanted.only_q6_k ? bytes_with_q8_0(summary, layout) : expected_bytes(summary, parameters.ftype));
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
