#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "gpiot/base/cancel.h"

namespace gpiot::models {

/// Hears the bytes on disk and the bytes in all (0 while not known).
using OnBytes = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// What the server said of the file: the hub states length and SHA-256 of large files in its own headers.
struct RemoteFile {
  std::uint64_t bytes = 0;  ///< 0 where not said
  std::string sha256;       ///< empty where not said
  std::string revision;     ///< commit of the repository, empty where not said
};

struct HttpRequest {
  std::string url;
  std::filesystem::path partial;  ///< what is there is kept and continued by a Range request
  std::string expected_sha256;    ///< empty: not known; a server that announces another one is refused at once
  std::uint64_t expected_bytes = 0;
  long connect_timeout_s = 5;
  int attempts = 5;  ///< in a row without a new byte, before giving up
};

/// Address of the hub; HF_ENDPOINT is how the hub's own tools name another one.
[[nodiscard]] std::string hub_address();

/// Downloads into `partial`, continuing after broken connections; the file is synced and has the announced length
/// at return; its hash is the caller's to check. Errors: Download, Io, Cancelled.
RemoteFile download(const HttpRequest& request, const OnBytes& on_bytes, const base::CancelToken& cancel);

/// A small text, or empty when it cannot be had.
[[nodiscard]] std::string fetch_text(const std::string& url, const base::CancelToken& cancel);

}  // namespace gpiot::models
