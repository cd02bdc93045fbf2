// Who calls: what every call of a client or a worker carries.
#ifndef MINNOW_COMMON_RPC_CALLER_H_
#define MINNOW_COMMON_RPC_CALLER_H_

#include <grpcpp/client_context.h>

#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/access/credentials.h"
#include "common/rpc/channel.h"

namespace minnow::rpc {

// gRPC gives tokens of its own only to connections with TLS, so this adds them itself; access::CheckTravel says where
// they may go. Thread-safe.
class Caller {
 public:
  Caller(Address server, access::Credentials credentials);

  const Address& server() const { return server_; }
  std::shared_ptr<grpc::Channel> OpenChannel() const { return rpc::OpenChannel(server_, credentials_.tls); }

  // Adds the token to a call. Its file is read each time, so that a new one is used without a restart; while it cannot
  // be read, the last one is.
  void Introduce(grpc::ClientContext& call);

  // What a call came to, for people: FromGrpc, and what of TLS is in the way when there is no other answer.
  absl::Status StatusOf(const grpc::Status& status) const;

 private:
  const Address server_;
  const access::Credentials credentials_;
  std::mutex mutex_;
  std::string token_;  // guarded by mutex_
};

// The stub of a service. Its channel is opened anew by those who waited for the server in vain: gRPC takes ever longer
// pauses, up to two minutes, before it looks up a name again that was not known. Thread-safe.
template <class Service>
class ServiceStub {
 public:
  using Stub = typename Service::Stub;

  explicit ServiceStub(const Caller* caller) : caller_(caller), stub_(Open()) {}

  std::shared_ptr<Stub> stub() const {
    std::lock_guard lock(mutex_);
    return stub_;
  }

  // Unless somebody has since `vain` was the stub. Calls that are under way go on.
  void OpenAnew(const std::shared_ptr<Stub>& vain) {
    std::lock_guard lock(mutex_);
    if (stub_ == vain) stub_ = Open();
  }

 private:
  std::shared_ptr<Stub> Open() const { return Service::NewStub(caller_->OpenChannel()); }

  const Caller* const caller_;
  mutable std::mutex mutex_;
  std::shared_ptr<Stub> stub_;  // guarded by mutex_
};

}  // namespace minnow::rpc

#endif  // MINNOW_COMMON_RPC_CALLER_H_
