// The first question to every call: whose is it, and may they?
#ifndef MINNOW_SERVER_RPC_ADMISSION_H_
#define MINNOW_SERVER_RPC_ADMISSION_H_

#include <grpcpp/server_context.h>

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/access/token.h"
#include "server/access/callers.h"

namespace minnow::rpc {

// The name of who makes the call. Unauthenticated, PermissionDenied. Of two tokens none counts.
inline absl::StatusOr<std::string> Admit(access::Callers& callers, const grpc::CallbackServerContext& context,
                                         access::Role needed) {
  const auto [first, last] = context.client_metadata().equal_range(access::kTokenHeader);
  if (first == last || std::next(first) != last) return callers.Admit("", needed);
  return callers.Admit(std::string_view(first->second.data(), first->second.size()), needed);
}

}  // namespace minnow::rpc

#endif  // MINNOW_SERVER_RPC_ADMISSION_H_
