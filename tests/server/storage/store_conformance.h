// What every store owes the coordinator, whatever it is made of. A test binary includes this once and says
//
//   INSTANTIATE_TEST_SUITE_P(Sqlite, StoreConformance, testing::Values(a function that returns a new StorePlace));
#ifndef MINNOW_TESTS_SERVER_STORAGE_STORE_CONFORMANCE_H_
#define MINNOW_TESTS_SERVER_STORAGE_STORE_CONFORMANCE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/core/store.h"
#include "tests/server/storage/change_builder.h"
#include "tests/server/storage/snapshot_text.h"
#include "tests/support/collected_bytes.h"

namespace minnow::storage {

// Where a store keeps what outlives it.
class StorePlace {
 public:
  virtual ~StorePlace() = default;
  // One store at a time.
  virtual std::unique_ptr<core::Store> Open() = 0;
};

using NewStorePlace = std::unique_ptr<StorePlace> (*)();

class StoreConformance : public testing::TestWithParam<NewStorePlace> {
 protected:
  void Commit(const core::Changes& changes) {
    const absl::Status status = store_->Commit(changes);
    ASSERT_TRUE(status.ok()) << status.message();
  }

  void Reopen() {
    store_.reset();
    store_ = place_->Open();
  }

  core::Snapshot Load() {
    absl::StatusOr<core::Snapshot> snapshot = store_->Load();
    EXPECT_TRUE(snapshot.ok()) << snapshot.status().message();
    return snapshot.ok() ? *std::move(snapshot) : core::Snapshot();
  }

  absl::StatusOr<std::string> Dataset(const std::string& sha256) {
    return CollectedBytes([&](const DatasetSink& sink) { return store_->Dataset(sha256, sink); });
  }

  // A job, and one bundle of three trials at place 0.
  void CommitJobWithBundle(int64_t job) {
    core::Changes changes;
    changes.datasets = SmallDatasets();
    changes.jobs = {SmallJob(job)};
    changes.entries = {{job, BundleEntry(0, 1, 3)}};
    Commit(changes);
  }

