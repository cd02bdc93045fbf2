// Nothing leaves the ledger before its COMMIT, and nothing that was not committed happened.
#include <gtest/gtest.h>

#include "tests/server/ledger/ledger_fixture.h"

namespace minnow::ledger {
namespace {

using LedgerCommit = LedgerTest;

TEST_F(LedgerCommit, NothingIsAnsweredBeforeItsCommit) {
  Start();
  store_->Shut();
  Answered<core::SubmitResponse> submitted;
  ledger_->Submit(Request(), submitted.done());
  store_->AwaitCommit();
  EXPECT_FALSE(submitted.ready());
  EXPECT_TRUE(stored_.jobs.empty());
  EXPECT_EQ(observed_, 0);
  store_->Open();
  EXPECT_EQ(submitted.future.get()->job, 1);
  EXPECT_EQ(observed_, 1);
}

TEST_F(LedgerCommit, NoReplyAndNoProgressLeavesWhileACommitHangsForSeconds) {
  Start();
  Register();
  const int64_t job = Submitted(ShortRequest())->job;
  const Lease lease = LeaseNow()->front();
  Answered<JobProgress> watched = Watch(job, Progress(job));
  Answered<std::vector<Lease>> parked = AskForWork(clock_.Now() + absl::Seconds(2));
  GetHealth();  // so that the three above wait
  const int observed = observed_;
  store_->Shut();
  Answered<ReportResponse> reported;
  const core::ToyTrainer misses = [](const SliceWork&, const TrialSpec&) { return core::ToyOutcome(); };
  const LeaseReport report{.lease = lease.id, .trials = core::ToyResults(*lease.slice, misses)};
  ledger_->Report(kWorker, {report}, reported.done());
  store_->AwaitCommit();
  for (int second = 0; second < 5; ++second) {
    clock_.Advance(absl::Seconds(1));
    Answered<Health> later;
    ledger_->GetHealth(later.done());
    EXPECT_FALSE(reported.ready());
    EXPECT_FALSE(watched.ready()) << "the job has ended, but nobody may know";
    EXPECT_FALSE(parked.ready());
    EXPECT_FALSE(later.ready());
    EXPECT_EQ(observed_, observed);
  }
  store_->Open();
  EXPECT_TRUE(reported.future.get()->statuses[0].ok());
  EXPECT_EQ(watched.future.get()->state, JobState::kBudgetSpent);
  EXPECT_TRUE(parked.future.get()->empty());
  EXPECT_EQ(stored_.jobs.at(job).state, JobState::kBudgetSpent);
}

TEST_F(LedgerCommit, WhoWasQuarantinedBeforeACrashIsFoldedOutAtTheStart) {
  Start();
  Register();
  Submit();
  const Lease lease = LeaseNow()->front();
  const core::ToyTrainer misses = [](const SliceWork&, const TrialSpec&) { return core::ToyOutcome(); };
  const LeaseReport report{.lease = lease.id, .trials = core::ToyResults(*lease.slice, misses)};
  ASSERT_TRUE(Await<ReportResponse>([&](auto done) { ledger_->Report(kWorker, {report}, done); }).ok());
  ASSERT_FALSE(stored_.trials.empty());
  ledger_.reset();
  stored_.workers.at(kWorker.name).quarantine = core::Quarantine{.reason = "It lies."};
  Start(/*resume_jobs=*/true);
  GetHealth();
  EXPECT_TRUE(stored_.trials.empty());
  EXPECT_TRUE(stored_.workers.at(kWorker.name).quarantine->folded_out);
  const WorkerInfo info{.id = kWorker, .threads = 1, .processor = "toy"};
  const auto refused = Await<WorkerTerms>([&](auto done) { ledger_->Register(info, std::move(done)); });
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status()));
  EXPECT_TRUE(Await<bool>([&](auto done) { ledger_->Forgive(kWorker.name, std::move(done)); }).ok());
  Register();
  EXPECT_TRUE(LeaseNow().ok());
}

TEST_F(LedgerCommit, AJobOfACommitThatIsDoneAndSaysThatItFailedRuns) {
  Start(/*resume_jobs=*/true);
  Register();
  core::SubmitRequest request = Request();
  request.request_id = "r";
  store_->DenyNext();
  EXPECT_TRUE(absl::IsUnavailable(Submitted(request).status()));
  EXPECT_EQ(Submitted(request)->job, 1) << "under its id it is done already";
  Register();
  EXPECT_FALSE(LeaseNow()->empty());
}

