// What a simulated worker and its server say to each other: calls as gRPC makes them, with a deadline each, over a
// network that loses, delays and repeats.
#ifndef MINNOW_TESTS_SIMULATION_WORKER_LINE_H_
#define MINNOW_TESTS_SIMULATION_WORKER_LINE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/world.h"
#include "worker/coordinator_client.h"

namespace minnow::simulation {

class WorkerLine : public worker::CoordinatorClient {
 public:
  // Both must outlive it, and its calls.
  WorkerLine(World* world, Machine* machine, int64_t number) : world_(world), machine_(machine), number_(number) {}

  absl::StatusOr<WorkerTerms> Register(const WorkerInfo& worker) override;
  absl::StatusOr<std::vector<Lease>> LeaseWork(const WorkRequest& request, absl::Duration patience) override;
  absl::StatusOr<ReportResponse> Report(const WorkerId& worker, const std::vector<LeaseReport>& reports) override;
  absl::StatusOr<ReportResponse> ReportAndLease(const std::vector<LeaseReport>& reports,
                                                const WorkRequest& next) override;
  absl::StatusOr<HeartbeatResponse> Heartbeat(const WorkerId& worker, const std::vector<int64_t>& leases) override;
  absl::Status Release(const WorkerId& worker) override;
  absl::Status Dataset(const WorkerId& worker, const std::string& sha256, const DatasetSink& sink) override;
  void CancelCalls() override;

  // A report that nobody waits for.
  void SendReport(const WorkerId& worker, std::vector<LeaseReport> reports);

 private:
  template <class Response>
  using Serve = std::function<void(ledger::Ledger&, ledger::Done<Response>)>;

  template <class Response>
  absl::StatusOr<Response> Call(absl::Duration deadline, Serve<Response> serve);
  static void ServeReport(World* world, const WorkerId& worker, const std::vector<LeaseReport>& reports,
                          ledger::Ledger& ledger, ledger::Done<ReportResponse> done);

  simulation::Line ToServer() const { return {.machine = number_, .to_server = true}; }
  simulation::Line FromServer() const { return {.machine = number_, .to_server = false}; }

  World* const world_;
  Machine* const machine_;
  const int64_t number_;
  bool cancelled_ = false;
};

}  // namespace minnow::simulation

#endif  // MINNOW_TESTS_SIMULATION_WORKER_LINE_H_
