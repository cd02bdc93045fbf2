#include "common/rpc/channel.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <thread>

#include "absl/time/clock.h"
#include "minnow/v1/service.grpc.pb.h"

namespace minnow::rpc {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(Addresses, AreHostAndPort) {
  EXPECT_EQ(ParseAddress("server", "farm:7077").value().text(), "farm:7077");
  EXPECT_EQ(ParseAddress("server", "127.0.0.1:1").value().port, 1);
  EXPECT_EQ(ParseAddress("server", "[::1]:65535").value().host, "::1");
  EXPECT_EQ(ParseAddress("server", "[::1]:65535").value().text(), "[::1]:65535");
  EXPECT_EQ(ParseAddress("listen", "127.0.0.1:0", /*least_port=*/0).value().port, 0);
}

TEST(Addresses, AreRefusedWithTheWayToWriteThem) {
  for (const char* text : {"", "farm", "farm:", "farm:x", "farm:0", "farm:65536", ":7077", "::1:7077", "[::1]",
                           "http://farm:7077", "farm:7077/x", "a b:1", "farm:-1", "farm: 1"}) {
    const absl::Status status = ParseAddress("server", text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr("--server: \"" + std::string(text) + "\""), HasSubstr("write it as HOST:PORT")));
  }
}

TEST(Loopback, IsThisMachineAlone) {
  for (const char* host : {"localhost", "127.0.0.1", "127.8.9.10", "::1"}) EXPECT_TRUE(IsLoopback(host)) << host;
  for (const char* host : {"0.0.0.0", "::", "10.0.0.1", "farm", "127.0.0.1.example.org", "127.0.0", "127.0.0.256"}) {
    EXPECT_FALSE(IsLoopback(host)) << host;
  }
}

// Calls what listens on a port of this machine.
absl::Status Call(const Address& server, absl::Duration patience = kFirstCallTimeout) {
  const auto stub = v1::SearchService::NewStub(OpenChannel(server));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + patience));
  v1::ServerInfo info;
  return FromGrpc(stub->GetServerInfo(&context, {}, &info), server);
}

// A socket that answers every connection with a text, or keeps silent.
class Listener {
 public:
  explicit Listener(std::string answer) : answer_(std::move(answer)), socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in name = {};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(name);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&name), sizeof(name)), 0);
    EXPECT_EQ(listen(socket_, 16), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&name), &length), 0);
    port_ = ntohs(name.sin_port);
    if (!answer_.empty()) thread_ = std::thread([this] { Answer(); });
  }
  ~Listener() {
    shutdown(socket_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    close(socket_);
  }

  Address address() const { return {"127.0.0.1", port_}; }

 private:
  void Answer() {
    const auto next = [this] { return accept(socket_, nullptr, nullptr); };
    for (int connection = next(); connection >= 0; connection = next()) {
      char request[4096];
      if (read(connection, request, sizeof(request)) > 0) {
        EXPECT_GT(write(connection, answer_.data(), answer_.size()), 0);
      }
      close(connection);
    }
  }

  const std::string answer_;
  const int socket_;
  int port_ = 0;
  std::thread thread_;
};

TEST(Calls, WithoutAServerSayHowToStartOne) {
  int port = 0;
  {
    const Listener nobody_any_more("");
    port = nobody_any_more.address().port;
  }
  const absl::Status status = Call({"127.0.0.1", port});
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(std::string(status.message()),
            "no Minnow server answers at 127.0.0.1:" + std::to_string(port) +
                " (connection refused): start one with \"minnow-server --db FILE\", or name another with --server "
                "HOST:PORT");
}

TEST(Calls, OfAHostThatIsNoneSaySo) {
  const absl::Status status = Call({"no-such-host.invalid", 7077});
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("the host of no-such-host.invalid:7077 is not known"));
}

TEST(Calls, OfAnHttpServerSayThatItDoesNotSpeakGrpc) {
  const Listener http("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  const absl::Status status = Call(http.address());
  EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr("does not speak gRPC"), HasSubstr("--http")));
}

