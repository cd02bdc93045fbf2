#include "server/server.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/impl/rpc_method.h>
#include <grpcpp/support/byte_buffer.h>
#include <gtest/gtest.h>

#include <future>

#include "common/rpc/convert.h"
#include "tests/server/http_get.h"
#include "tests/server/serving.h"

namespace minnow::server {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using People = v1::SearchService::Stub;

// A call of a method whose messages are not compiled in here.
absl::StatusOr<std::string> RawCall(Serving& serving, const char* method, const std::string& request) {
  const grpc::Slice slice(request);
  const grpc::ByteBuffer bytes(&slice, 1);
  grpc::ByteBuffer response;
  grpc::ClientContext context;
  const grpc::internal::RpcMethod rpc(method, grpc::internal::RpcMethod::NORMAL_RPC);
  const grpc::Status status = grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
      serving.channel().get(), rpc, &context, bytes, &response);
  if (!status.ok()) return rpc::FromGrpc(status, serving.address());
  grpc::Slice all;
  EXPECT_TRUE(response.DumpToSingleSlice(&all).ok());
  return std::string(reinterpret_cast<const char*>(all.begin()), all.size());
}

TEST(Server, AnswersHealthChecksAndReflection) {
  Serving serving;
  // HealthCheckResponse: status (1) SERVING (1).
  EXPECT_EQ(RawCall(serving, "/grpc.health.v1.Health/Check", "").value(), "\x08\x01");
  // ServerReflectionRequest: list_services (7) "".
  const std::string services =
      RawCall(serving, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "\x3a\x01*").value();
  EXPECT_THAT(services, HasSubstr("minnow.v1.SearchService"));
  EXPECT_THAT(services, HasSubstr("minnow.v1.WorkerService"));
}

TEST(Server, SaysWhatItIs) {
  Serving serving;
  const auto info = serving.Call(serving.people(), &People::GetServerInfo, v1::GetServerInfoRequest()).value();
  EXPECT_EQ(info.version(), "1.2.3");
  EXPECT_EQ(info.numerics_version(), kNumericsVersion);
  EXPECT_EQ(info.lease_duration().seconds(), 10);
  EXPECT_THAT(HttpGet(serving.http_address(), "/healthz"), HasSubstr("200 OK"));
  EXPECT_THAT(HttpGet(serving.http_address(), "/metrics"), HasSubstr("version=\"1.2.3\""));
}

