// A coordinator in this process, as its workers and the command see it: the ledger's callbacks made into calls that
// wait.
#ifndef MINNOW_CLIENT_LOCAL_H_
#define MINNOW_CLIENT_LOCAL_H_

#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/ledger/ledger.h"
#include "worker/coordinator_client.h"

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

  absl::StatusOr<std::optional<Lease>> LeaseWork(const std::string& worker, absl::Duration patience) override;
  absl::Status Report(const LeaseReport& report) override;
  absl::StatusOr<std::vector<int64_t>> Heartbeat(const std::string& worker,
                                                 const std::vector<int64_t>& leases) override;
  absl::Status Release(const std::string& worker) override;
  absl::StatusOr<std::string> Dataset(const std::string& sha256) override;

 private:
  ledger::Ledger* ledger_;
  int64_t only_job_;
};

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_LOCAL_H_
