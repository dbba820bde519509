#include "gpiot/llm/llama_log.h"

#include <llama.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "gpiot/base/strings.h"

namespace gpiot::llm {
namespace {

thread_local LogCapture* current_capture = nullptr;

void on_log(ggml_log_level level, const char* text, void*) {
  static const bool debug = std::getenv("GPIOT_DEBUG") != nullptr;
  if (debug) std::fputs(text, stderr);
  if (current_capture != nullptr) current_capture->hear(level == GGML_LOG_LEVEL_ERROR, text);
}

}  // namespace

void start_backend() {
  static std::once_flag once;
  std::call_once(once, [] {
    llama_log_set(on_log, nullptr);
    llama_backend_init();
  });
}

LogCapture::LogCapture(Listener listener) : listener_(std::move(listener)) { current_capture = this; }
LogCapture::~LogCapture() { current_capture = nullptr; }

std::string LogCapture::reason() const { return last_error_.empty() ? "no reason given" : last_error_; }

void LogCapture::hear(bool is_error, std::string_view text) {
  if (listener_) listener_(text);
  const std::string line = base::trim(text);
  if (is_error && !line.empty()) last_error_ = base::printable(line);
}

}  // namespace gpiot::llm