TEST(Server, EndsWaitingCallsWhenItStopsAndLeavesOneFile) {
  Serving serving;
  const std::string job = serving.SubmitToy(1);
  const v1::WorkerId worker = serving.RegisterWorker("w");
  v1::PauseJobRequest pause;  // so that there is no work
  pause.set_name(job);
  ASSERT_TRUE(serving.Call(serving.people(), &People::PauseJob, pause).ok());
  std::promise<void> watching;
  auto watch = std::async(std::launch::async, [&] {
    grpc::ClientContext context;
    v1::WatchJobRequest request;
    request.set_name(job);
    const auto reader = serving.people().WatchJob(&context, request);
    v1::JobProgress event;
    EXPECT_TRUE(reader->Read(&event));
    watching.set_value();
    while (reader->Read(&event)) continue;
    return reader->Finish().error_code();
  });
  auto leases = std::async(std::launch::async, [&] { return serving.LeaseWork(worker, 1, absl::Seconds(30)); });
  watching.get_future().wait();
  while (HttpGet(serving.http_address(), "/metrics").find("minnow_ledger_waiting_workers 1") == std::string::npos) {
    ASSERT_FALSE(Ready(leases));
  }
  const absl::Time begin = absl::Now();
  serving.Stop();
  EXPECT_LT(absl::Now() - begin, kDrainTime);
  EXPECT_EQ(watch.get(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(leases.get().status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(serving.folder().Names(), std::set<std::string>{"minnow.db"});
}

TEST(Server, CutsOffWhoeverDoesNotEndInTime) {
  Serving serving;
  grpc::ClientContext context;
  v1::Dataset dataset;
  const auto stalled = serving.people().UploadDataset(&context, &dataset);
  v1::UploadDatasetRequest first;
  first.set_name(rpc::DatasetName(std::string(64, 'a')));
  first.set_size(1000);
  ASSERT_TRUE(stalled->Write(first));
  ASSERT_TRUE(serving.Call(serving.people(), &People::GetServerInfo, v1::GetServerInfoRequest()).ok());
  const absl::Time begin = absl::Now();
  serving.Stop();
  EXPECT_LT(absl::Now() - begin, kDrainTime + absl::Seconds(2));
  EXPECT_FALSE(stalled->Finish().ok());
}

TEST(Server, GoesOnWhereItWasWhenItIsStartedAgain) {
  Serving serving;
  const std::string job = serving.SubmitToy(1);
  const v1::WorkerId worker = serving.RegisterWorker("w");
  const std::vector<Lease> leases = serving.LeaseWork(worker, 1, absl::Seconds(5)).value();
  ASSERT_FALSE(leases.empty());
  serving.Restart();
  EXPECT_EQ(serving.StateOf(job), v1::Job::RUNNING);
  const auto response = serving.Report(worker, {ToyReport(leases[0])}).value();
  EXPECT_EQ(response.statuses(0).code(), grpc::StatusCode::OK) << response.statuses(0).message();
}

const rpc::Address kAnyPort = {"127.0.0.1", 0};

// Why a server does not start; "" when it does.
std::string WhyNot(const std::string& database, const rpc::Address& listen = kAnyPort,
                   const rpc::Address& http = kAnyPort, bool insecure = false) {
  Options options;
  options.database = database;
  options.listen = listen;
  options.http = http;
  options.insecure = insecure;
  const auto server = Server::Start(std::move(options));
  return server.ok() ? "" : std::string(server.status().message());
}

TEST(Server, RefusesAnAddressInUseOrNoneOfThisMachine) {
  Serving serving;
  const storage::TemporaryFolder folder;
  const std::string db = folder.File("other.db");
  EXPECT_EQ(WhyNot(db, serving.address()),
            "--listen: cannot listen on " + serving.address().text() +
                ": another program listens there, perhaps another server; give another address with --listen");
  EXPECT_THAT(WhyNot(db, kAnyPort, serving.http_address()), StartsWith("--http: cannot listen on "));
  EXPECT_THAT(WhyNot(db, {"192.0.2.1", 7077}, kAnyPort, /*insecure=*/true),
              StartsWith("--listen: cannot listen on 192.0.2.1:7077: "));
  EXPECT_THAT(WhyNot(db, {"no-such-host.invalid", 7077}, kAnyPort, /*insecure=*/true),
              HasSubstr("there is no such host"));
}

TEST(Server, RefusesADatabaseThatIsHeldOrNone) {
  Serving serving;
  EXPECT_THAT(WhyNot(serving.folder().File("minnow.db")), HasSubstr("another process"));
  const storage::TemporaryFolder folder;
  storage::WriteBytes(folder.File("text.db"), "no database, but long enough to look at: " + std::string(200, 'x'));
  EXPECT_THAT(WhyNot(folder.File("text.db")), HasSubstr("text.db"));
  EXPECT_THAT(WhyNot(folder.File("no/folder.db")), HasSubstr("folder"));
}

TEST(Server, RefusesToBeReachedFromOtherMachinesUnlessToldTo) {
  const storage::TemporaryFolder folder;
  const std::string db = folder.File("minnow.db");
  EXPECT_EQ(
      WhyNot(db, {"0.0.0.0", 0}),
      "--listen: other machines can reach 0.0.0.0:0, and minnow-server refuses that without TLS: give a certificate "
      "with --tls-cert and --tls-key, or on a network that you trust, add --insecure");
  EXPECT_THAT(WhyNot(db, kAnyPort, {"::", 0}), StartsWith("--http: other machines can reach [::]:0"));
  EXPECT_EQ(WhyNot(db, {"0.0.0.0", 0}, kAnyPort, /*insecure=*/true), "");
}

}  // namespace
}  // namespace minnow::server
