// A ledger without a thread: each request is applied, committed and answered before its call returns. Who would have to
// wait gets nothing.
#ifndef MINNOW_TESTS_FUZZ_IN_PLACE_LEDGER_H_
#define MINNOW_TESTS_FUZZ_IN_PLACE_LEDGER_H_

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/core/rewind.h"
#include "server/ledger/ledger.h"
#include "tests/fuzz/targets.h"

namespace minnow::fuzz {

class InPlaceLedger : public ledger::Ledger {
 public:
  template <class Response>
  using Done = ledger::Done<Response>;

  InPlaceLedger(core::Coordinator* coordinator, core::Store* store, std::function<absl::Time()> clock)
      : coordinator_(coordinator), store_(store), clock_(std::move(clock)) {}

  void Submit(core::SubmitRequest request, Done<core::SubmitResponse> done) override {
    for (const core::DatasetRecord* dataset : core::DatasetsOf(request)) {
      const absl::StatusOr<bool> stored = store_->HasDataset(dataset->sha256);
      if (!stored.ok() || !*stored) return done(absl::FailedPreconditionError("a data set is not stored"));
    }
    for (const int64_t ended : coordinator_->JobsToAdopt(request)) coordinator_->Adopt(*store_->LoadJob(ended));
    Answer(done, coordinator_->Submit(request, clock_()));
  }
  void Apply(core::JobRequest request, Done<bool> done) override {
    AnswerDone(done, coordinator_->Apply(request, clock_()));
  }
  void StoreDataset(core::DatasetRecord dataset, Done<bool> done) override {
    coordinator_->StoreDataset(std::move(dataset));
    AnswerDone(done, absl::OkStatus());
  }
  void DropDataset(std::string sha256, Done<bool> done) override {
    coordinator_->DropDataset(std::move(sha256));
    AnswerDone(done, absl::OkStatus());
  }
  void WaitForProgress(int64_t job, std::optional<JobProgress>, absl::Time, Done<JobProgress> done) override {
    Answer(done, coordinator_->Progress(job, clock_()));
  }
  void Workers(Done<std::vector<WorkerSummary>> done) override {
    Answer(done, absl::StatusOr<std::vector<WorkerSummary>>(coordinator_->Workers(clock_())));
  }
  void Forgive(std::string worker, Done<bool> done) override {
    AnswerDone(done, coordinator_->Forgive(worker, clock_()));
  }
  void Register(WorkerInfo worker, Done<WorkerTerms> done) override {
    Answer(done, coordinator_->Register(worker, clock_()));
  }
  void LeaseWork(WorkRequest request, std::optional<int64_t> only_job, absl::Time,
                 Done<std::vector<Lease>> done) override {
    absl::StatusOr<std::vector<Lease>> leases = coordinator_->LeaseWork(request, only_job, clock_());
    Commit();
    if (leases.ok()) AddWeights(*leases);
    done(std::move(leases));
  }
  void StopWaiting(WorkerId) override {}
  void Report(WorkerId worker, std::vector<LeaseReport> reports, Done<ReportResponse> done) override {
    Answer(done, absl::StatusOr<ReportResponse>(coordinator_->Report(worker, reports, clock_())));
  }
  void ReportAndLease(std::vector<LeaseReport> reports, WorkRequest next, std::optional<int64_t> only_job,
                      Done<ReportResponse> done) override {
    ReportResponse response = coordinator_->Report(next.worker, reports, clock_());
    absl::StatusOr<std::vector<Lease>> leases = coordinator_->LeaseWork(next, only_job, clock_());
    Commit();
    if (leases.ok()) {
      AddWeights(*leases);
      response.leases = *std::move(leases);
    }
    done(std::move(response));
  }
  void Heartbeat(WorkerId worker, std::vector<int64_t> leases, Done<HeartbeatResponse> done) override {
    Answer(done, coordinator_->Heartbeat(worker, leases, clock_()));
  }
  void ReleaseWorker(WorkerId worker, Done<bool> done) override {
    AnswerDone(done, coordinator_->ReleaseWorker(worker, clock_()));
  }
  void Dataset(std::string sha256, DatasetSink sink, Done<bool> done) override {
    AnswerDone(done, store_->Dataset(sha256, sink));
  }
  void GetHealth(Done<ledger::Health> done) override { done(ledger::Health()); }

  void Tick() {
    coordinator_->Tick(clock_());
    Commit();
  }

 private:
  template <class Response>
  void Answer(const Done<Response>& done, absl::StatusOr<Response> response) {
    Commit();
    done(std::move(response));
  }
  void AnswerDone(const Done<bool>& done, const absl::Status& status) {
    Answer(done, status.ok() ? absl::StatusOr<bool>(true) : absl::StatusOr<bool>(status));
  }

  // The store checks what a database would.
  void Commit() {
    CommitChanges();
    while (!coordinator_->ToFoldOut().empty()) {
      Require(core::FoldOutQuarantined(*coordinator_, *store_, clock_()).ok(), "evidence can be folded out");
      CommitChanges();
    }
  }
  void CommitChanges() {
    const absl::Status committed = store_->Commit(coordinator_->TakeChanges());
    Require(committed.ok(), "every change can be stored: " + committed.ToString());
    coordinator_->LetGoOfEnded();
  }

  void AddWeights(std::vector<Lease>& leases) {
    for (Lease& lease : leases) {
      if (!lease.prediction) continue;
      absl::StatusOr<std::vector<float>> weights = store_->Weights(lease.job, lease.prediction->trial);
      Require(weights.ok(), "the weights of a trial that is to predict are stored");
      lease.prediction->weights = *std::move(weights);
    }
  }

  core::Coordinator* const coordinator_;
  core::Store* const store_;
  const std::function<absl::Time()> clock_;
};

}  // namespace minnow::fuzz

#endif  // MINNOW_TESTS_FUZZ_IN_PLACE_LEDGER_H_
