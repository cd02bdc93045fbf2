#include "tests/integration/valve.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>

namespace minnow {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

}  // namespace

Valve::Valve(const std::string& server_port, int64_t bytes_from_server)
    : server_port_(std::stoi(server_port)), bytes_from_server_(bytes_from_server) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t length = sizeof address;
  bind(listener_, reinterpret_cast<sockaddr*>(&address), length);
  listen(listener_, 1);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

Valve::~Valve() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    for (const int descriptor : {listener_, client_, server_}) {
      if (descriptor >= 0) shutdown(descriptor, SHUT_RDWR);
    }
  }
  changed_.notify_all();
  thread_.join();
  for (const int descriptor : {listener_, client_, server_}) {
    if (descriptor >= 0) close(descriptor);
  }
}

bool Valve::WaitUntilShut() {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(30), [this] { return shut_; });
}

void Valve::Serve() {
  const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(server_port_);
  connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  {
    const std::lock_guard lock(mutex_);
    client_ = client;
    server_ = server;
    if (ending_) return;
  }
  std::thread to_server([=, this] {
    Pass(client, server, std::numeric_limits<int64_t>::max());
    shutdown(server, SHUT_RDWR);
  });
  Pass(server, client, bytes_from_server_);
  {
    std::unique_lock lock(mutex_);
    shut_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return ending_; });
  }
  to_server.join();
}

// Until so many have passed, or one of both has ended the connection.
void Valve::Pass(int from, int to, int64_t bytes) {
  std::array<char, 65536> buffer;
  while (bytes > 0) {
    const size_t most = static_cast<size_t>(std::min<int64_t>(bytes, buffer.size()));
    const ssize_t got = recv(from, buffer.data(), most, 0);
    if (got <= 0 || send(to, buffer.data(), static_cast<size_t>(got), MSG_NOSIGNAL) != got) return;
    bytes -= got;
  }
}

}  // namespace minnow
