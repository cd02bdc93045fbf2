#include "server/listen_address.h"

#include <limits.h>
#include <netinet/in.h>
#include <spdlog/fmt/fmt.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace minnow::server {
namespace {

struct Socket {
  explicit Socket(const addrinfo& address) : descriptor(socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~Socket() {
    if (descriptor >= 0) close(descriptor);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  const int descriptor;
};

// The port that a socket got, or 0.
int PortOf(const Socket& socket) {
  sockaddr_storage name = {};
  socklen_t length = sizeof(name);
  if (getsockname(socket.descriptor, reinterpret_cast<sockaddr*>(&name), &length) != 0) return 0;
  return ntohs(name.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&name)->sin6_port
                                          : reinterpret_cast<sockaddr_in*>(&name)->sin_port);
}

absl::Status CannotListen(std::string_view flag, const rpc::Address& address, std::string_view why) {
  return absl::UnavailableError(
      fmt::format("--{}: cannot listen on {}: {}; give another address with --{}", flag, address.text(), why, flag));
}

}  // namespace

absl::Status CheckReach(std::string_view flag, const rpc::Address& address, bool tls, bool insecure) {
  if (tls || insecure || rpc::IsLoopback(address.host)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("--{}: other machines can reach {}, and minnow-server refuses that without TLS: give a certificate "
                  "with --tls-cert and --tls-key, or on a network that you trust, add --insecure",
                  flag, address.text()));
}

SocketAddresses Resolve(const rpc::Address& address) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found) != 0) return nullptr;
  return SocketAddresses(found);
}

absl::StatusOr<rpc::Address> FreeAddress(std::string_view flag, const rpc::Address& address) {
  const SocketAddresses addresses = Resolve(address);
  if (addresses == nullptr) return CannotListen(flag, address, "there is no such host");
  const Socket socket(*addresses);
  const int on = 1;  // a port that was in use a moment ago is free
  setsockopt(socket.descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(socket.descriptor, addresses->ai_addr, addresses->ai_addrlen) != 0 || listen(socket.descriptor, 1) != 0) {
    if (errno == EADDRINUSE)
      return CannotListen(flag, address, "another program listens there, perhaps another server");
    return CannotListen(flag, address, std::strerror(errno));
  }
  return rpc::Address{address.host, address.port == 0 ? PortOf(socket) : address.port};
}

std::string AddressForOthers(const rpc::Address& address) {
  if (address.host != "0.0.0.0" && address.host != "::") return address.text();
  char name[HOST_NAME_MAX + 1] = {};
  if (gethostname(name, HOST_NAME_MAX) != 0) return address.text();
  return rpc::Address{name, address.port}.text();
}

}  // namespace minnow::server
