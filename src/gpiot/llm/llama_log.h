#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace gpiot::llm {

/// Starts libllama's backend, once per process, and takes its log: silent unless GPIOT_DEBUG is set.
void start_backend();

/// While it lives, hears what libllama logs on this thread; so that a failed call can say why. Not nested.
class LogCapture {
 public:
  using Listener = std::function<void(std::string_view line)>;
  /// `listener` hears every line, information too; errors are kept in any case.
  explicit LogCapture(Listener listener = {});
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;
  ~LogCapture();

  /// What libllama gave as the reason: the last error line of its log, or "no reason given".
  [[nodiscard]] std::string reason() const;
  void hear(bool is_error, std::string_view text);

 private:
  Listener listener_;
  std::string last_error_;
};

}  // namespace gpiot::llm