  std::unique_ptr<StorePlace> place_ = GetParam()();
  std::unique_ptr<core::Store> store_ = place_->Open();
};

TEST_P(StoreConformance, ANewStoreIsEmpty) {
  EXPECT_EQ(TextOf(Load()), TextOf(core::Snapshot{.next_job = 1, .next_lease = 1}));
}

TEST_P(StoreConformance, CommittingNothingIsFine) {
  Commit(core::Changes());
  EXPECT_EQ(TextOf(Load()), TextOf(core::Snapshot()));
}

TEST_P(StoreConformance, GivesAJobBackAsItWasCommitted) {
  JobRecord job = SmallJob(3);
  job.spec.search = SearchKind::kGrid;
  job.spec.learning_rates = {0.1, 1e-7};
  job.spec.seed = ~uint64_t{0};
  job.spec.budget = {.trials = 10, .epochs = std::nullopt, .seconds = 0.1};
  job.spec.label = "Montag's \"run\", 100 %";
  job.spec.priority = 7;
  job.reason = "why";
  job.search_seconds = 1.0 / 3;
  job.answer = minnow::Answer{SmallShape({16, 8}), 12, false};
  core::Changes changes;
  changes.datasets = SmallDatasets();
  changes.jobs = {job};
  Commit(changes);
  Reopen();
  const core::Snapshot snapshot = Load();
  ASSERT_EQ(snapshot.jobs.size(), 1u);
  EXPECT_EQ(TextOf(snapshot.jobs[0].record), TextOf(job));
  EXPECT_EQ(snapshot.next_job, 4);
}

TEST_P(StoreConformance, GivesAbsentPartsOfAJobBackAsAbsent) {
  JobRecord job = SmallJob(1);
  job.spec.goal.value.reset();
  job.threshold.reset();
  core::Changes changes;
  changes.datasets = SmallDatasets();
  changes.jobs = {job};
  Commit(changes);
  Reopen();
  EXPECT_EQ(TextOf(Load().jobs.at(0).record), TextOf(job));
}

TEST_P(StoreConformance, GivesEveryKindOfEntryBackInOrder) {
  CommitJobWithBundle(1);
  core::Entry hole{.place = 1, .content = search::Bundle{.first_trial = 4}};
  core::Entry threshold{.place = 2, .content = search::ThresholdMarker{0.9, 0.95, 0.05, 2}};
  threshold.state = core::EntryState::kFolded;
  core::Entry look{.place = 3, .content = LookMarker{5, 2, 0.91, {0.8, 0.97}, 0.975, true}};
  core::Entry answer{.place = 4, .content = core::AnswerMarker{5, 2}};
  core::Entry nothing{.place = 5, .content = core::AnswerMarker{}};
  core::Changes changes;
  changes.entries = {{1, nothing}, {1, answer}, {1, look}, {1, threshold}, {1, hole}};
  Commit(changes);
  Reopen();
  std::string expected;
  for (const core::Entry& entry : {BundleEntry(0, 1, 3), hole, threshold, look, answer, nothing}) {
    expected += TextOf(entry);
  }
  std::string found;
  const core::Snapshot snapshot = Load();
  for (const core::Entry& entry : snapshot.jobs.at(0).entries) found += TextOf(entry);
  EXPECT_EQ(found, expected);
}

TEST_P(StoreConformance, AnEntryTakesTheNewContentOfItsPlace) {
  CommitJobWithBundle(1);
  core::Entry folded = BundleEntry(0, 1, 3);
  folded.state = core::EntryState::kFolded;
  folded.evidence_trials = 2;
  core::Changes changes;
  changes.entries = {{1, folded}};
  Commit(changes);
  const core::JobSnapshot job = Load().jobs.at(0);
  ASSERT_EQ(job.entries.size(), 1u);
  EXPECT_EQ(TextOf(job.entries[0]), TextOf(folded));
}

TEST_P(StoreConformance, LeavesOutEntriesThatWereCutAndNeverGivesTheirNumbersAgain) {
  CommitJobWithBundle(1);
  core::Entry cut = BundleEntry(7, 4, 2);
  cut.state = core::EntryState::kCut;
  core::Changes changes;
  changes.entries = {{1, cut}};
  Commit(changes);
  Reopen();
  const core::JobSnapshot job = Load().jobs.at(0);
  EXPECT_EQ(job.entries.size(), 1u);
  EXPECT_EQ(job.next_place, 8);
  EXPECT_EQ(job.next_trial, 6);
}

TEST_P(StoreConformance, ANewJobStartsItsNumbersAtTheBeginning) {
  core::Changes changes;
  changes.datasets = SmallDatasets();
  changes.jobs = {SmallJob(1)};
  Commit(changes);
  const core::JobSnapshot job = Load().jobs.at(0);
  EXPECT_EQ(job.next_place, 0);
  EXPECT_EQ(job.next_trial, 1);
}

TEST_P(StoreConformance, GivesOutcomesBackByTrialNumber) {
  CommitJobWithBundle(1);
  core::Changes changes;
  changes.trials = {FinishedTrial(1, 3, 0), FinishedTrial(1, 1, 0)};
  changes.trials[0].result.state = TrialState::kPassed;
  Commit(changes);
  Reopen();
  const auto outcomes = Load().jobs.at(0).outcomes;
  ASSERT_EQ(outcomes.size(), 2u);
  EXPECT_EQ(outcomes.at(1).state, TrialState::kMissed);
  EXPECT_EQ(outcomes.at(3).state, TrialState::kPassed);
  EXPECT_EQ(outcomes.at(3).epochs, 10);
  EXPECT_EQ(outcomes.at(3).best_score, 0.5);
  EXPECT_EQ(outcomes.at(3).validation_score, 0.75);
}

TEST_P(StoreConformance, GivesScoresBackThatAreNotFinite) {
  CommitJobWithBundle(1);
  TrialRecord trial = FinishedTrial(1, 1, 0);
  trial.result.state = TrialState::kDiverged;
  trial.result.best_score = WorstScore(Metric::kAccuracy);
  trial.result.validation_score = std::numeric_limits<double>::quiet_NaN();
  trial.result.scores = {{1, std::numeric_limits<double>::infinity(), trial.result.validation_score}};
  core::Changes changes;
  changes.trials = {trial};
  Commit(changes);
  Reopen();
  const auto outcomes = Load().jobs.at(0).outcomes;
  EXPECT_EQ(outcomes.at(1).best_score, WorstScore(Metric::kAccuracy));
  EXPECT_TRUE(std::isnan(outcomes.at(1).validation_score));
}

TEST_P(StoreConformance, ATrialThatIsThereStaysAsItIs) {
  CommitJobWithBundle(1);
  core::Changes changes;
  changes.trials = {FinishedTrial(1, 1, 0)};
  changes.trials[0].result.weights = {1, 2, 3};
  Commit(changes);
  changes.trials[0].result.best_score = 0.99;
  changes.trials[0].result.weights = {4, 5, 6};
  changes.trials[0].result.scores = {{1, 0, 0}};
  Commit(changes);
  EXPECT_EQ(Load().jobs.at(0).outcomes.at(1).best_score, 0.5);
  EXPECT_THAT(*store_->Weights(1, 1), testing::ElementsAre(1, 2, 3));
}

TEST_P(StoreConformance, FindsTheTargetsOfAJobInItsData) {
  CommitJobWithBundle(1);
  const core::JobSnapshot job = Load().jobs.at(0);
  EXPECT_THAT(job.validation_targets.labels, testing::ElementsAre(1, 0, 1));
  EXPECT_THAT(job.test_targets.labels, testing::ElementsAre(0, 1));
  EXPECT_EQ(job.test_targets.classes, 2);
}

TEST_P(StoreConformance, TellsFinalJobsFromTheOthers) {
  core::Changes changes;
  changes.datasets = SmallDatasets();
  changes.jobs = {SmallJob(1), SmallJob(2), SmallJob(3)};
  changes.jobs[1].state = JobState::kAnswered;
  changes.jobs[1].finished = absl::FromUnixSeconds(1'700'000'009);
  changes.jobs[1].wrong_at_most = 0.15;
  Commit(changes);
  Reopen();
  const core::Snapshot snapshot = Load();
  ASSERT_EQ(snapshot.jobs.size(), 2u);
  EXPECT_EQ(snapshot.jobs[1].record.id, 3);
  ASSERT_EQ(snapshot.final_jobs.size(), 1u);
  EXPECT_EQ(TextOf(snapshot.final_jobs[0]), TextOf(changes.jobs[1]));
}

TEST_P(StoreConformance, LoadsOneJobWhateverItsState) {
  CommitJobWithBundle(1);
  const core::JobSnapshot running = Load().jobs.at(0);
  EXPECT_EQ(TextOf(*store_->LoadJob(1)), TextOf(running));
  core::Changes changes;
  changes.jobs = {SmallJob(1)};
  changes.jobs[0].state = JobState::kCancelled;
  Commit(changes);
  EXPECT_EQ(store_->LoadJob(1)->entries.size(), 1u);
  EXPECT_EQ(store_->LoadJob(1)->record.state, JobState::kCancelled);
  EXPECT_TRUE(absl::IsNotFound(store_->LoadJob(2).status()));
}

TEST_P(StoreConformance, KeepsLeasesUntilTheyEndAndNeverGivesTheirNumbersAgain) {
  CommitJobWithBundle(1);
  const core::LeaseRecord first{4, 1, 0, 0, 1, "ant", absl::FromUnixSeconds(10)};
  core::LeaseRecord second{9, 1, -1, 0, 2, "bee", absl::FromUnixSeconds(20)};
  core::Changes changes;
  changes.leases = {first, second};
  Commit(changes);
  second.deadline = absl::FromUnixSeconds(30);
  core::Changes later;
  later.leases = {second};
  later.deleted_leases = {4};
  Commit(later);
  Reopen();
  ASSERT_EQ(Load().leases.size(), 1u);
  EXPECT_EQ(TextOf(Load().leases[0]), TextOf(second));
  core::Changes last;
  last.deleted_leases = {9};
  Commit(last);
  Reopen();
  EXPECT_THAT(Load().leases, testing::IsEmpty());
  EXPECT_EQ(Load().next_lease, 10);
}

TEST_P(StoreConformance, RemembersThatALeaseHasEnded) {
  CommitJobWithBundle(1);
  core::Changes changes;
  changes.leases = {{4, 1, 0, 0, 1, "ant", absl::FromUnixSeconds(10)}};
  Commit(changes);
  changes.leases[0].ended = true;
  Commit(changes);
  Reopen();
  EXPECT_EQ(TextOf(Load().leases.at(0)), TextOf(changes.leases[0]));
}

TEST_P(StoreConformance, LeavesOutLeasesOfFinalJobs) {
  CommitJobWithBundle(1);
  CommitJobWithBundle(2);
  core::Changes changes;
  changes.leases = {{4, 1, 0, 0, 1, "ant", absl::FromUnixSeconds(10)},
                    {5, 2, 0, 0, 1, "ant", absl::FromUnixSeconds(10)}};
  changes.jobs = {SmallJob(1)};
  changes.jobs[0].state = JobState::kCancelled;
  Commit(changes);
  Reopen();
  ASSERT_EQ(Load().leases.size(), 1u);
  EXPECT_EQ(Load().leases[0].job, 2);
}

TEST_P(StoreConformance, KnowsWorkersByNameAndCountsWhatTheyReported) {
  CommitJobWithBundle(1);
  core::Changes changes;
  changes.workers = {{{"bee", "s1"}, 8, "scalar", absl::FromUnixSeconds(1'600'000'000)},
                     {{"ant", "s2"}, 4, "avx2", absl::FromUnixSeconds(1'600'000'001)}};
  changes.trials = {FinishedTrial(1, 1, 0), FinishedTrial(1, 2, 0)};
  Commit(changes);
  core::Changes later;
  later.workers = {{{"ant", "s3"}, 2, "scalar", absl::FromUnixSeconds(1'800'000'000)}};
  later.trials = {FinishedTrial(1, 2, 0), FinishedTrial(1, 3, 0)};  // the former was reported before
  Commit(later);
  Reopen();
  core::WorkerRecord ant = later.workers[0];
  ant.trials = 3;
  ant.epochs = 30;
  ant.train_seconds = 0.375;
  ant.first = absl::FromUnixSeconds(1'600'000'001);
  core::WorkerRecord bee = changes.workers[0];
  bee.first = bee.registered;
  const std::vector<core::WorkerRecord> workers = Load().workers;
  ASSERT_EQ(workers.size(), 2u);
  EXPECT_EQ(TextOf(workers[0]), TextOf(ant));
  EXPECT_EQ(TextOf(workers[1]), TextOf(bee));
}

TEST_P(StoreConformance, KeepsTheFirstOfEqualRequestsUntilItIsDeleted) {
  const core::RequestRecord late{"b", "pause", 7, false, absl::FromUnixSeconds(30)};
  const core::RequestRecord early{"c", "submit", 7, true, absl::FromUnixSeconds(10)};
  core::Changes changes;
  changes.requests = {late, early, {"a", "delete", 9, false, absl::FromUnixSeconds(20)}};
  Commit(changes);
  core::Changes later;
  later.requests = {{"b", "cancel", 8, false, absl::FromUnixSeconds(5)}};
  later.deleted_requests = {"a", "never heard of"};
  Commit(later);
  Reopen();
  const std::vector<core::RequestRecord> requests = Load().requests;
  ASSERT_EQ(requests.size(), 2u);  // in the order of time
  EXPECT_EQ(TextOf(requests[0]), TextOf(early));
  EXPECT_EQ(TextOf(requests[1]), TextOf(late));
}

TEST_P(StoreConformance, DeletesAJobWithAllThatBelongsToIt) {
  Commit(EverythingOf(1));
  Commit(EverythingOf(2));
  const core::JobSnapshot other = Load().jobs.at(1);
  core::Changes changes;
  changes.deleted_jobs = {1, 77};
  Commit(changes);
  Reopen();
  const core::Snapshot snapshot = Load();
  ASSERT_EQ(snapshot.jobs.size(), 1u);
  EXPECT_EQ(TextOf(snapshot.jobs[0]), TextOf(other));
  ASSERT_EQ(snapshot.leases.size(), 1u);
  EXPECT_EQ(snapshot.leases[0].job, 2);
  EXPECT_EQ(snapshot.requests.size(), 2u);
  EXPECT_TRUE(absl::IsNotFound(store_->LoadJob(1).status()));
  EXPECT_TRUE(absl::IsNotFound(store_->Weights(1, 1).status()));
  EXPECT_TRUE(store_->Weights(2, 1).ok());
}

TEST_P(StoreConformance, NeverGivesTheNumbersOfADeletedJobAgain) {
  Commit(EverythingOf(3));
  core::Changes changes;
  changes.deleted_jobs = {3};
  Commit(changes);
  Reopen();
  EXPECT_EQ(Load().next_job, 4);
  EXPECT_EQ(Load().next_lease, 4);
  Commit(EverythingOf(3));  // nothing of the old one is in the way
}

TEST_P(StoreConformance, DataSetsGoWithTheLastJobThatUsesThem) {
  CommitJobWithBundle(1);
  CommitJobWithBundle(2);
  core::Changes upload;
  upload.datasets = {{"of a job to come", "test", 1, 1, std::string("bytes")}};
  Commit(upload);
  core::Changes changes;
  changes.deleted_jobs = {1};
  Commit(changes);
  EXPECT_TRUE(Dataset(SmallJob(1).data_sha256).ok());
  changes.deleted_jobs = {2};
  Commit(changes);
  EXPECT_TRUE(absl::IsNotFound(Dataset(SmallJob(1).data_sha256).status()));
  EXPECT_TRUE(absl::IsNotFound(Dataset(SmallJob(1).test_sha256).status()));
  EXPECT_TRUE(Dataset("of a job to come").ok());
}

TEST_P(StoreConformance, TakesWhatIsReportedOfAJobThatIsDeletedInTheSameCommit) {
  CommitJobWithBundle(1);
  core::Changes changes = EverythingOf(1);
  changes.deleted_jobs = {1};
  Commit(changes);
  Reopen();
  EXPECT_THAT(Load().jobs, testing::IsEmpty());
  EXPECT_THAT(Load().leases, testing::IsEmpty());
  EXPECT_EQ(Load().workers.at(0).trials, 1);  // the worker has done it
}

TEST_P(StoreConformance, KeepsWeightsOnlyWhereThereAreAny) {
  CommitJobWithBundle(1);
  core::Changes changes;
  changes.trials = {FinishedTrial(1, 1, 0), FinishedTrial(1, 2, 0)};
  changes.trials[0].result.weights = {0.5f, -0.0f, 1e-30f};
  Commit(changes);
  Reopen();
  EXPECT_THAT(*store_->Weights(1, 1), testing::ElementsAre(0.5f, -0.0f, 1e-30f));
  EXPECT_TRUE(absl::IsNotFound(store_->Weights(1, 2).status()));
  EXPECT_TRUE(absl::IsNotFound(store_->Weights(2, 1).status()));
}

TEST_P(StoreConformance, DropsTheWeightsOfTheReferencePhaseAlone) {
  CommitJobWithBundle(1);
  core::Changes changes;
  changes.trials = {FinishedTrial(1, 1, 0), FinishedTrial(1, 2, 0)};
  changes.trials[0].phase = Phase::kReference;
  for (TrialRecord& trial : changes.trials) trial.result.weights = {1};
  Commit(changes);
  core::Changes later;
  later.reference_models_done = {1};
  Commit(later);
  EXPECT_TRUE(absl::IsNotFound(store_->Weights(1, 1).status()));
  EXPECT_TRUE(store_->Weights(1, 2).ok());
}

TEST_P(StoreConformance, GivesALargeDataSetBackByteForByte) {
  std::string bytes((std::size_t{3} << 20) + 5, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 2654435761u >> 24);
  core::Changes changes;
  changes.datasets = {{"large", "test", 1, 1, std::string(bytes)}, {"none", "test", 0, 1, {}}};
  changes.jobs = {SmallJob(1)};
  changes.jobs[0].state = JobState::kAnswered;
  changes.jobs[0].data_sha256 = "large";
  changes.jobs[0].test_sha256 = "none";
  Commit(changes);
  Commit(changes);  // equal hashes are the same row
  Reopen();
  EXPECT_TRUE(*store_->HasDataset("large"));
  EXPECT_FALSE(*store_->HasDataset("other"));
  EXPECT_TRUE(*Dataset("large") == bytes);
  EXPECT_EQ(*Dataset("none"), "");
  EXPECT_TRUE(absl::IsNotFound(Dataset("other").status()));
}

// A look is inserted, so that the same one once more is refused; everything before it in the same commit must be too.
TEST_P(StoreConformance, CommitsAllOrNothing) {
  CommitJobWithBundle(1);
  core::Changes good;
  good.trials = {FinishedTrial(1, 1, 0)};
  good.looks = {{1, 1, {0, 1, 0.9, {0.8, 0.95}, 0.975, true}, "consistent", absl::FromUnixSeconds(5)}};
  Commit(good);
  const std::string before = TextOf(Load());

  core::Changes bad;
  bad.jobs = {SmallJob(2)};
  bad.entries = {{1, BundleEntry(1, 4, 1)}};
  bad.trials = {FinishedTrial(1, 2, 0)};
  bad.leases = {{1, 1, 0, 0, 1, "ant", absl::FromUnixSeconds(10)}};
  bad.looks = good.looks;
  EXPECT_TRUE(absl::IsUnavailable(store_->Commit(bad)));
  EXPECT_EQ(TextOf(Load()), before);

  bad.looks.clear();
  Commit(bad);
  Reopen();
  EXPECT_EQ(Load().jobs.size(), 2u);
  EXPECT_EQ(Load().jobs[0].outcomes.size(), 2u);
}

TEST_P(StoreConformance, RefusesATrialOfABundleThatWasNeverIssued) {
  CommitJobWithBundle(1);
  core::Changes changes;
  changes.trials = {FinishedTrial(1, 1, /*place=*/5)};
  EXPECT_TRUE(absl::IsUnavailable(store_->Commit(changes)));
}

TEST_P(StoreConformance, RefusesToCountAReferenceTrialAsEvidence) {
  CommitJobWithBundle(1);
  core::Changes changes;
  changes.trials = {FinishedTrial(1, 1, 0)};
  changes.trials[0].phase = Phase::kReference;
  changes.evidence = {{1, 1, 1}};
  EXPECT_TRUE(absl::IsUnavailable(store_->Commit(changes)));
}

}  // namespace minnow::storage

#endif  // MINNOW_TESTS_SERVER_STORAGE_STORE_CONFORMANCE_H_
