// Calls of handlers without a network.
#ifndef MINNOW_TESTS_FUZZ_RPC_CALL_H_
#define MINNOW_TESTS_FUZZ_RPC_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <grpcpp/test/default_reactor_test_peer.h>

#include <type_traits>

#include "tests/fuzz/targets.h"

namespace minnow::fuzz {

// One unary call, which is answered before this returns. Where the handler has a reactor of its own only the response
// tells what came of it, and the status is ok.
template <class Service, class Request, class Response>
grpc::Status CallUnary(std::type_identity_t<Service>& service,
                       grpc::ServerUnaryReactor* (Service::*method)(grpc::CallbackServerContext*, const Request*,
                                                                    Response*),
                       const std::type_identity_t<Request>& request, std::type_identity_t<Response>& response) {
  grpc::CallbackServerContext context;
  grpc::testing::DefaultReactorTestPeer peer(&context);
  grpc::ServerUnaryReactor* const reactor = (service.*method)(&context, &request, &response);
  if (reactor != peer.reactor()) {
    reactor->OnDone();
    return grpc::Status::OK;
  }
  Require(peer.test_status_set(), "a call is answered");
  return peer.test_status();
}

// One call that answers with a stream, as far as its first message.
template <class Service, class Request, class Message>
void BeginStream(std::type_identity_t<Service>& service,
                 grpc::ServerWriteReactor<Message>* (Service::*method)(grpc::CallbackServerContext*, const Request*),
                 const std::type_identity_t<Request>& request) {
  grpc::CallbackServerContext context;
  (service.*method)(&context, &request)->OnDone();
}

}  // namespace minnow::fuzz

#endif  // MINNOW_TESTS_FUZZ_RPC_CALL_H_
