#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/server/ledger/ledger_fixture.h"
#include "tests/support/collected_bytes.h"

namespace minnow::ledger {
namespace {

// --- Waiting ---

TEST_F(LedgerTest, ARequestForWorkWaitsUntilThereIsSome) {
  Start();
  Register();
  Answered<std::vector<Lease>> leased = AskForWork(kPatient);
  EXPECT_EQ(GetHealth().waiting, 1);
  EXPECT_EQ(Submit(), 1);
  EXPECT_EQ(leased.future.get()->front().job, 1);
  EXPECT_EQ(GetHealth().waiting, 0);
}

TEST_F(LedgerTest, ARequestForWorkEndsWithItsPatience) {
  Start();
  Register();
  const absl::StatusOr<std::vector<Lease>> leases = LeaseNow();
  ASSERT_TRUE(leases.ok());
  EXPECT_TRUE(leases->empty());
}

TEST_F(LedgerTest, AWaitingRequestGetsWorkThatAnotherWorkerIsLateWith) {
  Start();
  Register();
  Register({.name = "silent", .session = "1"});
  ASSERT_TRUE(Submitted(ShortRequest()).ok());
  Answered<std::vector<Lease>> silent;
  ledger_->LeaseWork({.worker = {"silent", "1"}, .idle_threads = 1}, std::nullopt, kNoPatience, silent.done());
  ASSERT_FALSE(silent.future.get()->empty());
  clock_.Advance(absl::Seconds(1));
  Answered<std::vector<Lease>> leased = AskForWork(kPatient);
  EXPECT_EQ(GetHealth().waiting, 1);
  clock_.Advance(absl::Seconds(2));
  GetHealth();
  EXPECT_EQ(leased.future.get()->front().attempt, 2);
  EXPECT_EQ(GetHealth().counters.hedges, 1);
}

TEST_F(LedgerTest, AWorkerThatStopsDoesNotWaitForWork) {
  Start();
  Register();
  Answered<std::vector<Lease>> leased = AskForWork(kPatient);
  EXPECT_TRUE(Await<bool>([&](auto done) { ledger_->ReleaseWorker(kWorker, std::move(done)); }).ok());
  EXPECT_TRUE(leased.future.get()->empty());
  EXPECT_EQ(GetHealth().workers, 0);
}

TEST_F(LedgerTest, AWorkerThatWasCutOffDoesNotWaitForWork) {
  Start();
  Register();
  Answered<std::vector<Lease>> leased = AskForWork(kPatient);
  ledger_->StopWaiting(kWorker);
  EXPECT_TRUE(leased.future.get()->empty());
}

TEST_F(LedgerTest, AWorkerThatAsksAgainHasGivenUpItsFirstRequest) {
  Start();
  Register();
  Answered<std::vector<Lease>> first = AskForWork(kPatient);
  Answered<std::vector<Lease>> second = AskForWork(kPatient);
  EXPECT_TRUE(first.future.get()->empty());
  Submit();
  EXPECT_FALSE(second.future.get()->empty());
}

TEST_F(LedgerTest, ACrowdDoesNotWaitForTheWorkOfAll) {
  constexpr int kCrowd = 200;
  Start();
  std::vector<Answered<std::vector<Lease>>> leased(kCrowd);
  for (int i = 0; i < kCrowd; ++i) {
    const WorkerId worker{.name = "w" + std::to_string(i), .session = "1"};
    Register(worker);
    ledger_->LeaseWork({.worker = worker, .idle_threads = 1}, std::nullopt, kPatient, leased[i].done());
  }
  EXPECT_EQ(GetHealth().waiting, kCrowd);
  core::SubmitRequest request = Request();
  request.spec.search = SearchKind::kGrid;
  request.spec.grid_seeds = 64;  // four slices for each of 63 candidates
  const int commits = store_->commits();
  ASSERT_TRUE(Submitted(request).ok());
  std::set<std::pair<int64_t, int>> pieces;
  for (auto& worker : leased) {
    const absl::StatusOr<std::vector<Lease>> leases = worker.future.get();
    for (const Lease& lease : *leases) pieces.emplace(lease.bundle, lease.slice_number);
  }
  EXPECT_GE(pieces.size(), size_t{kCrowd}) << "everybody has work, and no two the same";
  EXPECT_GT(store_->commits(), commits + 1);
  EXPECT_EQ(GetHealth().waiting, 0);
}

TEST_F(LedgerTest, AReportBringsTheNextWork) {
  Start();
  Register();
  Submit();
  const std::vector<Lease> first = LeaseNow().value();
  ASSERT_FALSE(first.empty());
  const int64_t commits = GetHealth().commits;
  const absl::StatusOr<ReportResponse> response = FinishAndAsk(first.front());
  ASSERT_TRUE(response.ok());
  EXPECT_TRUE(response->statuses.at(0).ok());
  ASSERT_EQ(response->leases.size(), 1u);
  EXPECT_NE(response->leases[0].id, first.front().id);
  EXPECT_EQ(GetHealth().commits, commits + 1);
}

TEST_F(LedgerTest, AReportDoesNotWaitForTheNextWork) {
  Start();
  Register();
  const absl::StatusOr<ReportResponse> response = Await<ReportResponse>(
      [&](auto done) { ledger_->ReportAndLease({}, {.worker = kWorker}, std::nullopt, std::move(done)); });
  ASSERT_TRUE(response.ok());
  EXPECT_TRUE(response->leases.empty());
  EXPECT_EQ(GetHealth().waiting, 0);
}

TEST_F(LedgerTest, AReportIsTakenAlsoFromAWorkerThatMayHaveNoWork) {
  Start();
  Register();
  Submit();
  const std::vector<Lease> first = LeaseNow().value();
  ASSERT_FALSE(first.empty());
  Register({.name = kWorker.name, .session = "another"});
  const absl::StatusOr<ReportResponse> response = FinishAndAsk(first.front());
  ASSERT_TRUE(response.ok());
  EXPECT_TRUE(response->statuses.at(0).ok());
  EXPECT_TRUE(response->leases.empty());
}

TEST_F(LedgerTest, AWorkerThatWasTakenOverIsToldWhileItWaits) {
  Start();
  Register();
  Answered<std::vector<Lease>> leased = AskForWork(kPatient);
  Register({.name = "w", .session = "2"});
  EXPECT_EQ(leased.future.get().status().code(), absl::StatusCode::kAborted);
}

TEST_F(LedgerTest, ProgressIsToldWhenItDiffersAndTheEndAtOnce) {
  Start();
  Register();
  const int64_t job = Submitted(ShortRequest())->job;
  const JobProgress seen = Progress(job);
  Answered<JobProgress> watched = Watch(job, seen);
  const Lease lease = LeaseNow()->front();
  GetHealth();
  EXPECT_FALSE(watched.ready()) << "a worker has it now, but somebody looked a moment ago";
  clock_.Advance(absl::Milliseconds(100));
  GetHealth();
  EXPECT_EQ(watched.future.get()->workers, 1);
  Answered<JobProgress> ended = Watch(job, Progress(job));
  ASSERT_TRUE(Finish(lease).ok());
  EXPECT_EQ(ended.future.get()->state, JobState::kBudgetSpent);
}

TEST_F(LedgerTest, ProgressIsToldAtTheDeadlineInAnyCase) {
  Start();
  const int64_t job = Submit();
  const JobProgress seen = Progress(job);
  Answered<JobProgress> watched = Watch(job, seen, clock_.Now() + absl::Milliseconds(50));
  GetHealth();
  EXPECT_FALSE(watched.ready());
  clock_.Advance(absl::Milliseconds(50));
  GetHealth();
  EXPECT_TRUE(*watched.future.get() == seen);
}

TEST_F(LedgerTest, TheProgressOfAnUnknownJobIsAnError) {
  Start();
  EXPECT_EQ(Watch(7, std::nullopt).future.get().status().code(), absl::StatusCode::kNotFound);
  const int64_t job = Submit();
  Answered<JobProgress> watched = Watch(job, Progress(job));
  ASSERT_TRUE(Apply(core::JobAction::kDelete, job).ok());
  EXPECT_EQ(watched.future.get().status().code(), absl::StatusCode::kNotFound) << "deleted meanwhile";
}

TEST_F(LedgerTest, StoppingAnswersWhatWaits) {
  Start();
  Register();
  const int64_t job = Submit();
  ASSERT_TRUE(Apply(core::JobAction::kPause, job).ok());
  Answered<std::vector<Lease>> leased = AskForWork(kPatient);
  Answered<JobProgress> watched = Watch(job, Progress(job));
  ledger_.reset();
  EXPECT_EQ(leased.future.get().status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(watched.future.get().status().code(), absl::StatusCode::kUnavailable);
}

// --- The start, data sets, the disk ---

TEST_F(LedgerTest, UnfinishedJobsAreTakenUpAtTheStartButNotPausedOnes) {
  Start();
  const int64_t running = Submit(1);
  const int64_t paused = Submit(2);
  ASSERT_TRUE(Apply(core::JobAction::kPause, paused).ok());
  ledger_.reset();
  Start(/*resume_jobs=*/true);
  Register();
  EXPECT_EQ(LeaseNow()->front().job, running);
  EXPECT_EQ(Progress(paused).state, JobState::kPaused);
}

TEST_F(LedgerTest, AJobIsLeftAloneUntilItIsAskedForAgain) {
  Start();
  Submit();
  ledger_.reset();
  Start(/*resume_jobs=*/false);
  Register();
  EXPECT_TRUE(LeaseNow()->empty());
  Submit();
  EXPECT_FALSE(LeaseNow()->empty());
}

TEST_F(LedgerTest, AJobWhoseBudgetWasSpentIsLoadedAgainForALargerOne) {
  Start();
  Register();
  core::SubmitRequest request = ShortRequest();
  ASSERT_TRUE(Submitted(request).ok());
  ASSERT_TRUE(Finish(LeaseNow()->front()).ok());
  EXPECT_EQ(stored_.jobs.at(1).state, JobState::kBudgetSpent);

  ledger_.reset();
  Start();
  request.spec.budget.trials = 1000;
  EXPECT_TRUE(Submitted(request)->existed);
  EXPECT_EQ(stored_.jobs.at(1).state, JobState::kRunning);
  EXPECT_FALSE(LeaseNow()->empty());
}

TEST_F(LedgerTest, DataSetsAreStoredOnceAndNamedLater) {
  Start();
  core::SubmitRequest request = Request();
  const std::vector<core::DatasetRecord> datasets = {request.training, request.test};
  request.training.bytes = {};
  request.test.bytes = {};
  const absl::Status missing = Submitted(request).status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(missing.message(), "data set " + request.training.sha256 + " is not stored: upload it first");
  for (const core::DatasetRecord& dataset : datasets) {
    EXPECT_TRUE(Await<bool>([&](auto done) { ledger_->StoreDataset(dataset, std::move(done)); }).ok());
  }
  EXPECT_TRUE(Submitted(request).ok());
  const auto read = CollectedBytes([&](const DatasetSink& sink) {
    return Await<bool>([&](auto done) { ledger_->Dataset(datasets[0].sha256, sink, std::move(done)); }).status();
  });
  EXPECT_EQ(*read, datasets[0].bytes.view());
}

TEST_F(LedgerTest, TheDiskIsLookedAtOnceASecond) {
  Start();
  Register();
  Submit();
  disk_low_ = true;
  clock_.Advance(absl::Milliseconds(999));
  EXPECT_FALSE(GetHealth().disk_low);
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_TRUE(GetHealth().disk_low);
  EXPECT_TRUE(LeaseNow()->empty());
  EXPECT_EQ(disk_looks_, 2);
  disk_low_ = false;
  clock_.Advance(absl::Seconds(1));
  EXPECT_FALSE(LeaseNow()->empty());
}

TEST_F(LedgerTest, TellsItsOperatorsWhatItDoes) {
  Start();
  Register();
  Submit(1);
  ASSERT_TRUE(Apply(core::JobAction::kPause, Submit(2)).ok());
  ASSERT_FALSE(LeaseNow()->empty());
  const Health health = GetHealth();
  EXPECT_TRUE(health.store.ok());
  EXPECT_EQ(health.jobs, (std::map<JobState, int64_t>{{JobState::kRunning, 1}, {JobState::kPaused, 1}}));
  EXPECT_EQ(health.leases, 1);
  EXPECT_EQ(health.workers, 1);
  EXPECT_EQ(health.counters.leases, 1);
  EXPECT_EQ(health.commits, observed_);
  const auto workers = Await<std::vector<WorkerSummary>>([&](auto done) { ledger_->Workers(std::move(done)); });
  EXPECT_EQ(workers->at(0).name, "w");
}

}  // namespace
}  // namespace minnow::ledger
