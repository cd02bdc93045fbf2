#include "worker/remote_coordinator.h"

#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <set>
#include <utility>

#include "absl/time/clock.h"
#include "common/rpc/caller.h"
#include "common/rpc/channel.h"
#include "common/rpc/convert.h"
#include "minnow/v1/service.grpc.pb.h"

namespace minnow::worker {
namespace {

constexpr absl::Duration kShortCall = absl::Seconds(5);
constexpr absl::Duration kReportCall = absl::Seconds(60);   // its COMMIT may wait for a slow disk
constexpr absl::Duration kDatasetCall = absl::Minutes(10);  // 1 GiB at 2 MiB/s

absl::Status TooLarge(const std::string& sha256) {
  return absl::OutOfRangeError("data set " + sha256 + " has more than the " + std::to_string(rpc::kMaxDatasetBytes) +
                               " bytes that a data set may have");
}

class RemoteCoordinator : public CoordinatorClient {
 public:
  RemoteCoordinator(const rpc::Address& server, const access::Credentials& credentials)
      : caller_(server, credentials), service_(&caller_) {}

  absl::StatusOr<WorkerTerms> Register(const WorkerInfo& worker) override {
    const v1::RegisterWorkerRequest request = rpc::ToProto(worker);
    v1::RegisterWorkerResponse response;
    const absl::Status status = Call(kShortCall, [&](Stub& stub, grpc::ClientContext* call) {
      return stub.RegisterWorker(call, request, &response);
    });
    if (!status.ok()) return status;
    return rpc::FromProto(response);
  }

  absl::StatusOr<std::vector<Lease>> LeaseWork(const WorkRequest& work, absl::Duration patience) override {
    const v1::LeaseWorkRequest request = rpc::ToProto(work, patience);
    v1::LeaseWorkResponse response;
    const absl::Status status = Call(patience + kShortCall, [&](Stub& stub, grpc::ClientContext* call) {
      return stub.LeaseWork(call, request, &response);
    });
    if (!status.ok()) return status;
    std::vector<Lease> leases;
    for (const v1::Lease& lease : response.leases()) {
      absl::StatusOr<Lease> converted = rpc::FromProto(lease);
      if (!converted.ok()) return converted.status();
      leases.push_back(*std::move(converted));
    }
    return leases;
  }

  absl::StatusOr<ReportResponse> Report(const WorkerId& worker, const std::vector<LeaseReport>& reports) override {
    return Report(rpc::ToProto(worker, reports));
  }

  absl::StatusOr<ReportResponse> ReportAndLease(const std::vector<LeaseReport>& reports,
                                                const WorkRequest& next) override {
    v1::ReportWorkRequest request = rpc::ToProto(next.worker, reports);
    *request.mutable_next() = rpc::ToWanted(next);
    return Report(request);
  }

  absl::StatusOr<HeartbeatResponse> Heartbeat(const WorkerId& worker, const std::vector<int64_t>& leases) override {
    v1::HeartbeatRequest request;
    *request.mutable_worker() = rpc::ToProto(worker);
    request.mutable_leases()->Add(leases.begin(), leases.end());
    v1::HeartbeatResponse response;
    const absl::Status status = Call(
        kShortCall, [&](Stub& stub, grpc::ClientContext* call) { return stub.Heartbeat(call, request, &response); });
    if (!status.ok()) return status;
    return rpc::FromProto(response);
  }

  absl::Status Release(const WorkerId& worker) override {
    v1::ReleaseWorkerRequest request;
    *request.mutable_worker() = rpc::ToProto(worker);
    v1::ReleaseWorkerResponse response;
    return Call(kShortCall,
                [&](Stub& stub, grpc::ClientContext* call) { return stub.ReleaseWorker(call, request, &response); });
  }

  absl::Status Dataset(const WorkerId& worker, const std::string& sha256, const DatasetSink& sink) override {
    return RestOfDataset(worker, sha256, /*offset=*/0, sink);
  }

  absl::Status RestOfDataset(const WorkerId& worker, const std::string& sha256, int64_t offset,
                             const DatasetSink& sink) override {
    v1::FetchDatasetRequest request;
    *request.mutable_worker() = rpc::ToProto(worker);
    request.set_name(rpc::DatasetName(sha256));
    request.set_offset(offset);
    int64_t size = offset;
    absl::Status taken;
    const absl::Status status = Fetch([&](Stub& stub, grpc::ClientContext* call) {
      const std::unique_ptr<grpc::ClientReader<v1::DataChunk>> reader = stub.FetchDataset(call, request);
      for (v1::DataChunk chunk; taken.ok() && reader->Read(&chunk);) {
        const int64_t begin = std::exchange(size, size + static_cast<int64_t>(chunk.data().size()));
        taken = size <= rpc::kMaxDatasetBytes ? sink(begin, chunk.data()) : TooLarge(sha256);
      }
      if (!taken.ok()) call->TryCancel();
      return reader->Finish();
    });
    return taken.ok() ? status : taken;
  }

