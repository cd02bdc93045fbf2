// Where a server may listen, and why it cannot.
#ifndef MINNOW_SERVER_LISTEN_ADDRESS_H_
#define MINNOW_SERVER_LISTEN_ADDRESS_H_

#include <netdb.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/channel.h"

namespace minnow::server {

// InvalidArgument when other machines can reach `address` without `tls`, and `insecure` does not say that this is
// wanted. `flag` is the one that gave the address.
absl::Status CheckReach(std::string_view flag, const rpc::Address& address, bool tls, bool insecure);

struct FreeAddresses {
  void operator()(addrinfo* addresses) const { freeaddrinfo(addresses); }
};
using SocketAddresses = std::unique_ptr<addrinfo, FreeAddresses>;

// Every address that the host has, to listen on. Null where there is no such host.
SocketAddresses Resolve(const rpc::Address& address);

// The address with a free port in place of port 0. Unavailable says why nobody can listen there, and how to go on.
absl::StatusOr<rpc::Address> FreeAddress(std::string_view flag, const rpc::Address& address);

// How a worker on another machine can call `address`: with the name of this machine where it stands for all of its
// interfaces.
std::string AddressForOthers(const rpc::Address& address);

}  // namespace minnow::server

#endif  // MINNOW_SERVER_LISTEN_ADDRESS_H_
