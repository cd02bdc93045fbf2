#include "client/local.h"

namespace minnow::client {

absl::StatusOr<WorkerTerms> LocalCoordinator::Register(const WorkerInfo& worker) {
  return Await<WorkerTerms>([&](auto done) { ledger_->Register(worker, std::move(done)); });
}

absl::StatusOr<std::vector<Lease>> LocalCoordinator::LeaseWork(const WorkRequest& request, absl::Duration patience) {
  return Await<std::vector<Lease>>(
      [&](auto done) { ledger_->LeaseWork(request, only_job_, ledger::SteadyNow() + patience, std::move(done)); });
}

absl::StatusOr<ReportResponse> LocalCoordinator::Report(const WorkerId& worker,
                                                        const std::vector<LeaseReport>& reports) {
  return Await<ReportResponse>([&](auto done) { ledger_->Report(worker, reports, std::move(done)); });
}

absl::StatusOr<ReportResponse> LocalCoordinator::ReportAndLease(const std::vector<LeaseReport>& reports,
                                                                const WorkRequest& next) {
  return Await<ReportResponse>([&](auto done) { ledger_->ReportAndLease(reports, next, only_job_, std::move(done)); });
}

absl::StatusOr<HeartbeatResponse> LocalCoordinator::Heartbeat(const WorkerId& worker,
                                                              const std::vector<int64_t>& leases) {
  return Await<HeartbeatResponse>([&](auto done) { ledger_->Heartbeat(worker, leases, std::move(done)); });
}

absl::Status LocalCoordinator::Release(const WorkerId& worker) {
  return Await<bool>([&](auto done) { ledger_->ReleaseWorker(worker, std::move(done)); }).status();
}

absl::Status LocalCoordinator::Dataset(const WorkerId&, const std::string& sha256, const DatasetSink& sink) {
  return Await<bool>([&](auto done) { ledger_->Dataset(sha256, sink, std::move(done)); }).status();
}

absl::StatusOr<std::optional<JobProgress>> LocalProgress::Next(absl::Duration patience) {
  if (absl::Status status = worker_->status(); !status.ok()) return status;
  const absl::StatusOr<JobProgress> progress = Await<JobProgress>(
      [&](auto done) { ledger_->WaitForProgress(job_, seen_, ledger::SteadyNow() + patience, std::move(done)); });
  if (!progress.ok()) return progress.status();
  if (seen_ == *progress) return std::nullopt;
  seen_ = *progress;
  return seen_;
}

}  // namespace minnow::client
