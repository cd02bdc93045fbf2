// How a worker reaches its coordinator, whether in the same process or over a network.
#ifndef MINNOW_WORKER_COORDINATOR_CLIENT_H_
#define MINNOW_WORKER_COORDINATOR_CLIENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/work.h"

namespace minnow::worker {

// Thread-safe. Every call blocks until the coordinator has answered, and says by its status how to go on:
//   Unavailable, DeadlineExceeded, ResourceExhausted   the coordinator is away, or overloaded: try again later
//   NotFound                                           it does not know this worker: register again
//   Aborted                                            another start took the worker's name over: stop
//   any other error                                    refused for good: stop
class CoordinatorClient {
 public:
  virtual ~CoordinatorClient() = default;

  virtual absl::StatusOr<WorkerTerms> Register(const WorkerInfo& worker) = 0;
  // Work, or nothing when none came up within `patience`.
  virtual absl::StatusOr<std::vector<Lease>> LeaseWork(const WorkRequest& request, absl::Duration patience) = 0;
  // Ok means durable.
  virtual absl::StatusOr<ReportResponse> Report(const WorkerId& worker, const std::vector<LeaseReport>& reports) = 0;
  // The same, and then LeaseWork of what there is at once.
  virtual absl::StatusOr<ReportResponse> ReportAndLease(const std::vector<LeaseReport>& reports,
                                                        const WorkRequest& next) = 0;
  // Renews leases and returns those whose work is not needed any more.
  virtual absl::StatusOr<HeartbeatResponse> Heartbeat(const WorkerId& worker, const std::vector<int64_t>& leases) = 0;
  // Hands back everything that the worker holds.
  virtual absl::Status Release(const WorkerId& worker) = 0;
  // Hands the bytes of a data set over by its SHA-256, unchecked.
  virtual absl::Status Dataset(const WorkerId& worker, const std::string& sha256, const DatasetSink& sink) = 0;
  // The same from `offset` on: what is before was handed over by calls that broke off. It begins at 0 all the same
  // where nothing ever breaks off.
  virtual absl::Status RestOfDataset(const WorkerId& worker, const std::string& sha256, int64_t /*offset*/,
                                     const DatasetSink& sink) {
    return Dataset(worker, sha256, sink);
  }

  // Ends the calls of Dataset and RestOfDataset in flight, and those to come, with an error: nobody waits for the data
  // any more. Nothing to do where they take no time.
  virtual void CancelFetches() {}
  // Ends the calls in flight, and those to come, with an error: the worker has waited long enough for a coordinator
  // that does not answer. Nothing to do where every call is answered soon.
  virtual void CancelCalls() {}
};

}  // namespace minnow::worker

#endif  // MINNOW_WORKER_COORDINATOR_CLIENT_H_
