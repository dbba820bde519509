#include "gpiot/tune/safetensors.h"

#include <bit>
#include <cstring>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/json.h"

namespace gpiot::tune {
namespace {

using base::Error;
using base::ErrorCode;

static_assert(std::endian::native == std::endian::little, "safetensors are little-endian");
constexpr std::string_view kWhere = "tune.safetensors";
constexpr std::uint64_t kLimit = 16ULL << 30;

const char* type_name(const at::Tensor& tensor) { return tensor.scalar_type() == at::kBFloat16 ? "BF16" : "F32"; }

at::Tensor ready(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.to(at::kCPU).contiguous();
  return plain.scalar_type() == at::kBFloat16 ? plain : plain.to(at::kFloat);
}

[[noreturn]] void broken(const std::filesystem::path& path, const std::string& what) {
  throw Error(ErrorCode::Format, kWhere, path.string() + " is broken: " + what);
}

/// One entry of the header as a tensor over its part of the data.
at::Tensor read_tensor(const std::filesystem::path& path, const std::string& name, const base::Json& entry,
                       std::string_view data) {
  if (!entry.is_object() || !entry.contains("dtype") || !entry.contains("shape") || !entry.contains("data_offsets")) {
    broken(path, "'" + name + "' is not described");
  }
  const auto type_text = entry["dtype"].get<std::string>();
  if (type_text != "F32" && type_text != "BF16") broken(path, "'" + name + "' is of the type " + type_text);
  const at::ScalarType type = type_text == "F32" ? at::kFloat : at::kBFloat16;
  const auto shape = entry["shape"].get<std::vector<std::int64_t>>();
  const auto offsets = entry["data_offsets"].get<std::vector<std::uint64_t>>();
  std::uint64_t bytes = type == at::kFloat ? 4 : 2;
  for (const std::int64_t size : shape) {
    if (size < 0 || (size > 0 && bytes > kLimit / static_cast<std::uint64_t>(size)))
      broken(path, "'" + name + "' is too large");
    bytes *= static_cast<std::uint64_t>(size);
  }
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data.size() || offsets[1] - offsets[0] != bytes) {
    broken(path, "'" + name + "' lies outside of the file");
  }
  at::Tensor tensor = at::empty(shape, type);
  std::memcpy(tensor.data_ptr(), data.data() + offsets[0], bytes);
  return tensor;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, SafeTensors content) {
  std::string data;
  base::Json header = base::Json::object();
  for (auto& [name, tensor] : content.tensors) {
    const at::Tensor plain = ready(tensor);
    const std::uint64_t begin = data.size();
    data.append(static_cast<const char*>(plain.const_data_ptr()), plain.nbytes());
    header[name] = {
        {"dtype", type_name(plain)}, {"shape", plain.sizes().vec()}, {"data_offsets", {begin, data.size()}}};
  }
  content.facts["data_sha256"] = base::sha256_hex(data);
  header["__metadata__"] = content.facts;
  std::string text = base::dump_json(header);
  text.resize((text.size() + 7) / 8 * 8, ' ');
  std::string bytes(8, '\0');
  const std::uint64_t length = text.size();
  std::memcpy(bytes.data(), &length, 8);
  base::write_file_atomic(path, bytes + text + data, kWhere);
}

SafeTensors read_safetensors(const std::filesystem::path& path) {
  const std::string bytes = base::read_file(path, kWhere, kLimit);
  std::uint64_t length = 0;
  if (bytes.size() < 8) broken(path, "it is cut short");
  std::memcpy(&length, bytes.data(), 8);
  if (length > bytes.size() - 8) broken(path, "it is cut short");
  const std::string_view text(bytes.data() + 8, length);
  const std::string_view data(bytes.data() + 8 + length, bytes.size() - 8 - length);
  const base::Json header = base::parse_json(text, kWhere, path.string());
  if (!header.is_object()) broken(path, "its header is no object");
  SafeTensors content;
  try {
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__") {
        for (const auto& [key, value] : entry.items()) content.facts[key] = value.get<std::string>();
      } else {
        content.tensors.emplace_back(name, read_tensor(path, name, entry, data));
      }
    }
  } catch (const nlohmann::json::exception& error) {
    broken(path, error.what());
  }
  const auto hash = content.facts.find("data_sha256");
  if (hash != content.facts.end() && hash->second != base::sha256_hex(data))
    broken(path, "its data is not what was written");
  return content;
}

}  // namespace gpiot::tune
