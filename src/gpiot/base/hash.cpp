#include "gpiot/base/hash.h"

#include <openssl/evp.h>

#include <array>
#include <cstdio>
#include <memory>
#include <vector>

#include "gpiot/base/error.h"

namespace gpiot::base {
namespace {

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) {
      throw Error(ErrorCode::Internal, "base.hash", "libcrypto gives no SHA-256");
    }
  }
  void add(const void* data, std::size_t size) {
    if (EVP_DigestUpdate(context_.get(), data, size) != 1) {
      throw Error(ErrorCode::Internal, "base.hash", "libcrypto refused an update");
    }
  }
  [[nodiscard]] std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    if (EVP_DigestFinal_ex(context_.get(), digest.data(), &length) != 1) {
      throw Error(ErrorCode::Internal, "base.hash", "libcrypto refused to finish");
    }
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (unsigned i = 0; i < length; ++i) {
      text += kDigits[digest.at(i) >> 4];
      text += kDigits[digest.at(i) & 15];
    }
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes.data(), bytes.size());
  return hash.hex();
}

std::string sha256_file(const std::filesystem::path& path, std::string_view where,
                        const std::function<void(std::uint64_t)>& on_bytes) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "rbe"), std::fclose);
  if (!file) throw Error(ErrorCode::NotFound, where, "cannot open " + path.string());
  Sha256 hash;
  std::vector<char> part(1 << 20);
  std::uint64_t done = 0;
  while (const std::size_t count = std::fread(part.data(), 1, part.size(), file.get())) {
    hash.add(part.data(), count);
    done += count;
    if (on_bytes) on_bytes(done);
  }
  if (std::ferror(file.get()) != 0) throw Error(ErrorCode::Io, where, "cannot read " + path.string());
  return hash.hex();
}

}  // namespace gpiot::base
