#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gpiot::base {

/// Stable error kinds. The table in error.cpp maps each to its name, exit status and HTTP status (docs/errors.md).
enum class ErrorCode {
  InvalidArgument,  ///< the command line or a request is wrong
  NotFound,         ///< a named file, model, project or stage does not exist
  Io,               ///< reading or writing failed: disk full, permission, device
  Format,           ///< a file exists but cannot be understood
  Capacity,         ///< larger than a stated limit: prompt, file, count
  Model,            ///< a model or adapter cannot be loaded, verified or served
  Download,         ///< bytes could not be fetched, or are not the pinned ones
  Sandbox,          ///< no safe sandbox is to be had, or its setup failed
  Data,             ///< the user's data does not fit the requirement
  Check,            ///< a program ran but did not meet its contract, budget or threshold
  Timeout,
  Cancelled,
  Unsupported,
  Internal,
};

/// What the error table says of one code.
struct ErrorCodeInfo {
  ErrorCode code;
  std::string_view name;  ///< stable, snake_case: "invalid_argument"
  int exit_status;        ///< of the gpiot process
  int http_status;
  std::string_view openai_type;
};

/// All codes, in the order of ErrorCode.
[[nodiscard]] const std::vector<ErrorCodeInfo>& error_table();
[[nodiscard]] const ErrorCodeInfo& info(ErrorCode code);

/// The one exception of gpiot. `what()` reads "[module.action] what is wrong: got X, expected Y".
class Error : public std::runtime_error {
 public:
  /// `where` is "module.action"; `remedy` is what the user can do, empty where none is known.
  Error(ErrorCode code, std::string_view where, std::string_view problem, std::string remedy = {});

  [[nodiscard]] ErrorCode code() const { return code_; }
  [[nodiscard]] const std::string& remedy() const { return remedy_; }

 private:
  ErrorCode code_;
  std::string remedy_;
};

}  // namespace gpiot::base
