#include "client/local.h"

#include <gtest/gtest.h>

#include <thread>

#include "absl/time/clock.h"
#include "tests/support/collected_bytes.h"

namespace minnow::client {
namespace {

// Answers at once, and remembers what it was asked.
class FakeLedger : public ledger::Ledger {
 public:
  void Submit(core::SubmitRequest, ledger::Done<core::SubmitResponse> done) override { done(core::SubmitResponse{}); }
  void Apply(core::JobRequest, ledger::Done<bool> done) override { done(true); }
  void StoreDataset(core::DatasetRecord, ledger::Done<bool> done) override { done(true); }
  void DropDataset(std::string, ledger::Done<bool> done) override { done(true); }
  void WaitForProgress(int64_t, std::optional<JobProgress> seen, absl::Time, ledger::Done<JobProgress> done) override {
    seen_ = seen;
    done(progress_);
  }
  void Workers(ledger::Done<std::vector<WorkerSummary>> done) override { done(std::vector<WorkerSummary>()); }
  void Forgive(std::string, ledger::Done<bool> done) override { done(true); }
  void Register(WorkerInfo, ledger::Done<WorkerTerms> done) override { done(WorkerTerms{.lease = absl::Seconds(3)}); }
  void LeaseWork(WorkRequest request, std::optional<int64_t> only_job, absl::Time deadline,
                 ledger::Done<std::vector<Lease>> done) override {
    worker_ = request.worker;
    only_job_ = only_job;
    deadline_ = deadline;
    done(std::vector<Lease>{Lease{.id = 5}});
  }
  void StopWaiting(WorkerId) override {}
  void Report(WorkerId, std::vector<LeaseReport>, ledger::Done<ReportResponse> done) override {
    done(absl::UnavailableError("the disk is full"));
  }
  void ReportAndLease(std::vector<LeaseReport>, WorkRequest next, std::optional<int64_t> only_job,
                      ledger::Done<ReportResponse> done) override {
    worker_ = next.worker;
    only_job_ = only_job;
    done(ReportResponse{.leases = {Lease{.id = 6}}});
  }
  void Heartbeat(WorkerId, std::vector<int64_t> leases, ledger::Done<HeartbeatResponse> done) override {
    // From another thread, as a ledger does.
    std::thread([leases, done] { done(HeartbeatResponse{.not_needed = leases}); }).join();
  }
  void ReleaseWorker(WorkerId, ledger::Done<bool> done) override { done(true); }
  void Dataset(std::string sha256, DatasetSink sink, ledger::Done<bool> done) override {
    EXPECT_TRUE(sink(0, "bytes of " + sha256).ok());
    done(true);
  }
  void GetHealth(ledger::Done<ledger::Health> done) override { done(ledger::Health{}); }

  JobProgress progress_;
  std::optional<JobProgress> seen_;
  WorkerId worker_;
  std::optional<int64_t> only_job_;
  absl::Time deadline_;
};

class FakeWorker : public worker::Worker {
 public:
  void Stop() override {}
  absl::Status status() const override { return status_; }
  absl::Duration idle() const override { return absl::ZeroDuration(); }

  absl::Status status_;
};

const WorkerId kLocal = {"local", "a"};

TEST(LocalCoordinator, AsksForWorkOfItsJobAlone) {
  FakeLedger ledger;
  LocalCoordinator coordinator(&ledger, /*only_job=*/7);
  const absl::Time before = absl::Now();
  const absl::StatusOr<std::vector<Lease>> leases = coordinator.LeaseWork({.worker = kLocal}, absl::Seconds(2));
  ASSERT_TRUE(leases.ok());
  ASSERT_EQ(leases->size(), 1u);
  EXPECT_EQ(leases->at(0).id, 5);
  EXPECT_EQ(ledger.worker_, kLocal);
  EXPECT_EQ(ledger.only_job_, 7);
  EXPECT_GE(ledger.deadline_, before + absl::Seconds(2));
}

TEST(LocalCoordinator, AsksForWorkOfItsJobWithReports) {
  FakeLedger ledger;
  LocalCoordinator coordinator(&ledger, /*only_job=*/7);
  const absl::StatusOr<ReportResponse> response = coordinator.ReportAndLease({}, {.worker = kLocal});
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->leases.at(0).id, 6);
  EXPECT_EQ(ledger.worker_, kLocal);
  EXPECT_EQ(ledger.only_job_, 7);
}

TEST(LocalCoordinator, ReturnsTheLedgersAnswers) {
  FakeLedger ledger;
  LocalCoordinator coordinator(&ledger, /*only_job=*/7);
  EXPECT_EQ(coordinator.Register({.id = kLocal})->lease, absl::Seconds(3));
  EXPECT_EQ(coordinator.Heartbeat(kLocal, {1, 2})->not_needed, (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(*CollectedBytes([&](const DatasetSink& sink) { return coordinator.Dataset(kLocal, "abc", sink); }),
            "bytes of abc");
  EXPECT_TRUE(coordinator.Release(kLocal).ok());
}

TEST(LocalCoordinator, PassesErrorsOn) {
  FakeLedger ledger;
  LocalCoordinator coordinator(&ledger, /*only_job=*/7);
  EXPECT_EQ(coordinator.Report(kLocal, {}).status().code(), absl::StatusCode::kUnavailable);
}

TEST(LocalProgress, TellsWhatChanged) {
  FakeLedger ledger;
  FakeWorker worker;
  LocalProgress progress(&ledger, &worker, /*job=*/7);
  ledger.progress_.trials = 3;
  EXPECT_EQ(progress.Next(absl::ZeroDuration()).value()->trials, 3);
  EXPECT_EQ(progress.Next(absl::ZeroDuration()).value(), std::nullopt);
  EXPECT_EQ(ledger.seen_->trials, 3);
  ledger.progress_.trials = 4;
  EXPECT_EQ(progress.Next(absl::ZeroDuration()).value()->trials, 4);
}

TEST(LocalProgress, TheErrorOfTheWorkerEndsTheSearch) {
  FakeLedger ledger;
  FakeWorker worker;
  worker.status_ = absl::ResourceExhaustedError("the disk is full");
  LocalProgress progress(&ledger, &worker, /*job=*/7);
  EXPECT_EQ(progress.Next(absl::ZeroDuration()).status(), worker.status_);
}

}  // namespace
}  // namespace minnow::client
