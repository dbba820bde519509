#include "gpiot/models/http_file.h"

#include <curl/curl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"

namespace gpiot::models {
namespace {

using base::Error;
using base::ErrorCode;
constexpr std::string_view kWhere = "models.download";
constexpr std::size_t kTextLimit = 1 << 20;

using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

Handle make_handle() {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  Handle handle(curl_easy_init(), curl_easy_cleanup);
  if (ready != CURLE_OK || !handle) throw Error(ErrorCode::Internal, kWhere, "libcurl cannot be started");
  return handle;
}

/// One transfer: what the callbacks see.
struct Transfer {
  CURL* curl = nullptr;
  std::FILE* file = nullptr;
  std::uint64_t start = 0;  ///< bytes on disk before it
  std::uint64_t done = 0;
  bool answered = false;
  bool body_begun = false;
  bool past_the_end = false;  ///< the server has no byte after those on disk
  int write_error = 0;
  std::string refused;  ///< why the body is not wanted
  RemoteFile remote;
  const HttpRequest* request = nullptr;
  const OnBytes* on_bytes = nullptr;
  const base::CancelToken* cancel = nullptr;
};

long status_of(CURL* curl) {
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

std::string unquoted(std::string text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  return text;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  transfer.answered = true;
  const std::string line(data, size);
  const auto colon = line.find(':');
  if (colon == std::string::npos) return size;
  const auto name = base::to_lower(line.substr(0, colon));
  const auto value = base::trim(line.substr(colon + 1));
  if (name == "x-linked-etag") {
    if (const auto hash = unquoted(value); hash.size() == 64) transfer.remote.sha256 = hash;
  } else if (name == "x-linked-size") {
    transfer.remote.bytes = std::strtoull(value.c_str(), nullptr, 10);
  } else if (name == "x-repo-commit") {
    transfer.remote.revision = value;
  }
  return size;
}

bool start_over(Transfer& transfer) {
  if (std::fflush(transfer.file) != 0 || ::ftruncate(::fileno(transfer.file), 0) != 0) {
    transfer.write_error = errno;
    return false;
  }
  transfer.start = transfer.done = 0;
  return true;
}

/// Before the first byte of the body: is this the file that is wanted, and does it go on where we stopped?
bool begin_body(Transfer& transfer) {
  transfer.body_begun = true;
  const long status = status_of(transfer.curl);
  curl_off_t length = -1;
  curl_easy_getinfo(transfer.curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  if (status == 416) {
    transfer.past_the_end = true;
    return false;
  }
  if (status != 200 && status != 206) {
    transfer.refused = "the server answered " + std::to_string(status);
    return false;
  }
  const auto& wanted = *transfer.request;
  if (!wanted.expected_sha256.empty() && !transfer.remote.sha256.empty() &&
      transfer.remote.sha256 != wanted.expected_sha256) {
    transfer.refused =
        "the server has another file: got sha256 " + transfer.remote.sha256 + ", expected " + wanted.expected_sha256;
    return false;
  }
  if (status == 200 && transfer.start > 0 && !start_over(transfer)) return false;
  if (transfer.remote.bytes == 0 && length >= 0)
    transfer.remote.bytes = transfer.start + static_cast<std::uint64_t>(length);
  if (wanted.expected_bytes != 0 && transfer.remote.bytes != 0 && transfer.remote.bytes != wanted.expected_bytes) {
    transfer.refused = "the server has another file: got " + std::to_string(transfer.remote.bytes) +
                       " bytes, expected " + std::to_string(wanted.expected_bytes);
    return false;
  }
  return true;
}

std::size_t on_data(char* data, std::size_t, std::size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (!transfer.body_begun && !begin_body(transfer)) return 0;
  if (transfer.cancel->cancelled()) return 0;
  if (std::fwrite(data, 1, size, transfer.file) != size) {
    transfer.write_error = errno == 0 ? EIO : errno;
    return 0;
  }
  transfer.done += size;
  if (*transfer.on_bytes) (*transfer.on_bytes)(transfer.done, transfer.remote.bytes);
  return size;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(user)->cancel->cancelled() ? 1 : 0;
}

void set_common(CURL* curl, const std::string& url, long connect_timeout_s) {
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, url.rfind("http:", 0) == 0 ? "http,https" : "https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 8L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, connect_timeout_s);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "gpiot");
  // Some networks drop packets instead of refusing them: a silent half minute ends the try.
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, 30L);
}

[[noreturn]] void throw_write(const HttpRequest& request, int number) {
  throw base::io_error(kWhere, "cannot write " + request.partial.string(), number,
                       "set GPIOT_HOME to a folder that gpiot may write to");
}

/// One try. Empty when the file is complete, else why it is not; `transfer` says how far it came.
std::string try_once(Transfer& transfer, const HttpRequest& request) {
  const auto curl = make_handle();
  transfer.curl = curl.get();
  const std::string range = std::to_string(transfer.start) + "-";
  set_common(curl.get(), request.url, request.connect_timeout_s);
  if (transfer.start > 0) curl_easy_setopt(curl.get(), CURLOPT_RANGE, range.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, on_data);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &transfer);
  const CURLcode code = curl_easy_perform(curl.get());
  transfer.cancel->throw_if_cancelled(kWhere);
  if (std::fflush(transfer.file) != 0 && transfer.write_error == 0) transfer.write_error = errno;
  if (transfer.write_error != 0) throw_write(request, transfer.write_error);
  if (transfer.past_the_end || (code == CURLE_OK && !transfer.body_begun && status_of(curl.get()) == 416)) {
    if (transfer.remote.bytes != 0 && transfer.remote.bytes == transfer.done) return {};
    if (!start_over(transfer)) throw_write(request, transfer.write_error);
    return "the partial file was longer than the file";
  }
  const long status = status_of(curl.get());
  if (!transfer.refused.empty()) throw Error(ErrorCode::Download, kWhere, request.url + ": " + transfer.refused);
  if (code == CURLE_OK && status >= 400 && status < 500) {
    throw Error(ErrorCode::Download, kWhere, request.url + ": the server answered " + std::to_string(status));
  }
  if (code != CURLE_OK) return curl_easy_strerror(code);
  if (status != 200 && status != 206) return "the server answered " + std::to_string(status);
  if (transfer.remote.bytes != 0 && transfer.done != transfer.remote.bytes) {
    return "the connection ended early: got " + std::to_string(transfer.done) + " of " +
           std::to_string(transfer.remote.bytes) + " bytes";
  }
  return {};
}

}  // namespace

std::string hub_address() {
  const char* own = std::getenv("HF_ENDPOINT");
  return own == nullptr || *own == '\0' ? "https://huggingface.co" : own;
}

RemoteFile download(const HttpRequest& request, const OnBytes& on_bytes, const base::CancelToken& cancel) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(request.partial.c_str(), "abe"), std::fclose);
  if (!file) throw_write(request, errno);
  std::fseek(file.get(), 0, SEEK_END);
  auto have = static_cast<std::uint64_t>(std::ftell(file.get()));
  int without_progress = 0;
  bool reached = false;
  while (true) {
    Transfer transfer;
    transfer.file = file.get();
    transfer.start = transfer.done = have;
    transfer.request = &request;
    transfer.on_bytes = &on_bytes;
    transfer.cancel = &cancel;
    const auto problem = try_once(transfer, request);
    if (problem.empty()) {
      if (::fsync(::fileno(file.get())) != 0) throw_write(request, errno);
      return transfer.remote;
    }
    without_progress = transfer.done > have ? 0 : without_progress + 1;
    have = transfer.done;
    reached = reached || transfer.answered;
    // No answer at all: another source is a better idea than a second try.
    if (without_progress >= request.attempts || !reached) {
      throw Error(ErrorCode::Download, kWhere, request.url + ": " + problem,
                  "run the same command again: it goes on where it stopped");
    }
    for (int tenth = 0; tenth < (5 << without_progress); ++tenth) {
      cancel.throw_if_cancelled(kWhere);
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
}

std::string fetch_text(const std::string& url, const base::CancelToken& cancel) {
  struct Sink {
    std::string text;
    const base::CancelToken* cancel;
  } sink{{}, &cancel};
  const auto curl = make_handle();
  set_common(curl.get(), url, 5);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, 15L);
  curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &sink);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION,
                   static_cast<curl_write_callback>([](char* data, std::size_t, std::size_t size, void* user) {
                     auto& to = *static_cast<Sink*>(user);
                     if (to.cancel->cancelled() || to.text.size() + size > kTextLimit) return std::size_t{0};
                     to.text.append(data, size);
                     return size;
                   }));
  return curl_easy_perform(curl.get()) == CURLE_OK ? sink.text : "";
}

}  // namespace gpiot::models
