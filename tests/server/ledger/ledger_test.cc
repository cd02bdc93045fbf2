#include "server/ledger/ledger.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <mutex>

#include "tests/support/memory_store.h"
#include "tests/support/toy_world.h"

namespace minnow::ledger {
namespace {

using core::MemoryStore;
using core::StoredState;

// A store whose commits wait until they are let through.
class GatedStore : public MemoryStore {
 public:
  using MemoryStore::MemoryStore;

  absl::Status Commit(const core::Changes& changes) override {
    std::unique_lock lock(mutex_);
    waiting_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    ++commits_;
    return MemoryStore::Commit(changes);
  }

  void Shut() { Set(false); }
  void Open() { Set(true); }
  void AwaitCommit() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_; });
  }
  int commits() {
    std::lock_guard lock(mutex_);
    return commits_;
  }

 private:
  void Set(bool open) {
    std::lock_guard lock(mutex_);
    open_ = open;
    waiting_ = false;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  bool waiting_ = false;
  int commits_ = 0;
};

// An answer of the ledger as a future.
template <class Response>
struct Answered {
  std::shared_ptr<std::promise<absl::StatusOr<Response>>> promise =
      std::make_shared<std::promise<absl::StatusOr<Response>>>();
  std::future<absl::StatusOr<Response>> future = promise->get_future();

  Done<Response> done() {
    return [promise = promise](absl::StatusOr<Response> response) { promise->set_value(std::move(response)); };
  }
  bool ready() { return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }
};

core::SubmitRequest Request(uint64_t seed = 1) {
  JobSpec spec;
  spec.goal.value = 0.95;
  spec.units = {1, 2};
  spec.seed = seed;
  return core::ToyRequest(spec);
}

class LedgerTest : public testing::Test {
 protected:
  void Start() {
    auto store = std::make_unique<GatedStore>(&stored_);
    store_ = store.get();
    ledger_ = *Ledger::Start(std::move(store), {.void_leases = true}, [] { return absl::Now(); });
  }

  absl::StatusOr<core::SubmitResponse> Submitted(uint64_t seed) {
    Answered<core::SubmitResponse> submitted;
    ledger_->Submit(Request(seed), submitted.done());
    return submitted.future.get();
  }

  int64_t Submit(uint64_t seed = 1) { return Submitted(seed)->job; }

  absl::StatusOr<std::optional<Lease>> LeaseNow() {
    Answered<std::optional<Lease>> leased;
    ledger_->LeaseWork("w", std::nullopt, absl::InfinitePast(), leased.done());
    return leased.future.get();
  }

  StoredState stored_;
  GatedStore* store_ = nullptr;
  std::unique_ptr<Ledger> ledger_;
};

TEST_F(LedgerTest, NothingIsAnsweredBeforeItsCommit) {
  Start();
  store_->Shut();
  Answered<core::SubmitResponse> submitted;
  ledger_->Submit(Request(), submitted.done());
  store_->AwaitCommit();
  EXPECT_FALSE(submitted.ready());
  EXPECT_TRUE(stored_.jobs.empty());
  store_->Open();
  EXPECT_EQ(submitted.future.get()->job, 1);
}

TEST_F(LedgerTest, WhatWaitsIsCommittedAsOneGroup) {
  Start();
  store_->Shut();
  Answered<core::SubmitResponse> first;
  ledger_->Submit(Request(1), first.done());
  store_->AwaitCommit();
  std::vector<Answered<core::SubmitResponse>> others(20);
  for (size_t i = 0; i < others.size(); ++i) ledger_->Submit(Request(i + 2), others[i].done());
  store_->Open();
  for (auto& other : others) EXPECT_TRUE(other.future.get().ok());
  EXPECT_EQ(store_->commits(), 2);
}

TEST_F(LedgerTest, AFailedCommitIsToldToAllAndForgotten) {
  Start();
  store_->FailCommits(1, absl::ResourceExhaustedError("the disk is full"));
  Answered<core::SubmitResponse> failed;
  ledger_->Submit(Request(1), failed.done());
  EXPECT_EQ(failed.future.get().status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Submit(2), 1) << "the coordinator starts again from what is stored";
  EXPECT_EQ(stored_.jobs.size(), 1u);
}

