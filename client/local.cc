#include "client/local.h"

#include "absl/time/clock.h"

namespace minnow::client {

absl::StatusOr<std::optional<Lease>> LocalCoordinator::LeaseWork(const std::string& worker, absl::Duration patience) {
  return Await<std::optional<Lease>>(
      [&](auto done) { ledger_->LeaseWork(worker, only_job_, absl::Now() + patience, std::move(done)); });
}

absl::Status LocalCoordinator::Report(const LeaseReport& report) {
  return Await<bool>([&](auto done) { ledger_->Report(report, std::move(done)); }).status();
}

absl::StatusOr<std::vector<int64_t>> LocalCoordinator::Heartbeat(const std::string& worker,
                                                                 const std::vector<int64_t>& leases) {
  return Await<std::vector<int64_t>>([&](auto done) { ledger_->Heartbeat(worker, leases, std::move(done)); });
}

absl::Status LocalCoordinator::Release(const std::string& worker) {
  return Await<bool>([&](auto done) { ledger_->ReleaseWorker(worker, std::move(done)); }).status();
}

absl::StatusOr<std::string> LocalCoordinator::Dataset(const std::string& sha256) {
  return Await<std::string>([&](auto done) { ledger_->Dataset(sha256, std::move(done)); });
}

}  // namespace minnow::client
