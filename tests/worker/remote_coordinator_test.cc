#include "worker/remote_coordinator.h"

#include <gmock/gmock.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <future>
#include <span>
#include <thread>
#include <vector>

#include "minnow/v1/service.grpc.pb.h"
#include "tests/support/collected_bytes.h"

namespace minnow::worker {
namespace {

using testing::HasSubstr;

// Answers some calls and leaves others hanging.
class Service : public v1::WorkerService::Service {
 public:
  grpc::Status RegisterWorker(grpc::ServerContext*, const v1::RegisterWorkerRequest*,
                              v1::RegisterWorkerResponse*) override {
    return {grpc::StatusCode::FAILED_PRECONDITION, "this server trains with numerics version 2"};
  }
  grpc::Status LeaseWork(grpc::ServerContext* context, const v1::LeaseWorkRequest*, v1::LeaseWorkResponse*) override {
    asked.set_value();
    while (!context->IsCancelled()) std::this_thread::yield();
    return grpc::Status::CANCELLED;
  }
  grpc::Status Heartbeat(grpc::ServerContext*, const v1::HeartbeatRequest* request,
                         v1::HeartbeatResponse* response) override {
    for (int64_t lease : request->leases()) response->add_not_needed(lease + 1);
    return grpc::Status::OK;
  }
  grpc::Status FetchDataset(grpc::ServerContext* context, const v1::FetchDatasetRequest* request,
                            grpc::ServerWriter<v1::DataChunk>* writer) override {
    v1::DataChunk chunk;
    chunk.set_size(6);
    const std::vector<const char*> parts = {"ab", "cd", "ef"};
    for (const char* part : std::span(parts).subspan(static_cast<size_t>(request->offset()) / 2)) {
      chunk.set_data(part);
      writer->Write(chunk);
    }
    if (request->name().ends_with("e")) {  // endless
      asked.set_value();
      while (!context->IsCancelled()) std::this_thread::yield();
    }
    return request->name().ends_with("0") ? grpc::Status(grpc::StatusCode::NOT_FOUND, "no such data set")
                                          : grpc::Status::OK;
  }

  std::promise<void> asked;
};

class RemoteCoordinatorTest : public testing::Test {
 protected:
  RemoteCoordinatorTest() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    coordinator_ = NewRemoteCoordinator("127.0.0.1:" + std::to_string(port)).value();
  }

  absl::StatusOr<std::string> Dataset(const std::string& sha256) {
    return CollectedBytes([&](const DatasetSink& sink) { return coordinator_->Dataset(worker_, sha256, sink); });
  }

  const WorkerId worker_ = {"w1", "s1"};
  Service service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<CoordinatorClient> coordinator_;
};

TEST_F(RemoteCoordinatorTest, PutsADataSetTogether) { EXPECT_EQ(*Dataset(std::string(64, 'a')), "abcdef"); }

TEST_F(RemoteCoordinatorTest, TakesADataSetUpWhereItBrokeOff) {
  std::string rest;
  const DatasetSink sink = [&](int64_t offset, std::string_view part) {
    EXPECT_EQ(offset, 2 + static_cast<int64_t>(rest.size()));
    rest += part;
    return absl::OkStatus();
  };
  EXPECT_TRUE(coordinator_->RestOfDataset(worker_, std::string(64, 'a'), /*offset=*/2, sink).ok());
  EXPECT_EQ(rest, "cdef");
}

TEST_F(RemoteCoordinatorTest, ADataSetThatBreaksOffIsAnError) {
  EXPECT_EQ(Dataset(std::string(64, '0')).status(), absl::NotFoundError("no such data set"));
}

TEST_F(RemoteCoordinatorTest, EndsADataSetThatNobodyTakes) {
  const DatasetSink full = [](int64_t, std::string_view) { return absl::InternalError("no memory"); };
  EXPECT_EQ(coordinator_->Dataset(worker_, std::string(64, 'a'), full), absl::InternalError("no memory"));
}

TEST_F(RemoteCoordinatorTest, PassesAnswersAndRefusalsOn) {
  EXPECT_EQ(coordinator_->Heartbeat(worker_, {1, 5})->not_needed, (std::vector<int64_t>{2, 6}));
  EXPECT_EQ(coordinator_->Register({.id = worker_}).status(),
            absl::FailedPreconditionError("this server trains with numerics version 2"));
}

TEST_F(RemoteCoordinatorTest, CancelCallsEndsACallInFlightAndThoseToCome) {
  std::thread canceller([this] {
    service_.asked.get_future().wait();
    coordinator_->CancelCalls();
  });
  const WorkRequest request = {.worker = worker_, .seconds = 1};
  EXPECT_EQ(coordinator_->LeaseWork(request, absl::Hours(1)).status().code(), absl::StatusCode::kCancelled);
  canceller.join();
  EXPECT_EQ(coordinator_->Heartbeat(worker_, {}).status().code(), absl::StatusCode::kCancelled);
}

TEST_F(RemoteCoordinatorTest, CancelFetchesEndsThoseInFlightAndToComeAndNoOtherCall) {
  std::thread canceller([this] {
    service_.asked.get_future().wait();
    coordinator_->CancelFetches();
  });
  EXPECT_EQ(Dataset(std::string(64, 'e')).status().code(), absl::StatusCode::kCancelled);
  canceller.join();
  EXPECT_EQ(Dataset(std::string(64, 'a')).status().code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(coordinator_->Heartbeat(worker_, {}).ok());
}

TEST_F(RemoteCoordinatorTest, AServerThatEndsIsAway) {
  std::thread ender([this] {
    service_.asked.get_future().wait();
    server_->Shutdown(std::chrono::system_clock::now());  // breaks off what is not answered
  });
  const WorkRequest request = {.worker = worker_, .seconds = 1};
  EXPECT_EQ(coordinator_->LeaseWork(request, absl::Hours(1)).status().code(), absl::StatusCode::kUnavailable);
  ender.join();
  // The next call waits for a connection, in vain.
  const absl::Status status = coordinator_->Heartbeat(worker_, {}).status();
  EXPECT_TRUE(absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) << status;
}

TEST(NewRemoteCoordinator, RefusesWhatIsNoAddress) {
  const absl::Status refused = NewRemoteCoordinator("nowhere").status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("--server"));
  EXPECT_TRUE(NewRemoteCoordinator(DefaultServer()).ok());
}

}  // namespace
}  // namespace minnow::worker
