#include "client/local.h"

#include <gtest/gtest.h>

#include <thread>

#include "absl/time/clock.h"

namespace minnow::client {
namespace {

// Answers at once, and remembers what it was asked.
class FakeLedger : public ledger::Ledger {
 public:
  void Submit(core::SubmitRequest, ledger::Done<core::SubmitResponse> done) override { done(core::SubmitResponse{}); }
  void LeaseWork(std::string worker, std::optional<int64_t> only_job, absl::Time deadline,
                 ledger::Done<std::optional<Lease>> done) override {
    worker_ = worker;
    only_job_ = only_job;
    deadline_ = deadline;
    done(std::optional<Lease>(Lease{.id = 5}));
  }
  void Report(LeaseReport, ledger::Done<bool> done) override { done(absl::UnavailableError("the disk is full")); }
  void Heartbeat(std::string, std::vector<int64_t> leases, ledger::Done<std::vector<int64_t>> done) override {
    // From another thread, as a ledger does.
    std::thread([leases, done] { done(leases); }).join();
  }
  void ReleaseWorker(std::string, ledger::Done<bool> done) override { done(true); }
  void Progress(int64_t, ledger::Done<core::JobProgress> done) override { done(core::JobProgress{}); }
  void Dataset(std::string sha256, ledger::Done<std::string> done) override { done("bytes of " + sha256); }

  std::string worker_;
  std::optional<int64_t> only_job_;
  absl::Time deadline_;
};

TEST(LocalCoordinator, AsksForWorkOfItsJobAlone) {
  FakeLedger ledger;
  LocalCoordinator coordinator(&ledger, /*only_job=*/7);
  const absl::Time before = absl::Now();
  const absl::StatusOr<std::optional<Lease>> lease = coordinator.LeaseWork("local", absl::Seconds(2));
  ASSERT_TRUE(lease.ok() && lease->has_value());
  EXPECT_EQ((*lease)->id, 5);
  EXPECT_EQ(ledger.worker_, "local");
  EXPECT_EQ(ledger.only_job_, 7);
  EXPECT_GE(ledger.deadline_, before + absl::Seconds(2));
}

TEST(LocalCoordinator, ReturnsTheLedgersAnswers) {
  FakeLedger ledger;
  LocalCoordinator coordinator(&ledger, /*only_job=*/7);
  EXPECT_EQ(coordinator.Heartbeat("local", {1, 2}).value(), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(coordinator.Dataset("abc").value(), "bytes of abc");
  EXPECT_TRUE(coordinator.Release("local").ok());
}

TEST(LocalCoordinator, PassesErrorsOn) {
  FakeLedger ledger;
  LocalCoordinator coordinator(&ledger, /*only_job=*/7);
  EXPECT_EQ(coordinator.Report({}).code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace minnow::client
