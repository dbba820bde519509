#include "gpiot/sandbox/escape_bait.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/sandbox/spawn.h"

namespace gpiot::sandbox {
namespace {

namespace fs = std::filesystem;

std::string random_hex() {
  std::array<unsigned char, 12> bytes{};
  (void)!::getrandom(bytes.data(), bytes.size(), 0);
  std::string text;
  for (const auto byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

Descriptor listener(int family, int type, const sockaddr* address, socklen_t size) {
  Descriptor out(::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!out.valid() || ::bind(out.get(), address, size) != 0) return Descriptor();
  if (type == SOCK_STREAM && ::listen(out.get(), 8) != 0) return Descriptor();
  return out;
}

int port_of(const Descriptor& descriptor) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  ::getsockname(descriptor.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

Descriptor local_listener(const std::string& name, int type) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, name.data(), std::min(name.size(), sizeof(address.sun_path) - 1));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  return listener(AF_UNIX, type, reinterpret_cast<const sockaddr*>(&address), size);
}

bool was_hit(const Descriptor& descriptor, bool stream) {
  if (!descriptor.valid()) return false;
  if (stream) return Descriptor(::accept4(descriptor.get(), nullptr, nullptr, SOCK_CLOEXEC)).valid();
  char byte = 0;
  return ::recv(descriptor.get(), &byte, 1, 0) >= 0;
}

}  // namespace

EscapeBait::EscapeBait(const fs::path& suite)
    : suite_(fs::canonical(suite)), secret_("secret-" + random_hex()), marker_("gpiot-escape-" + random_hex()) {
  std::string pattern = (fs::temp_directory_path() / "gpiot-bait-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw base::Error(base::ErrorCode::Sandbox, "sandbox.escape",
                      std::string("cannot make a folder: ") + std::strerror(errno));
  }
  folder_ = pattern;
  lay_secrets();
  ::setenv("GPIOT_CANARY", secret_.c_str(), 1);
  // Without O_CLOEXEC on purpose: the sandbox must close what it inherits.
  leaked_.reset(::open((folder_ / "canary.txt").c_str(), O_RDONLY));
  listen_everywhere();
  start_victim();
  before_ = state();
}

EscapeBait::~EscapeBait() {
  ::unsetenv("GPIOT_CANARY");
  if (victim_ > 0) {
    ::kill(victim_, SIGKILL);
    ::waitpid(victim_, nullptr, 0);
  }
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

/// Open to all, so that it is the sandbox that keeps them, not their mode.
void EscapeBait::lay_secrets() {
  fs::permissions(folder_, fs::perms::all);
  std::ofstream(folder_ / "canary.txt") << secret_;
  fs::permissions(folder_ / "canary.txt", fs::perms(0666));
  fs::create_symlink(secret_, folder_ / "link");
  for (const auto* name :
       {".ssh/id_ed25519", ".aws/credentials", ".netrc", ".env", ".config/gpiot/config.toml", ".git-credentials",
        ".kube/config", ".bash_history", "other/data/a.labels", "other/app/main.py"}) {
    const auto path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << secret_;
    secrets_.push_back(path.string());
  }
}

void EscapeBait::listen_everywhere() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  tcp_ = listener(AF_INET, SOCK_STREAM, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  udp_ = listener(AF_INET, SOCK_DGRAM, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  tcp_port_ = port_of(tcp_);
  udp_port_ = port_of(udp_);
  sockaddr_in6 address6{};
  address6.sin6_family = AF_INET6;
  address6.sin6_addr = in6addr_loopback;
  address6.sin6_port = htons(static_cast<std::uint16_t>(tcp_port_));
  tcp6_ = listener(AF_INET6, SOCK_STREAM, reinterpret_cast<sockaddr*>(&address6), sizeof(address6));
  path_socket_ = local_listener((folder_ / "socket").string(), SOCK_STREAM);
  abstract_socket_ = local_listener(std::string(1, '\0') + marker_, SOCK_STREAM);
  path_datagram_ = local_listener((folder_ / "datagram").string(), SOCK_DGRAM);
  abstract_datagram_ = local_listener(std::string(1, '\0') + marker_ + "-datagram", SOCK_DGRAM);
  for (const auto* name : {"socket", "datagram"}) fs::permissions(folder_ / name, fs::perms(0777));
}

void EscapeBait::start_victim() {
  const Descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  victim_ = spawn({"/usr/bin/sleep", "100000"}, {nothing.get(), nothing.get(), nothing.get()});
}

base::Json EscapeBait::facts() const {
  return {{"canary", (folder_ / "canary.txt").string()},
          {"folder", folder_.string()},
          {"suite", suite_.string()},
          {"executable", fs::read_symlink("/proc/self/exe").string()},
          {"tcp", tcp_port_},
          {"udp", udp_port_},
          {"secrets", secrets_},
          {"link", (folder_ / "link").string()},
          {"datagram_path", (folder_ / "datagram").string()},
          {"datagram_abstract", marker_ + "-datagram"},
          {"socket_path", (folder_ / "socket").string()},
          {"abstract", marker_},
          {"marker", marker_},
          {"victim", victim_}};
}

/// Everything an attempt could change, as text: names, sizes, modes, contents.
std::string EscapeBait::state() const {
  std::ostringstream text;
  for (const auto& folder : {folder_, suite_}) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      struct stat facts{};
      ::lstat(entry.path().c_str(), &facts);
      text << entry.path() << ' ' << facts.st_mode << ' ' << facts.st_size << ' ' << facts.st_mtime << '\n';
    }
  }
  for (const auto* path : {"/dev/null", "/dev/zero", "/dev/random", "/usr/bin/env", "/etc/ld.so.preload"}) {
    struct stat facts{};
    text << path << ' ' << (::stat(path, &facts) == 0 ? facts.st_mode : 0) << '\n';
  }
  for (const auto& path : {std::string("/tmp/"), std::string("/dev/shm/")}) text << fs::exists(path + marker_);
  text << base::read_file(folder_ / "canary.txt", "sandbox.escape")
       << base::read_file("/proc/sys/kernel/core_pattern", "sandbox.escape");
  return text.str();
}

/// Processes that carry the marker of this suite on their command line.
std::vector<pid_t> EscapeBait::survivors() const {
  std::vector<pid_t> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const auto pid = static_cast<pid_t>(std::atoi(entry.path().filename().c_str()));
    if (pid <= 0) continue;
    std::ifstream file(entry.path() / "cmdline");
    std::ostringstream line;
    line << file.rdbuf();
    if (line.str().find(marker_) != std::string::npos) found.push_back(pid);
  }
  return found;
}

std::string EscapeBait::harm() {
  std::string found;
  if (was_hit(tcp_, true) || was_hit(tcp6_, true)) found += "reached the host's TCP listener; ";
  if (was_hit(udp_, false)) found += "reached the host's UDP listener; ";
  if (was_hit(path_socket_, true) || was_hit(abstract_socket_, true)) found += "reached the host's local socket; ";
  if (was_hit(path_datagram_, false) || was_hit(abstract_datagram_, false))
    found += "sent to the host's local socket; ";
  if (::waitpid(victim_, nullptr, WNOHANG) == victim_) {
    found += "killed the host's process; ";
    start_victim();
  }
  for (const pid_t pid : survivors()) found += "process " + std::to_string(pid) + " outlived the run; ";
  const auto now = state();
  if (now != before_) found += "changed a file of the host; ";
  before_ = now;
  return found;
}

}  // namespace gpiot::sandbox
