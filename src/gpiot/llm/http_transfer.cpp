#include "gpiot/llm/http_transfer.h"

#include <curl/curl.h>

#include <algorithm>
#include <mutex>

#include "gpiot/base/error.h"

namespace gpiot::llm {
namespace {

using base::Error;
using base::ErrorCode;

void start_curl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

bool has_control(const std::string& text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace

void HttpTransfer::Deleter::operator()(CURL* handle) const { curl_easy_cleanup(handle); }
void HttpTransfer::Deleter::operator()(curl_slist* list) const { curl_slist_free_all(list); }

HttpTransfer::HttpTransfer(const std::string& url, std::string body, const std::string& key, const HttpLimits& limits)
    : body_(std::move(body)), limit_bytes_(limits.answer_bytes), error_(CURL_ERROR_SIZE, '\0') {
  start_curl();
  handle_.reset(curl_easy_init());
  if (!handle_) throw Error(ErrorCode::Internal, "llm.endpoint", "curl_easy_init failed");
  curl_slist* list = curl_slist_append(nullptr, "Content-Type: application/json");
  if (!key.empty()) {
    if (has_control(key)) {
      curl_slist_free_all(list);
      throw Error(ErrorCode::InvalidArgument, "llm.endpoint", "GPIOT_API_KEY holds a line break or control character");
    }
    list = curl_slist_append(list, ("Authorization: Bearer " + key).c_str());
  }
  headers_.reset(list);
  CURL* handle = handle_.get();
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "gpiot");
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers_.get());
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body_.data());
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect_timeout_ms));
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(limits.timeout_ms));
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, error_.data());
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &HttpTransfer::on_bytes);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(handle, CURLOPT_PRIVATE, this);
}

std::size_t HttpTransfer::on_bytes(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  const std::size_t bytes = size * count;
  if (bytes > transfer.limit_bytes_ - transfer.answer_.size()) {
    transfer.too_large_ = true;
    return 0;
  }
  transfer.answer_.append(data, bytes);
  return bytes;
}

long HttpTransfer::status() const {
  long status = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  return status;
}

std::string HttpTransfer::failure(int code) const {
  const std::string detail(error_.c_str());
  return detail.empty() ? curl_easy_strerror(static_cast<CURLcode>(code)) : detail;
}

}  // namespace gpiot::llm
