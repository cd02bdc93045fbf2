// Calls of both services; a second passes after each.
#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "common/rpc/channel.h"
#include "common/rpc/convert.h"
#include "tests/fuzz/rpc_call.h"
#include "tests/fuzz/rpc_calls.h"
#include "tests/fuzz/rpc_server.h"
#include "tests/fuzz/targets.h"

namespace minnow::fuzz {
namespace {

using People = v1::SearchService::CallbackService;
using Workers = v1::WorkerService::CallbackService;

constexpr int64_t kMostAnnounced = 1 << 20;  // bytes of an upload

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

struct Method {
  std::function<void(RpcServer&, const std::string&)> call;
  const google::protobuf::Message* request = nullptr;  // an empty one
};

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
  const auto call = [method](RpcServer& server, const std::string& bytes) {
    Request request;
    if (!request.ParseFromString(bytes)) return;
    CheckRequest(request);
    Response response;
    const grpc::Status status = CallUnary(ServiceOf<Service>(server), method, request, response);
    CheckStatus(status);
    if (status.ok()) CheckResponse(response);
  };
  return {call, &Request::default_instance()};
}

template <class Service, class Request, class Message>
Method Watch(grpc::ServerWriteReactor<Message>* (Service::*method)(grpc::CallbackServerContext*, const Request*)) {
  const auto call = [method](RpcServer& server, const std::string& bytes) {
    Request request;
    if (request.ParseFromString(bytes)) BeginStream(ServiceOf<Service>(server), method, request);
  };
  return {call, &Request::default_instance()};
}

template <class Service, class Request, class Message>
Method Stream(grpc::ServerWriteReactor<Message>* (Service::*method)(grpc::CallbackServerContext*, const Request*)) {
  const auto call = [method](RpcServer& server, const std::string& bytes) {
    Request request;
    if (request.ParseFromString(bytes)) CheckStatus(CallStream(ServiceOf<Service>(server), method, request));
  };
  return {call, &Request::default_instance()};
}

// The first message as it comes, and its data once more in a second one. What is announced is taken for memory that the
// server may reserve, so an input announces little.
Method Upload() {
  const auto call = [](RpcServer& server, const std::string& bytes) {
    v1::UploadDatasetRequest first;
    if (!first.ParseFromString(bytes)) return;
    if (first.size() <= rpc::kMaxDatasetBytes) first.set_size(std::min(first.size(), kMostAnnounced));
    v1::UploadDatasetRequest second;
    second.set_data(first.data());
    v1::Dataset response;
    const grpc::Status status = CallUpload(server.people(), &People::UploadDataset, {first, second}, response);
    // The bytes of an input hardly ever have the hash of its name.
    if (status.error_code() != grpc::StatusCode::DATA_LOSS) CheckStatus(status);
    if (status.ok()) CheckResponse(response);
  };
  return {call, &v1::UploadDatasetRequest::default_instance()};
}

// The copy of the database is not made here.
Method Backup() {
  const auto call = [](RpcServer& server, const std::string&) {
    const grpc::Status status = CallStream(server.people(), &People::Backup, v1::BackupRequest());
    Require(status.error_code() == grpc::StatusCode::UNAVAILABLE, "a backup says why it cannot be made");
  };
  return {call, &v1::BackupRequest::default_instance()};
}

// The number of a method in an input is its place here: new ones come last, or the corpus means something else.
const std::array<Method, 29> kMethods = {Unary(&People::GetServerInfo),
                                         Unary(&People::GetDataset),
                                         Stream(&People::DownloadDataset),
                                         Unary(&People::SubmitJob),
                                         Unary(&People::GetJob),
                                         Unary(&People::ListJobs),
                                         Watch(&People::WatchJob),
                                         Unary(&People::GetProgress),
                                         Unary(&People::PauseJob),
                                         Unary(&People::ResumeJob),
                                         Unary(&People::CancelJob),
                                         Unary(&People::DeleteJob),
                                         Unary(&People::GetAnswer),
                                         Unary(&People::GetPreparation),
                                         Unary(&People::GetTrial),
                                         Unary(&People::ListTrials),
                                         Unary(&People::ListShapes),
                                         Unary(&People::ListEvents),
                                         Unary(&People::ListWorkers),
                                         Unary(&People::ForgiveWorker),
                                         Unary(&Workers::RegisterWorker),
                                         Unary(&Workers::LeaseWork),
                                         Unary(&Workers::ReportWork),
                                         Unary(&Workers::Heartbeat),
                                         Unary(&Workers::ReleaseWorker),
                                         Stream(&Workers::FetchDataset),
                                         Stream(&People::Query),
                                         Upload(),
                                         Backup()};

const Method& MethodOf(unsigned char number) { return kMethods[number % kMethods.size()]; }

}  // namespace

std::vector<Call> ReadCalls(std::string_view bytes) {
  std::vector<Call> calls;
  while (calls.size() < kMostCalls && bytes.size() >= 3) {
    const auto at = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const size_t size = at(1) + size_t{256} * at(2);
    calls.push_back({.method = at(0), .request = std::string(bytes.substr(3, size))});
    bytes.remove_prefix(3 + calls.back().request.size());
  }
  return calls;
}

std::string WriteCalls(const std::vector<Call>& calls) {
  std::string bytes;
  for (const Call& call : calls) {
    const size_t size = call.request.size();
    bytes += {static_cast<char>(call.method), static_cast<char>(size & 255), static_cast<char>(size >> 8)};
    bytes += call.request;
  }
  return bytes;
}

std::unique_ptr<google::protobuf::Message> NewRequest(unsigned char method) {
  return std::unique_ptr<google::protobuf::Message>(MethodOf(method).request->New());
}

void Rpc(std::string_view bytes) {
  const std::unique_ptr<RpcServer> server = RpcServer::Start();
  for (const Call& call : ReadCalls(bytes)) {
    MethodOf(call.method).call(*server, call.request);
    server->MoveClock(absl::Seconds(1));
  }
  server->CheckRestart();
}

}  // namespace minnow::fuzz
