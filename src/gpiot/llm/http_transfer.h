#pragma once

#include <cstdint>
#include <memory>
#include <string>

using CURL = void;
struct curl_slist;

namespace gpiot::llm {

struct HttpLimits {
  std::int64_t connect_timeout_ms;
  std::int64_t timeout_ms;
  std::size_t answer_bytes;
};

/// One POST of JSON that is under way in a curl_multi. No redirects, no other protocol than http and https.
class HttpTransfer {
 public:
  /// `key` may be empty. Errors: InvalidArgument for a key with control characters; Internal.
  HttpTransfer(const std::string& url, std::string body, const std::string& key, const HttpLimits& limits);
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  [[nodiscard]] CURL* handle() const { return handle_.get(); }
  [[nodiscard]] std::string take_answer() { return std::move(answer_); }
  [[nodiscard]] bool too_large() const { return too_large_; }
  [[nodiscard]] long status() const;
  /// What curl says of a failure.
  [[nodiscard]] std::string failure(int code) const;

 private:
  struct Deleter {
    void operator()(CURL* handle) const;
    void operator()(curl_slist* list) const;
  };
  static std::size_t on_bytes(char* data, std::size_t size, std::size_t count, void* self);

  std::string body_;
  std::string answer_;
  std::size_t limit_bytes_;
  bool too_large_ = false;
  std::string error_;
  std::unique_ptr<curl_slist, Deleter> headers_;
  std::unique_ptr<CURL, Deleter> handle_;
};

}  // namespace gpiot::llm
