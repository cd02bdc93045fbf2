// One connection to a server, and how calls are made over it. Included by the few files that speak gRPC.
#ifndef MINNOW_CLIENT_CONNECTION_H_
#define MINNOW_CLIENT_CONNECTION_H_

#include <grpcpp/client_context.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "client/follow.h"
#include "client/remote.h"
#include "common/access/credentials.h"
#include "common/report/output.h"
#include "common/rpc/caller.h"
#include "minnow/v1/service.grpc.pb.h"

namespace minnow::client {

class Connection {
 public:
  using Stub = v1::SearchService::Stub;
  template <class Request, class Response>
  using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

  Connection(rpc::Address address, const RemoteLimits& limits, access::Credentials credentials)
      : caller_(std::move(address), std::move(credentials)), limits_(limits), service_(&caller_) {}

  const RemoteLimits& limits() const { return limits_; }
  std::shared_ptr<Stub> stub() const { return service_.stub(); }

  // For whoever finds the server away and will wait for it.
  void OpenAnew() const { service_.OpenAnew(service_.stub()); }

  // What a call came to, for people. A caller who is refused could not have asked otherwise, which PermissionDenied
  // would say of a file.
  absl::Status StatusOf(const grpc::Status& status) const {
    const absl::Status error = caller_.StatusOf(status);
    if (error.ok()) return error;
    const auto code = absl::IsPermissionDenied(error) ? absl::StatusCode::kUnauthenticated : error.code();
    return absl::Status(code, Printable(std::string(error.message())));
  }

  // One of the two comes before each call; the second for one that goes on for as long as it likes.
  void Begin(grpc::ClientContext& context, absl::Duration limit) const {
    context.set_deadline(absl::ToChronoTime(absl::Now() + limit));
    Begin(context);
  }
  void Begin(grpc::ClientContext& context) const { caller_.Introduce(context); }

  template <class Request, class Response>
  absl::StatusOr<Response> Call(Method<Request, Response> method, const Request& request, absl::Duration limit) const {
    grpc::ClientContext context;
    Begin(context, limit);
    Response response;
    const grpc::Status status = (service_.stub().get()->*method)(&context, request, &response);
    if (!status.ok()) return StatusOf(status);
    return response;
  }

  template <class Request, class Response>
  absl::StatusOr<Response> Call(Method<Request, Response> method, const Request& request) const {
    return Call(method, request, limits_.call);
  }

  // Calls `method` page by page; `take` gets each page and returns whether more are wanted, or an error.
  template <class Request, class Response, class Take>
  absl::Status ForEachPage(Method<Request, Response> method, Request request, Take take) const {
    while (true) {
      const absl::StatusOr<Response> page = Call(method, request);
      if (!page.ok()) return page.status();
      const absl::StatusOr<bool> more = take(*page);
      if (!more.ok()) return more.status();
      if (!*more || page->next_page_token().empty()) return absl::OkStatus();
      if (page->next_page_token() == request.page_token()) {
        return absl::DataLossError("the server sends the same page again and again");
      }
      request.set_page_token(page->next_page_token());
    }
  }

 private:
  mutable rpc::Caller caller_;  // thread-safe
  const RemoteLimits limits_;
  mutable rpc::ServiceStub<v1::SearchService> service_;  // thread-safe
};

std::unique_ptr<Results> NewRemoteResults(std::shared_ptr<const Connection> connection);
std::unique_ptr<ProgressSource> NewRemoteProgress(std::shared_ptr<const Connection> connection, int64_t job);

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_CONNECTION_H_
