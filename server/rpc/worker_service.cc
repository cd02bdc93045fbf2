// What workers ask.
#include <algorithm>

#include "minnow/v1/service.grpc.pb.h"
#include "server/rpc/admission.h"
#include "server/rpc/downloads.h"
#include "server/rpc/services.h"
#include "server/rpc/unary.h"

namespace minnow::rpc {
namespace {

// A worker's wait for work. A call that is cut off takes its request back; a lease that was granted at that very moment
// reaches nobody, is not renewed by the worker's heartbeats, and so ends, or is hedged before that.
class LeaseWorkCall : public grpc::ServerUnaryReactor {
 public:
  LeaseWorkCall(const Backend& backend, v1::LeaseWorkResponse* response) : backend_(backend), response_(response) {}

  void Begin(const v1::LeaseWorkRequest& request) {
    const absl::StatusOr<WorkRequest> work = FromProto(request);
    if (!work.ok()) return Answer(this, work.status());
    const absl::StatusOr<absl::Duration> patience = FromProto(request.patience());
    if (!patience.ok()) return Answer(this, OfField("patience", patience.status()));
    worker_ = work->worker;
    place_ = backend_.waiting->Add([ledger = backend_.ledger, worker = worker_] { ledger->StopWaiting(worker); });
    if (!place_) return Answer(this, Stopping());
    const absl::Duration wait = std::clamp(*patience, absl::ZeroDuration(), kMaxPatience);
    backend_.ledger->LeaseWork(*work, std::nullopt, backend_.clock() + wait,
                               [this](const absl::StatusOr<std::vector<Lease>>& leases) { Take(leases); });
  }

  void OnCancel() override {
    if (place_) backend_.ledger->StopWaiting(worker_);
  }

  void OnDone() override { delete this; }

 private:
  static absl::Status Stopping() { return absl::UnavailableError("the server is stopping: try again when it is back"); }

  void Take(const absl::StatusOr<std::vector<Lease>>& leases) {
    backend_.waiting->Remove(*place_);
    if (!leases.ok()) return Answer(this, leases.status());
    if (leases->empty() && backend_.waiting->ended()) return Answer(this, Stopping());
    for (const Lease& lease : *leases) *response_->add_leases() = ToProto(lease);
    Answer(this, absl::OkStatus());
  }

  const Backend& backend_;
  v1::LeaseWorkResponse* const response_;
  WorkerId worker_;
  std::optional<int64_t> place_;
};

class WorkerService : public v1::WorkerService::CallbackService {
 public:
  explicit WorkerService(const Backend& backend) : backend_(backend) {}

  grpc::ServerUnaryReactor* RegisterWorker(grpc::CallbackServerContext* context,
                                           const v1::RegisterWorkerRequest* request,
                                           v1::RegisterWorkerResponse* response) override {
    grpc::ServerUnaryReactor* const call = context->DefaultReactor();
    if (absl::Status status = MayWork(context); !status.ok()) return Refuse(call, status);
    const absl::StatusOr<WorkerInfo> worker = FromProto(*request);
    if (!worker.ok()) return Refuse(call, worker.status());
    backend_.ledger->Register(*worker, AnswerWith<WorkerTerms>(call, response));
    return call;
  }

  grpc::ServerUnaryReactor* LeaseWork(grpc::CallbackServerContext* context, const v1::LeaseWorkRequest* request,
                                      v1::LeaseWorkResponse* response) override {
    if (absl::Status status = MayWork(context); !status.ok()) return Refuse(context->DefaultReactor(), status);
    auto* const call = new LeaseWorkCall(backend_, response);
    call->Begin(*request);
    return call;
  }

  grpc::ServerUnaryReactor* ReportWork(grpc::CallbackServerContext* context, const v1::ReportWorkRequest* request,
                                       v1::ReportWorkResponse* response) override;

  grpc::ServerUnaryReactor* Heartbeat(grpc::CallbackServerContext* context, const v1::HeartbeatRequest* request,
                                      v1::HeartbeatResponse* response) override {
    grpc::ServerUnaryReactor* const call = context->DefaultReactor();
    if (absl::Status status = MayWork(context); !status.ok()) return Refuse(call, status);
    const absl::StatusOr<WorkerId> worker = FromProto(request->worker());
    if (!worker.ok()) return Refuse(call, InWorker(worker.status()));
    if (request->leases_size() > kMaxHeldLeases) {
      return Refuse(call, TooMany("leases", request->leases_size(), kMaxHeldLeases));
    }
    backend_.ledger->Heartbeat(*worker, {request->leases().begin(), request->leases().end()},
                               AnswerWith<HeartbeatResponse>(call, response));
    return call;
  }

