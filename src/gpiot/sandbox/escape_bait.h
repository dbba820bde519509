#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "gpiot/base/json.h"
#include "gpiot/sandbox/descriptor.h"

namespace gpiot::sandbox {

/// What the host lays out for attempts to reach, and watches: a secret in files, in the environment and in an open
/// descriptor; listeners for TCP, UDP and local sockets; a process to kill; files that must not change.
class EscapeBait {
 public:
  /// `suite` is the mounted folder, which must stay as it is. Errors: Sandbox when the bait cannot be laid.
  explicit EscapeBait(const std::filesystem::path& suite);
  EscapeBait(const EscapeBait&) = delete;
  EscapeBait& operator=(const EscapeBait&) = delete;
  ~EscapeBait();

  /// What an attempt is told: where the bait is, never the secret itself.
  [[nodiscard]] base::Json facts() const;
  [[nodiscard]] const std::string& secret() const { return secret_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  /// What happened to the bait since the last look, empty when nothing. Restarts a killed victim.
  [[nodiscard]] std::string harm();

 private:
  void lay_secrets();
  void listen_everywhere();
  void start_victim();
  [[nodiscard]] std::string state() const;
  [[nodiscard]] std::vector<pid_t> survivors() const;

  std::filesystem::path suite_, folder_;
  std::string secret_, marker_, before_;
  std::vector<std::string> secrets_;
  Descriptor leaked_, tcp_, tcp6_, udp_, path_socket_, abstract_socket_, path_datagram_, abstract_datagram_;
  int tcp_port_ = 0;
  int udp_port_ = 0;
  pid_t victim_ = -1;
};

}  // namespace gpiot::sandbox