TEST(Calls, OfSomethingElseSayThatItDoesNotSpeakGrpc) {
  const Listener other("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");
  EXPECT_THAT(std::string(Call(other.address()).message()), HasSubstr("does not speak gRPC"));
}

TEST(Calls, OfSomethingSilentEndInTime) {
  const Listener silent("");
  const absl::Status status = Call(silent.address(), absl::Milliseconds(300));
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(status.message()), HasSubstr(silent.address().text() + " in time"));
}

// A gRPC server of one service.
std::unique_ptr<grpc::Server> Serve(grpc::Service* service, int* port) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), port);
  builder.RegisterService(service);
  return builder.BuildAndStart();
}

TEST(Calls, OfAServerOfAnotherVersionSaySo) {
  v1::WorkerService::Service another;
  int port = 0;
  const std::unique_ptr<grpc::Server> server = Serve(&another, &port);
  const absl::Status status = Call({"127.0.0.1", port});
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(std::string(status.message()), HasSubstr("use a client and a server of the same version"));
}

class Refusing : public v1::SearchService::Service {
 public:
  explicit Refusing(absl::Status status) : status_(std::move(status)) {}
  grpc::Status GetServerInfo(grpc::ServerContext*, const v1::GetServerInfoRequest*, v1::ServerInfo*) override {
    return ToGrpc(status_);
  }

 private:
  absl::Status status_;
};

TEST(Calls, ThatAreRefusedHaveTheServersOwnSentence) {
  for (const absl::Status& refusal :
       {absl::NotFoundError("there is no jobs/9"), absl::UnavailableError("the server is stopping"),
        absl::ResourceExhaustedError("the disk is full"), absl::AbortedError("the name was taken over")}) {
    Refusing service(refusal);
    int port = 0;
    const std::unique_ptr<grpc::Server> server = Serve(&service, &port);
    EXPECT_EQ(Call({"127.0.0.1", port}), refusal);
  }
}

// Whatever code a server answers with, and however little it says, a person reads a sentence that names the server.
TEST(Errors, AreSentencesUnderEveryCode) {
  const Address server = {"farm", 7077};
  for (int code = 1; code <= 17; ++code) {
    for (const char* message : {"", "INTERNAL", "5"}) {
      const absl::Status error = FromGrpc(grpc::Status(static_cast<grpc::StatusCode>(code), message), server);
      ASSERT_FALSE(error.ok()) << code;
      const std::string text(error.message());
      EXPECT_THAT(text, HasSubstr("farm:7077")) << code;
      EXPECT_GE(std::count(text.begin(), text.end(), ' '), 5) << code << ": " << text;
      EXPECT_EQ(text.find("INTERNAL"), std::string::npos) << text;
    }
  }
}

TEST(Errors, KeepTheServersOwnSentenceUnderEveryCodeButThoseOfTheLibrary) {
  const Address server = {"farm", 7077};
  for (int code = 1; code <= 16; ++code) {
    const auto status = static_cast<grpc::StatusCode>(code);
    if (status == grpc::StatusCode::DEADLINE_EXCEEDED || status == grpc::StatusCode::UNIMPLEMENTED) continue;
    const absl::Status error = FromGrpc(grpc::Status(status, "jobs/7 is asleep"), server);
    EXPECT_EQ(error, absl::Status(static_cast<absl::StatusCode>(code), "jobs/7 is asleep"));
  }
}

TEST(Errors, OfABrokenConnectionAreThoseOfAServerThatIsAway) {
  for (const auto code : {grpc::StatusCode::UNKNOWN, grpc::StatusCode::INTERNAL, grpc::StatusCode::CANCELLED}) {
    const absl::Status error =
        FromGrpc(grpc::Status(code, "Received RST_STREAM with error code 2"), Address{"farm", 7077});
    EXPECT_EQ(error.code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(std::string(error.message()), HasSubstr("the connection to the Minnow server at farm:7077 broke"));
  }
}

}  // namespace
}  // namespace minnow::rpc
