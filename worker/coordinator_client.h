// How a worker reaches its coordinator, whether in the same process or over a network.
#ifndef MINNOW_WORKER_COORDINATOR_CLIENT_H_
#define MINNOW_WORKER_COORDINATOR_CLIENT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/work.h"

namespace minnow::worker {

// Thread-safe. Every call blocks until the coordinator has answered.
class CoordinatorClient {
 public:
  virtual ~CoordinatorClient() = default;

  // The next piece of work, or nothing when none came up within `patience`.
  virtual absl::StatusOr<std::optional<Lease>> LeaseWork(const std::string& worker, absl::Duration patience) = 0;
  // Ok means durable.
  virtual absl::Status Report(const LeaseReport& report) = 0;
  // Renews leases and returns those whose work is not needed any more.
  virtual absl::StatusOr<std::vector<int64_t>> Heartbeat(const std::string& worker,
                                                         const std::vector<int64_t>& leases) = 0;
  virtual absl::Status Release(const std::string& worker) = 0;
  // The bytes of a data set by its SHA-256, unchecked.
  virtual absl::StatusOr<std::string> Dataset(const std::string& sha256) = 0;
};

}  // namespace minnow::worker

#endif  // MINNOW_WORKER_COORDINATOR_CLIENT_H_
