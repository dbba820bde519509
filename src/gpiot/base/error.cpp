#include "gpiot/base/error.h"

namespace gpiot::base {

const std::vector<ErrorCodeInfo>& error_table() {
  using enum ErrorCode;
  static const std::vector<ErrorCodeInfo> table = {
      {InvalidArgument, "invalid_argument", 2, 400, "invalid_request_error"},
      {NotFound, "not_found", 2, 404, "not_found_error"},
      {Io, "io", 1, 500, "server_error"},
      {Format, "format", 6, 400, "invalid_request_error"},
      {Capacity, "capacity", 2, 413, "invalid_request_error"},
      {Model, "model", 5, 503, "server_error"},
      {Download, "download", 5, 502, "server_error"},
      {Sandbox, "sandbox", 4, 503, "server_error"},
      {Data, "data", 6, 422, "invalid_request_error"},
      {Check, "check", 3, 422, "invalid_request_error"},
      {Timeout, "timeout", 1, 504, "server_error"},
      {Cancelled, "cancelled", 130, 499, "server_error"},
      {Unsupported, "unsupported", 2, 501, "invalid_request_error"},
      {Internal, "internal", 1, 500, "server_error"},
  };
  return table;
}

const ErrorCodeInfo& info(ErrorCode code) { return error_table().at(static_cast<std::size_t>(code)); }

Error::Error(ErrorCode code, std::string_view where, std::string_view problem, std::string remedy)
    : std::runtime_error("[" + std::string(where) + "] " + std::string(problem)),
      code_(code),
      remedy_(std::move(remedy)) {}

}  // namespace gpiot::base
