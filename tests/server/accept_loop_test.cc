#include "server/accept_loop.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <limits>
#include <string>

#include "server/listen_address.h"

namespace minnow::server {
namespace {

constexpr int kAll = std::numeric_limits<int>::max();

// A socket that is made before it connects, so that connecting needs no further file.
class Caller {
 public:
  Caller() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {}

  void Connect(const rpc::Address& address) {
    sockaddr_in name = {};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    name.sin_port = htons(static_cast<uint16_t>(address.port));
    ASSERT_EQ(connect(socket_.get(), reinterpret_cast<sockaddr*>(&name), sizeof(name)), 0);
  }
  // What comes until the other side hangs up.
  std::string Read() {
    std::string text(16, 0);
    const ssize_t size = recv(socket_.get(), text.data(), text.size(), 0);
    return size > 0 ? text.substr(0, static_cast<size_t>(size)) : "";
  }

 private:
  Descriptor socket_;
};

// A server that greets.
std::unique_ptr<AcceptLoop> Greets(const rpc::Address& address, int end_of_descriptors, std::function<void()> refused) {
  auto loop = AcceptLoop::Start(
      {.address = address,
       .end_of_descriptors = end_of_descriptors,
       .take = [](Descriptor connection) { EXPECT_EQ(send(connection.get(), "hello", 5, MSG_NOSIGNAL), 5); },
       .refused = std::move(refused)});
  EXPECT_TRUE(loop.ok()) << loop.status();
  return *std::move(loop);
}

rpc::Address AnyPort() { return FreeAddress("listen", {"127.0.0.1", 0}).value(); }

TEST(AcceptLoop, HandsConnectionsOver) {
  const rpc::Address address = AnyPort();
  const auto loop = Greets(address, kAll, [] {});
  Caller first, second;
  first.Connect(address);
  EXPECT_EQ(first.Read(), "hello");
  second.Connect(address);
  EXPECT_EQ(second.Read(), "hello");
}

TEST(AcceptLoop, ClosesAConnectionWhoseDescriptorIsForOthers) {
  const rpc::Address address = AnyPort();
  std::promise<void> refused;
  const auto loop = Greets(address, /*end_of_descriptors=*/0, [&] { refused.set_value(); });
  Caller caller;
  caller.Connect(address);
  EXPECT_EQ(caller.Read(), "");
  refused.get_future().get();
}

TEST(AcceptLoop, GoesOnWhenFilesAreFreeAgain) {
  const rpc::Address address = AnyPort();
  std::promise<void> refused;
  bool told = false;
  const auto loop = Greets(address, kAll, [&] {
    if (!std::exchange(told, true)) refused.set_value();
  });
  Caller caller;
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 3;  // as many as poll() is asked about, and all in use
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  caller.Connect(address);
  refused.get_future().get();
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(caller.Read(), "hello");
}

TEST(AcceptLoop, SaysWhereItCannotListen) {
  const rpc::Address address = AnyPort();
  const auto loop = Greets(address, kAll, [] {});
  const auto second = AcceptLoop::Start({.address = address});
  EXPECT_TRUE(absl::IsUnavailable(second.status()));
  EXPECT_NE(second.status().message().find(address.text()), std::string::npos);
}

TEST(AcceptLoop, LeavesFilesToTheRestOfTheProcess) {
  EXPECT_EQ(AcceptLoop::EndOfDescriptors(20'000), 20'000 - 256);
  EXPECT_EQ(AcceptLoop::EndOfDescriptors(80), 60);
}

}  // namespace
}  // namespace minnow::server
