#include "common/rpc/tls_probe.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

namespace minnow::rpc {
namespace {

// A server that hangs up on whoever comes.
class HangsUp {
 public:
  HangsUp() : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(listen(listener_, 8), 0);
    EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] {
      for (int call = accept(listener_, nullptr, nullptr); call >= 0; call = accept(listener_, nullptr, nullptr)) {
        close(call);
      }
    });
  }
  ~HangsUp() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  Address address() const { return {"127.0.0.1", port_}; }

 private:
  const int listener_;
  int port_ = 0;
  std::thread thread_;
};

TEST(WhyNoTls, SurvivesAServerThatHangsUp) {
  HangsUp server;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(WhyNoTls(server.address(), {}), "");
}

}  // namespace
}  // namespace minnow::rpc