TEST_F(LedgerCommit, WhatWaitsIsCommittedAsOneGroup) {
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

// --- A commit fails ---

TEST_F(LedgerCommit, AFailedCommitIsToldToAllAndForgotten) {
  Start();
  store_->FailCommits(1, absl::ResourceExhaustedError("the disk is full"));
  EXPECT_EQ(Submitted(Request(1)).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(observed_, 0);
  EXPECT_EQ(GetHealth().store.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Submit(2), 1) << "the coordinator starts again from what is stored";
  EXPECT_EQ(stored_.jobs.size(), 1u);
  EXPECT_TRUE(GetHealth().store.ok());
}

TEST_F(LedgerCommit, NoProgressIsToldOfAFailedCommit) {
  Start();
  Register();
  const int64_t job = Submitted(ShortRequest())->job;
  const Lease lease = LeaseNow()->front();
  const JobProgress seen = Progress(job);
  clock_.Advance(absl::Seconds(1));
  Answered<JobProgress> watched = Watch(job, seen);
  store_->FailCommits(1, absl::UnavailableError("I/O error"));
  EXPECT_FALSE(Finish(lease).ok());
  const absl::StatusOr<JobProgress> told = watched.future.get();
  EXPECT_EQ(told.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Progress(job).state, JobState::kRunning) << "it goes on although its end was lost";
  EXPECT_TRUE(Finish(lease).ok());
  EXPECT_EQ(Progress(job).state, JobState::kBudgetSpent);
}

TEST_F(LedgerCommit, APauseWhoseCommitFailedDidNotHappen) {
  Start();
  Register();
  const int64_t job = Submit();
  store_->FailCommits(1, absl::UnavailableError("I/O error"));
  EXPECT_FALSE(Apply(core::JobAction::kPause, job).ok());
  EXPECT_FALSE(LeaseNow()->empty());
}

TEST_F(LedgerCommit, ALeaseWhoseCommitFailedIsGivenOutAgain) {
  Start();
  Register();
  Submit();
  store_->FailCommits(1, absl::UnavailableError("I/O error"));
  EXPECT_FALSE(LeaseNow().ok());
  // The new coordinator knows the worker, which has to ask it.
  const absl::StatusOr<std::vector<Lease>> leases = LeaseNow();
  ASSERT_TRUE(leases.ok() && !leases->empty());
  EXPECT_EQ(leases->front().attempt, 1);
}

TEST_F(LedgerCommit, AReportWithNextWorkWhoseCommitFailedIsToldSo) {
  Start();
  Register();
  Submit();
  const Lease lease = LeaseNow()->at(0);
  store_->FailCommits(1, absl::UnavailableError("I/O error"));
  EXPECT_EQ(FinishAndAsk(lease).status().code(), absl::StatusCode::kUnavailable);
  const absl::StatusOr<ReportResponse> again = FinishAndAsk(lease);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->statuses.at(0).ok());
  EXPECT_FALSE(again->leases.empty());
}

TEST_F(LedgerCommit, AJobGoesOnAfterAFailedCommit) {
  Start();
  Register();
  ASSERT_TRUE(Submitted(ShortRequest()).ok());
  const Lease lease = LeaseNow()->front();
  store_->FailCommits(1, absl::UnavailableError("I/O error"));
  EXPECT_FALSE(Submitted(Request(/*seed=*/9)).ok());
  EXPECT_TRUE(Finish(lease)->statuses[0].ok());
  EXPECT_EQ(stored_.jobs.at(1).state, JobState::kBudgetSpent) << "the lease was still good";
}

TEST_F(LedgerCommit, CountsGoOnAfterAFailedCommit) {
  Start();
  Register();
  Submit();
  ASSERT_FALSE(LeaseNow()->empty());
  const int64_t leases = GetHealth().counters.leases;
  store_->FailCommits(1, absl::UnavailableError("I/O error"));
  EXPECT_FALSE(Submitted(Request(9)).ok());
  EXPECT_EQ(GetHealth().counters.leases, leases);
  EXPECT_EQ(GetHealth().leases, 1) << "restored";
}

}  // namespace
}  // namespace minnow::ledger