  grpc::ServerUnaryReactor* ReleaseWorker(grpc::CallbackServerContext* context, const v1::ReleaseWorkerRequest* request,
                                          v1::ReleaseWorkerResponse*) override {
    grpc::ServerUnaryReactor* const call = context->DefaultReactor();
    if (absl::Status status = MayWork(context); !status.ok()) return Refuse(call, status);
    const absl::StatusOr<WorkerId> worker = FromProto(request->worker());
    if (!worker.ok()) return Refuse(call, InWorker(worker.status()));
    backend_.ledger->ReleaseWorker(*worker, AnswerDone(call));
    return call;
  }

  grpc::ServerWriteReactor<v1::DataChunk>* FetchDataset(grpc::CallbackServerContext* context,
                                                        const v1::FetchDatasetRequest* request) override {
    absl::Status status = MayWork(context);
    if (status.ok()) {
      const absl::StatusOr<WorkerId> worker = FromProto(request->worker());
      if (!worker.ok()) status = InWorker(worker.status());
    }
    return downloads_.Dataset(backend_.readers, status, request->name(), request->offset());
  }

 private:
  absl::Status MayWork(const grpc::CallbackServerContext* context) const {
    return Admit(*backend_.callers, *context, access::Role::kWork).status();
  }
  static absl::Status InWorker(const absl::Status& error) {
    return absl::InvalidArgumentError("worker." + std::string(error.message()));
  }
  static absl::Status TooMany(const std::string& field, int size, int most) {
    return absl::InvalidArgumentError(field + ": " + std::to_string(size) + " entries are too many; at most " +
                                      std::to_string(most) + " are taken in one call");
  }

  const Backend backend_;
  Downloads downloads_;
};

// A report that cannot be read is answered by itself; the others of the call are taken.
grpc::ServerUnaryReactor* WorkerService::ReportWork(grpc::CallbackServerContext* context,
                                                    const v1::ReportWorkRequest* request,
                                                    v1::ReportWorkResponse* response) {
  grpc::ServerUnaryReactor* const call = context->DefaultReactor();
  if (absl::Status status = MayWork(context); !status.ok()) return Refuse(call, status);
  const absl::StatusOr<WorkerId> worker = FromProto(request->worker());
  if (!worker.ok()) return Refuse(call, InWorker(worker.status()));
  if (request->reports_size() > kMaxReports) {
    return Refuse(call, TooMany("reports", request->reports_size(), kMaxReports));
  }
  std::vector<absl::Status> unread(request->reports_size());
  std::vector<LeaseReport> reports;
  for (int i = 0; i < request->reports_size(); ++i) {
    absl::StatusOr<LeaseReport> report = FromProto(request->reports(i), worker->name);
    unread[i] = report.ok() ? absl::OkStatus() : OfField("reports[" + std::to_string(i) + "]", report.status());
    if (report.ok()) reports.push_back(*std::move(report));
  }
  std::optional<WorkRequest> next;
  if (request->has_next()) {
    const absl::StatusOr<WorkRequest> wanted = FromProto(request->next(), *worker);
    if (!wanted.ok()) return Refuse(call, absl::InvalidArgumentError("next." + std::string(wanted.status().message())));
    next = *wanted;
  }
  auto answer = [call, response, unread](absl::StatusOr<ReportResponse> taken) {
    if (!taken.ok()) return Answer(call, taken.status());
    std::vector<absl::Status> statuses = unread;
    auto read = taken->statuses.begin();
    for (absl::Status& status : statuses) {
      if (status.ok()) status = *read++;
    }
    taken->statuses = std::move(statuses);
    *response = ToProto(*taken);
    Answer(call, absl::OkStatus());
  };
  if (next) {
    backend_.ledger->ReportAndLease(std::move(reports), *std::move(next), std::nullopt, std::move(answer));
  } else {
    backend_.ledger->Report(*worker, std::move(reports), std::move(answer));
  }
  return call;
}

}  // namespace

std::unique_ptr<grpc::Service> NewWorkerService(const Backend& backend) {
  return std::make_unique<WorkerService>(backend);
}

}  // namespace minnow::rpc
