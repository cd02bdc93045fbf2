// An input is a row of calls: a byte for the method, two for the length of the request (little-endian), the request.
// Between two calls a second passes.
#include <array>
#include <functional>
#include <string>
#include <string_view>

#include "common/rpc/convert.h"
#include "tests/fuzz/rpc_call.h"
#include "tests/fuzz/rpc_server.h"
#include "tests/fuzz/targets.h"

namespace minnow::fuzz {
namespace {

using People = v1::SearchService::CallbackService;
using Workers = v1::WorkerService::CallbackService;

constexpr int kMostCalls = 16;  // of one input

// A message that this program takes becomes, out of proto and back, one that it takes for the same.
template <class Message>
void CheckConversion(const Message& message) {
  if constexpr (requires { rpc::ToProto(*rpc::FromProto(message)); }) {
    const auto value = rpc::FromProto(message);
    if (!value.ok()) return Require(absl::IsInvalidArgument(value.status()), "a refusal blames the request");
    const Message once = rpc::ToProto(*value);
    const auto again = rpc::FromProto(once);
    Require(again.ok(), "what was taken is taken again: " + again.status().ToString());
    Require(rpc::ToProto(*again).SerializeAsString() == once.SerializeAsString(),
            "what was taken is the same again: " + once.ShortDebugString());
  }
}

void CheckRequest(const auto& request) { CheckConversion(request); }
void CheckRequest(const v1::SubmitJobRequest& request) { CheckConversion(request.spec()); }
void CheckRequest(const v1::LeaseWorkRequest& request) { CheckConversion(request.patience()); }
void CheckRequest(const v1::ReportWorkRequest& request) {
  for (const v1::LeaseReport& report : request.reports()) {
    const absl::StatusOr<LeaseReport> read = rpc::FromProto(report, "w");
    if (!read.ok()) continue;
    const v1::LeaseReport once = rpc::ToProto(*read);
    const absl::StatusOr<LeaseReport> again = rpc::FromProto(once, "w");
    Require(again.ok() && rpc::ToProto(*again).SerializeAsString() == once.SerializeAsString(),
            "a report that was taken is the same again: " + once.ShortDebugString());
  }
}

// What is sent can be read: its texts are UTF-8, and it converts.
template <class Response>
void CheckResponse(const Response& response) {
  Response read;
  Require(read.ParseFromString(response.SerializeAsString()), "a response can be read");
  if constexpr (requires { rpc::ToProto(*rpc::FromProto(response)); }) {
    const auto value = rpc::FromProto(response);
    Require(value.ok(), "a client takes the response: " + value.status().ToString());
    Require(rpc::ToProto(*value).SerializeAsString() == response.SerializeAsString(),
            "a client takes all of the response: " + response.ShortDebugString());
  }
}

void CheckStatus(const grpc::Status& status) {
  const grpc::StatusCode code = status.error_code();
  Require(code != grpc::StatusCode::INTERNAL && code != grpc::StatusCode::UNKNOWN &&
              code != grpc::StatusCode::DATA_LOSS && code != grpc::StatusCode::UNAVAILABLE,
          "a call is done or refused for a reason of its own: " + status.error_message());
  Require(status.ok() || !status.error_message().empty(), "a refusal says why");
}

using Method = std::function<void(RpcServer&, std::string_view)>;

template <class Service>
Service& ServiceOf(RpcServer& server) {
  if constexpr (std::is_base_of_v<Service, People>) {
    return server.people();
  } else {
    return server.workers();
  }
}

template <class Service, class Request, class Response>
Method Unary(grpc::ServerUnaryReactor* (Service::*method)(grpc::CallbackServerContext*, const Request*, Response*)) {
  return [method](RpcServer& server, std::string_view bytes) {
    Request request;
    if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
    CheckRequest(request);
    Response response;
    const grpc::Status status = CallUnary(ServiceOf<Service>(server), method, request, response);
    CheckStatus(status);
    if (status.ok()) CheckResponse(response);
  };
}

template <class Service, class Request, class Message>
Method Stream(grpc::ServerWriteReactor<Message>* (Service::*method)(grpc::CallbackServerContext*, const Request*)) {
  return [method](RpcServer& server, std::string_view bytes) {
    Request request;
    if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
    BeginStream(ServiceOf<Service>(server), method, request);
  };
}

// The number of a method in an input is its place here: new ones come last, or the corpus means something else.
// UploadDataset, Query and Backup are not here: their calls live on a network. Dataset and Sql take what they read.
const std::array<Method, 26> kMethods = {
    Unary(&People::GetServerInfo),  Unary(&People::GetDataset),     Stream(&People::DownloadDataset),
    Unary(&People::SubmitJob),      Unary(&People::GetJob),         Unary(&People::ListJobs),
    Stream(&People::WatchJob),      Unary(&People::GetProgress),    Unary(&People::PauseJob),
    Unary(&People::ResumeJob),      Unary(&People::CancelJob),      Unary(&People::DeleteJob),
    Unary(&People::GetAnswer),      Unary(&People::GetPreparation), Unary(&People::GetTrial),
    Unary(&People::ListTrials),     Unary(&People::ListShapes),     Unary(&People::ListEvents),
    Unary(&People::ListWorkers),    Unary(&People::ForgiveWorker),  Unary(&Workers::RegisterWorker),
    Unary(&Workers::LeaseWork),     Unary(&Workers::ReportWork),    Unary(&Workers::Heartbeat),
    Unary(&Workers::ReleaseWorker), Stream(&Workers::FetchDataset)};

}  // namespace

void Rpc(std::string_view bytes) {
  const std::unique_ptr<RpcServer> server = RpcServer::Start();
  for (int call = 0; call < kMostCalls && bytes.size() >= 3; ++call) {
    const auto at = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const Method& method = kMethods[at(0) % kMethods.size()];
    const size_t size = at(1) + size_t{256} * at(2);
    const std::string_view request = bytes.substr(3, size);
    bytes.remove_prefix(3 + request.size());
    method(*server, request);
    server->MoveClock(absl::Seconds(1));
  }
  server->CheckRestart();
}

}  // namespace minnow::fuzz
