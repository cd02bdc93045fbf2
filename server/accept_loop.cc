#include "server/accept_loop.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "server/listen_address.h"

namespace minnow::server {
namespace {

// For the database and its readers, HTTP, copies and data sets under way; of a process that may have few, a quarter.
constexpr int kReserved = 256;
constexpr int kWaitingConnections = 4096;  // that the kernel keeps until they are accepted
constexpr int kRestMilliseconds = 20;      // when there are no files at all

void Enable(int descriptor, int level, int option) {
  const int on = 1;
  setsockopt(descriptor, level, option, &on, sizeof(on));
}

// -1 and errno where nobody can listen there.
Descriptor ListenOn(const addrinfo& address) {
  Descriptor listener(socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (listener.get() < 0) return listener;
  Enable(listener.get(), SOL_SOCKET, SO_REUSEADDR);  // a port that was in use a moment ago is free
  if (bind(listener.get(), address.ai_addr, address.ai_addrlen) != 0 ||
      listen(listener.get(), kWaitingConnections) != 0) {
    return Descriptor();
  }
  return listener;
}

}  // namespace

Descriptor::~Descriptor() {
  if (descriptor_ >= 0) close(descriptor_);
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

int Descriptor::Release() { return std::exchange(descriptor_, -1); }

int AcceptLoop::EndOfDescriptors(int limit) { return limit - std::min(kReserved, limit / 4); }

int AcceptLoop::DescriptorLimit() {
  rlimit files = {};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return FD_SETSIZE;
  return static_cast<int>(std::min<rlim_t>(files.rlim_cur, std::numeric_limits<int>::max()));
}

absl::StatusOr<std::unique_ptr<AcceptLoop>> AcceptLoop::Start(Options options) {
  const rpc::Address& address = options.address;
  const SocketAddresses addresses = Resolve(address);
  if (addresses == nullptr) return absl::UnavailableError("there is no host " + address.host);
  std::vector<Descriptor> listeners;
  int error = 0;
  for (const addrinfo* one = addresses.get(); one != nullptr; one = one->ai_next) {
    Descriptor listener = ListenOn(*one);
    if (listener.get() < 0) {
      error = errno;
    } else {
      listeners.push_back(std::move(listener));
    }
  }
  if (listeners.empty()) {
    return absl::UnavailableError("cannot listen on " + address.text() + ": " + std::strerror(error));
  }
  Descriptor stop(eventfd(0, EFD_CLOEXEC));
  if (stop.get() < 0) return absl::UnavailableError(std::string("eventfd: ") + std::strerror(errno));
  return std::unique_ptr<AcceptLoop>(new AcceptLoop(std::move(options), std::move(listeners), std::move(stop)));
}

AcceptLoop::AcceptLoop(Options options, std::vector<Descriptor> listeners, Descriptor stop)
    : options_(std::move(options)), listeners_(std::move(listeners)), stop_(std::move(stop)) {
  thread_ = std::thread([this] { Run(); });
}

AcceptLoop::~AcceptLoop() {
  eventfd_write(stop_.get(), 1);
  thread_.join();
}

void AcceptLoop::Run() {
  std::vector<pollfd> waits = {{.fd = stop_.get(), .events = POLLIN, .revents = 0}};
  for (const Descriptor& listener : listeners_) {
    waits.push_back({.fd = listener.get(), .events = POLLIN, .revents = 0});
  }
  while (true) {
    if (poll(waits.data(), waits.size(), /*timeout=*/-1) < 0) continue;  // a signal
    if (waits[0].revents != 0) return;
    for (size_t i = 1; i < waits.size(); ++i) {
      if (waits[i].revents != 0) AcceptFrom(waits[i].fd);
    }
  }
}

// One connection, so that a stop is seen between two.
void AcceptLoop::AcceptFrom(int listener) {
  Descriptor connection(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (connection.get() < 0) {
    if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM) return;  // it has gone meanwhile
    options_.refused();
    return Rest();
  }
  if (connection.get() >= options_.end_of_descriptors) return options_.refused();
  Enable(connection.get(), IPPROTO_TCP, TCP_NODELAY);
  options_.take(std::move(connection));
}

// Somebody has to close a file first.
void AcceptLoop::Rest() const {
  pollfd stop = {.fd = stop_.get(), .events = POLLIN, .revents = 0};
  poll(&stop, 1, kRestMilliseconds);
}

}  // namespace minnow::server
