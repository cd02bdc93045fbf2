// What the programs that call a server have in common: its address, the connection, what a failed call means.
#ifndef MINNOW_COMMON_RPC_CHANNEL_H_
#define MINNOW_COMMON_RPC_CHANNEL_H_

#include <grpcpp/channel.h>
#include <grpcpp/support/status.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/access/tls_files.h"

namespace minnow::rpc {

inline constexpr int kMaxMessageBytes = 64 << 20;              // of one message, either way
inline constexpr int64_t kMaxDatasetBytes = int64_t{1} << 30;  // of one encoded data set
inline constexpr int kDataChunkBytes = 1 << 20;                // of the parts in which data sets and backups travel
inline constexpr char kDefaultAddress[] = "127.0.0.1:7077";
// By then a server has answered its first call, or a person is told that it has not.
inline constexpr absl::Duration kFirstCallTimeout = absl::Seconds(4);
// A connection on which nothing is heard for so long is asked whether it lives; the answer may take as long again.
inline constexpr absl::Duration kKeepalive = absl::Seconds(20);

struct Address {
  std::string host;  // without the brackets of an IPv6 address
  int port = 0;

  std::string text() const;  // "127.0.0.1:7077", "[::1]:7077"
};

// Reads "HOST:PORT". InvalidArgument begins with `--flag: ` and says how an address is written. Port 0, any free one,
// makes sense for a server alone.
absl::StatusOr<Address> ParseAddress(std::string_view flag, std::string_view text, int least_port = 1);

// True for localhost, 127.0.0.0/8 and ::1.
bool IsLoopback(std::string_view host);

// To be called before gRPC is used; OpenChannel does. gRPC's own log says what FromGrpc says better, or nothing that
// people can use: it stays silent, unless GRPC_VERBOSITY asks for it. Names are looked up as all programs of the
// machine do (getaddrinfo), unless GRPC_DNS_RESOLVER asks for another way: gRPC's own (c-ares) may go on asking the
// second name server, which does not know the names of containers, after the first was silent once. And the locks of
// gRPC do not look for deadlocks: Abseil as Debian compiles it (without NDEBUG) enters every lock that is taken into a
// graph under one global lock, which takes a fifth of a busy server's time.
void PrepareGrpc();

// A connection that is made when it is first used, and made again when it breaks: first after 0.1 s, then ever less
// often, at least every 5 s. With TLS when `tls` names authorities.
std::shared_ptr<grpc::Channel> OpenChannel(const Address& server, const access::TlsFiles& tls = {});

// The status of a call for people: the server's own sentence where it sent one; where there is none, who did not answer
// and what to do.
absl::Status FromGrpc(const grpc::Status& status, const Address& server);
grpc::Status ToGrpc(const absl::Status& status);

}  // namespace minnow::rpc

#endif  // MINNOW_COMMON_RPC_CHANNEL_H_