  void CancelFetches() override {
    std::lock_guard lock(mutex_);
    fetches_cancelled_ = true;
    for (grpc::ClientContext* call : fetches_) call->TryCancel();
  }

  void CancelCalls() override {
    std::lock_guard lock(mutex_);
    cancelled_ = true;
    for (grpc::ClientContext* call : calls_) call->TryCancel();
  }

 private:
  using Stub = v1::WorkerService::Stub;
  using Make = std::function<grpc::Status(Stub& stub, grpc::ClientContext* call)>;

  absl::StatusOr<ReportResponse> Report(const v1::ReportWorkRequest& request) {
    v1::ReportWorkResponse response;
    const absl::Status status = Call(
        kReportCall, [&](Stub& stub, grpc::ClientContext* call) { return stub.ReportWork(call, request, &response); });
    if (!status.ok()) return status;
    return rpc::FromProto(response);
  }

  // Makes one call that CancelFetches can end as well.
  absl::Status Fetch(const Make& make) {
    return Call(kDatasetCall, [&](Stub& stub, grpc::ClientContext* call) {
      {
        std::lock_guard lock(mutex_);
        if (fetches_cancelled_) return grpc::Status::CANCELLED;
        fetches_.insert(call);
      }
      const grpc::Status answer = make(stub, call);
      std::lock_guard lock(mutex_);
      fetches_.erase(call);
      return answer;
    });
  }

  // Makes one call that CancelCalls can end.
  absl::Status Call(absl::Duration patience, const Make& make) {
    grpc::ClientContext call;
    call.set_deadline(absl::ToChronoTime(absl::Now() + patience));
    {
      std::lock_guard lock(mutex_);
      if (cancelled_) return absl::CancelledError("the worker stops");
      calls_.insert(&call);
    }
    caller_.Introduce(call);
    const bool waits = away_;
    call.set_wait_for_ready(waits);
    const std::shared_ptr<Stub> stub = service_.stub();
    const grpc::Status answer = make(*stub, &call);
    away_ = answer.error_code() == grpc::StatusCode::UNAVAILABLE;
    if (waits && answer.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) service_.OpenAnew(stub);
    const absl::Status status = Reached(answer, caller_.StatusOf(answer));
    std::lock_guard lock(mutex_);
    calls_.erase(&call);
    // A server that ends breaks off the calls that it has not answered.
    if (absl::IsCancelled(status) && !cancelled_ && !fetches_cancelled_) {
      return absl::UnavailableError("the server at " + caller_.server().text() + " broke off a call");
    }
    return status;
  }

  rpc::Caller caller_;
  rpc::ServiceStub<v1::WorkerService> service_;

  // Notes whether the server was ever spoken to.
  absl::Status Reached(const grpc::Status& answer, const absl::Status& status) {
    if (answer.ok()) reached_ = true;
    const bool refused = answer.error_code() == grpc::StatusCode::UNAUTHENTICATED;
    if (!reached_ || refused || !absl::IsUnauthenticated(status)) return status;
    return absl::UnavailableError(status.message());
  }

  std::atomic<bool> reached_ = false;
  // Whether the last call found no server. Then the next one waits for the connection, rather than to fail at once as
  // the last attempt to connect did: gRPC reads from a connection only while a call waits, and the handshake of TLS
  // takes several reads, so that it would never come to its end. When that call has waited in vain, the one after it
  // fails at once again, and says why.
  std::atomic<bool> away_ = false;
  std::mutex mutex_;
  std::set<grpc::ClientContext*> calls_;    // in flight; guarded by mutex_
  std::set<grpc::ClientContext*> fetches_;  // those of them; guarded by mutex_
  bool cancelled_ = false;                  // guarded by mutex_
  bool fetches_cancelled_ = false;          // guarded by mutex_
};

}  // namespace

std::string DefaultServer() { return rpc::kDefaultAddress; }

absl::StatusOr<std::unique_ptr<CoordinatorClient>> NewRemoteCoordinator(const std::string& server,
                                                                        const access::Credentials& credentials) {
  const absl::StatusOr<rpc::Address> address = rpc::ParseAddress("server", server);
  if (!address.ok()) return address.status();
  const absl::Status travel = access::CheckTravel(credentials, address->host, rpc::IsLoopback(address->host));
  if (!travel.ok()) return travel;
  return std::make_unique<RemoteCoordinator>(*address, credentials);
}

}  // namespace minnow::worker