TEST_F(LedgerTest, ALeaseWhoseCommitFailedIsGivenOutAgain) {
  Start();
  Submit();
  store_->FailCommits(1, absl::UnavailableError("I/O error"));
  EXPECT_FALSE(LeaseNow().ok());
  const absl::StatusOr<std::optional<Lease>> lease = LeaseNow();
  ASSERT_TRUE(lease.ok() && lease->has_value());
  EXPECT_EQ((*lease)->attempt, 1);
}

TEST_F(LedgerTest, AJobGoesOnAfterAFailedCommit) {
  Start();
  core::SubmitRequest request = Request();
  request.spec.budget.trials = 1;  // so that one report ends the job
  Answered<core::SubmitResponse> submitted;
  ledger_->Submit(request, submitted.done());
  ASSERT_TRUE(submitted.future.get().ok());
  const std::optional<Lease> lease = **LeaseNow();
  store_->FailCommits(1, absl::UnavailableError("I/O error"));
  EXPECT_FALSE(Submitted(/*seed=*/9).ok());
  LeaseReport report{.lease = lease->id, .worker = "w", .trials = {TrialResult{.epochs = 40, .best_score = 0.5}}};
  Answered<bool> reported;
  ledger_->Report(report, reported.done());
  EXPECT_TRUE(reported.future.get().ok());
  EXPECT_EQ(stored_.jobs.at(1).state, JobState::kBudgetSpent) << "the lease was still good";
}

TEST_F(LedgerTest, ARequestForWorkWaitsUntilThereIsSome) {
  Start();
  Answered<std::optional<Lease>> leased;
  ledger_->LeaseWork("w", std::nullopt, absl::InfiniteFuture(), leased.done());
  EXPECT_EQ(Submit(), 1);
  const absl::StatusOr<std::optional<Lease>> lease = leased.future.get();
  ASSERT_TRUE(lease.ok() && lease->has_value());
  EXPECT_EQ((*lease)->job, 1);
}

TEST_F(LedgerTest, ARequestForWorkEndsWithItsPatience) {
  Start();
  const absl::StatusOr<std::optional<Lease>> lease = LeaseNow();
  ASSERT_TRUE(lease.ok());
  EXPECT_FALSE(lease->has_value());
}

TEST_F(LedgerTest, AWorkerThatStopsDoesNotWaitForWork) {
  Start();
  Answered<std::optional<Lease>> leased;
  ledger_->LeaseWork("w", std::nullopt, absl::InfiniteFuture(), leased.done());
  Answered<bool> released;
  ledger_->ReleaseWorker("w", released.done());
  EXPECT_TRUE(released.future.get().ok());
  EXPECT_FALSE(leased.future.get()->has_value());
}

TEST_F(LedgerTest, StoppingAnswersWhatWaits) {
  Start();
  Answered<std::optional<Lease>> leased;
  ledger_->LeaseWork("w", std::nullopt, absl::InfiniteFuture(), leased.done());
  ledger_.reset();
  EXPECT_EQ(leased.future.get().status().code(), absl::StatusCode::kCancelled);
}

TEST_F(LedgerTest, AJobWhoseBudgetWasSpentIsLoadedAgainForALargerOne) {
  Start();
  core::SubmitRequest request = Request();
  request.spec.budget.trials = 1;
  Answered<core::SubmitResponse> first;
  ledger_->Submit(request, first.done());
  ASSERT_TRUE(first.future.get().ok());
  const std::optional<Lease> lease = **LeaseNow();
  LeaseReport report{.lease = lease->id, .worker = "w", .trials = {TrialResult{.epochs = 40, .best_score = 0.5}}};
  Answered<bool> reported;
  ledger_->Report(report, reported.done());
  ASSERT_TRUE(reported.future.get().ok());
  EXPECT_EQ(stored_.jobs.at(1).state, JobState::kBudgetSpent);

  ledger_.reset();
  Start();
  request.spec.budget.trials = 1000;
  Answered<core::SubmitResponse> again;
  ledger_->Submit(request, again.done());
  EXPECT_TRUE(again.future.get()->existed);
  EXPECT_EQ(stored_.jobs.at(1).state, JobState::kRunning);
  EXPECT_TRUE(LeaseNow()->has_value());
}

}  // namespace
}  // namespace minnow::ledger
