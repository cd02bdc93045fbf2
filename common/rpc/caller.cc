#include "common/rpc/caller.h"

#include <utility>

#include "common/access/token.h"
#include "common/rpc/tls_probe.h"

namespace minnow::rpc {

Caller::Caller(Address server, access::Credentials credentials)
    : server_(std::move(server)), credentials_(std::move(credentials)) {}

void Caller::Introduce(grpc::ClientContext& call) {
  if (credentials_.token_file.empty()) return;
  absl::StatusOr<std::string> token = access::ReadTokenFile("--token-file", credentials_.token_file);
  std::lock_guard lock(mutex_);
  if (token.ok()) token_ = *std::move(token);
  if (!token_.empty()) call.AddMetadata(access::kTokenHeader, access::kTokenScheme + token_);
}

absl::Status Caller::StatusOf(const grpc::Status& status) const {
  return WithReason(FromGrpc(status, server_), server_, credentials_.tls);
}

}  // namespace minnow::rpc
