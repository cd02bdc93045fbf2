// How unary calls are answered.
#ifndef MINNOW_SERVER_RPC_UNARY_H_
#define MINNOW_SERVER_RPC_UNARY_H_

#include <grpcpp/support/server_callback.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/channel.h"
#include "common/rpc/convert.h"
#include "server/ledger/ledger.h"

namespace minnow::rpc {

// The error of a request's field: "field: problem".
inline absl::Status OfField(std::string_view field, const absl::Status& problem) {
  return absl::Status(problem.code(), std::string(field) + ": " + std::string(problem.message()));
}

inline void Answer(grpc::ServerUnaryReactor* call, const absl::Status& status) { call->Finish(ToGrpc(status)); }

// For a request that is refused at once.
inline grpc::ServerUnaryReactor* Refuse(grpc::ServerUnaryReactor* call, const absl::Status& status) {
  Answer(call, status);
  return call;
}

// Puts a result into the response, which lives until the call is answered.
template <class Value, class Proto>
absl::Status Put(const absl::StatusOr<Value>& value, Proto* response) {
  if (value.ok()) *response = ToProto(*value);
  return value.status();
}

// Answers with what the ledger says.
template <class Value, class Proto>
ledger::Done<Value> AnswerWith(grpc::ServerUnaryReactor* call, Proto* response) {
  return [call, response](const absl::StatusOr<Value>& value) { Answer(call, Put(value, response)); };
}

// The same where there is nothing to say but that it was done.
inline ledger::Done<bool> AnswerDone(grpc::ServerUnaryReactor* call) {
  return [call](const absl::StatusOr<bool>& done) { Answer(call, done.status()); };
}

}  // namespace minnow::rpc

#endif  // MINNOW_SERVER_RPC_UNARY_H_
