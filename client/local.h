// A coordinator in this process, as its workers and the command see it: the ledger's callbacks made into calls that
// wait.
#ifndef MINNOW_CLIENT_LOCAL_H_
#define MINNOW_CLIENT_LOCAL_H_

#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "client/follow.h"
#include "server/ledger/ledger.h"
#include "worker/coordinator_client.h"
#include "worker/worker.h"

namespace minnow::client {

// Starts a request with a callback and waits until it is answered. Not for the ledger's own thread.
template <class Response, class Start>
absl::StatusOr<Response> Await(Start start) {
  auto answer = std::make_shared<std::promise<absl::StatusOr<Response>>>();
  std::future<absl::StatusOr<Response>> future = answer->get_future();
  start([answer](absl::StatusOr<Response> response) { answer->set_value(std::move(response)); });
  return future.get();
}

// Gives workers the work of one job. The ledger must outlive it.
class LocalCoordinator : public worker::CoordinatorClient {
 public:
  LocalCoordinator(ledger::Ledger* ledger, int64_t only_job) : ledger_(ledger), only_job_(only_job) {}

  absl::StatusOr<WorkerTerms> Register(const WorkerInfo& worker) override;
  absl::StatusOr<std::vector<Lease>> LeaseWork(const WorkRequest& request, absl::Duration patience) override;
  absl::StatusOr<ReportResponse> Report(const WorkerId& worker, const std::vector<LeaseReport>& reports) override;
  absl::StatusOr<ReportResponse> ReportAndLease(const std::vector<LeaseReport>& reports,
                                                const WorkRequest& next) override;
  absl::StatusOr<HeartbeatResponse> Heartbeat(const WorkerId& worker, const std::vector<int64_t>& leases) override;
  absl::Status Release(const WorkerId& worker) override;
  absl::Status Dataset(const WorkerId& worker, const std::string& sha256, const DatasetSink& sink) override;

 private:
  ledger::Ledger* const ledger_;
  const int64_t only_job_;
};

// The progress of a job that is searched in this process. An error of the worker is one of the search. Both must
// outlive it.
class LocalProgress : public ProgressSource {
 public:
  LocalProgress(ledger::Ledger* ledger, const worker::Worker* worker, int64_t job)
      : ledger_(ledger), worker_(worker), job_(job) {}

  absl::StatusOr<std::optional<JobProgress>> Next(absl::Duration patience) override;

 private:
  ledger::Ledger* const ledger_;
  const worker::Worker* const worker_;
  const int64_t job_;
  std::optional<JobProgress> seen_;
};

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_LOCAL_H_
