// Calls of handlers without a network.
#ifndef MINNOW_TESTS_FUZZ_RPC_CALL_H_
#define MINNOW_TESTS_FUZZ_RPC_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <grpcpp/test/default_reactor_test_peer.h>

#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

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

// What is alike in a stream either way: the call ends when the handler says so, and then its reactor.
template <class Stream, class Reactor>
class CallHere : public Stream {
 public:
  void Finish(grpc::Status status) override { status_ = std::move(status); }
  void SendInitialMetadata() override {}

 protected:
  explicit CallHere(Reactor* reactor) : reactor_(reactor) {}

  Reactor* const reactor_;
  std::optional<grpc::Status> status_;

 private:
  grpc::internal::ServerReactor* reactor() override { return reactor_; }
  void CallOnDone() override {}
};

// Takes all that a handler sends.
template <class Message>
class ReceivedHere : public CallHere<grpc::ServerCallbackWriter<Message>, grpc::ServerWriteReactor<Message>> {
 public:
  explicit ReceivedHere(grpc::ServerWriteReactor<Message>* reactor)
      : CallHere<grpc::ServerCallbackWriter<Message>, grpc::ServerWriteReactor<Message>>(reactor) {}

  void Write(const Message* message, grpc::WriteOptions) override {
    Message read;
    Require(read.ParseFromString(message->SerializeAsString()), "a message of a stream can be read");
    written_ = true;
  }
  void WriteAndFinish(const Message* message, grpc::WriteOptions options, grpc::Status status) override {
    Write(message, options);
    this->Finish(std::move(status));
  }

  grpc::Status Run() {
    this->BindReactor(this->reactor_);
    while (std::exchange(written_, false)) this->reactor_->OnWriteDone(true);
    Require(this->status_.has_value(), "a stream ends");
    this->reactor_->OnDone();
    return *this->status_;
  }

 private:
  bool written_ = false;
};

// Sends messages to a handler.
template <class Message>
class SentHere : public CallHere<grpc::ServerCallbackReader<Message>, grpc::ServerReadReactor<Message>> {
 public:
  SentHere(grpc::ServerReadReactor<Message>* reactor, std::vector<Message> messages)
      : CallHere<grpc::ServerCallbackReader<Message>, grpc::ServerReadReactor<Message>>(reactor),
        messages_(std::move(messages)) {}

  void Read(Message* to) override { wanted_ = to; }

  grpc::Status Run() {
    this->BindReactor(this->reactor_);
    for (size_t next = 0; !this->status_; ++next) {
      Require(wanted_ != nullptr, "a handler reads on, or ends");
      const bool more = next < messages_.size();
      if (more) *wanted_ = messages_[next];
      wanted_ = nullptr;
      this->reactor_->OnReadDone(more);
    }
    this->reactor_->OnDone();
    return *this->status_;
  }

 private:
  const std::vector<Message> messages_;
  Message* wanted_ = nullptr;
};

// One call that answers with a stream, to its end.
template <class Service, class Request, class Message>
grpc::Status CallStream(std::type_identity_t<Service>& service,
                        grpc::ServerWriteReactor<Message>* (Service::*method)(grpc::CallbackServerContext*,
                                                                              const Request*),
                        const std::type_identity_t<Request>& request) {
  grpc::CallbackServerContext context;
  return ReceivedHere<Message>((service.*method)(&context, &request)).Run();
}

// One call that takes a stream.
template <class Service, class Message, class Response>
grpc::Status CallUpload(std::type_identity_t<Service>& service,
                        grpc::ServerReadReactor<Message>* (Service::*method)(grpc::CallbackServerContext*, Response*),
                        std::vector<Message> messages, std::type_identity_t<Response>& response) {
  grpc::CallbackServerContext context;
  return SentHere<Message>((service.*method)(&context, &response), std::move(messages)).Run();
}

// One call that answers with a stream that waits for news, as far as its first message.
template <class Service, class Request, class Message>
void BeginStream(std::type_identity_t<Service>& service,
                 grpc::ServerWriteReactor<Message>* (Service::*method)(grpc::CallbackServerContext*, const Request*),
                 const std::type_identity_t<Request>& request) {
  grpc::CallbackServerContext context;
  (service.*method)(&context, &request)->OnDone();
}

}  // namespace minnow::fuzz

#endif  // MINNOW_TESTS_FUZZ_RPC_CALL_H_
