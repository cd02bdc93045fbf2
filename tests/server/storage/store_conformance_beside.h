// The rest of what every store owes the coordinator: leases, workers, requests, deletions, data sets, weights, and that
// a commit is whole. Included after, and as, store_conformance.h.
#ifndef MINNOW_TESTS_SERVER_STORAGE_STORE_CONFORMANCE_BESIDE_H_
#define MINNOW_TESTS_SERVER_STORAGE_STORE_CONFORMANCE_BESIDE_H_

#include "tests/server/storage/store_conformance.h"

namespace minnow::storage {

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

// One piece of `bytes`, in a commit of its own.
core::Changes PieceOf(const std::string& bytes, int64_t begin, int64_t size) {
  const int64_t after = static_cast<int64_t>(bytes.size()) - begin - size;
  core::Changes changes;
  changes.datasets = {{"pieces", "test", 1, 1, bytes.substr(begin, size), /*before=*/begin, after}};
  return changes;
}

TEST_P(StoreConformance, ADataSetIsStoredOnceItsLastPieceIs) {
  constexpr int64_t kChunk = int64_t{1} << 20;
  std::string bytes((std::size_t{4} << 20) + 5, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 2654435761u >> 24);
  Commit(PieceOf(bytes, 0, 2 * kChunk));
  EXPECT_FALSE(*store_->HasDataset("pieces"));
  Commit(PieceOf(bytes, 0, 2 * kChunk));  // of somebody who stores the same
  Commit(PieceOf(bytes, 2 * kChunk, 2 * kChunk));
  EXPECT_FALSE(*store_->HasDataset("pieces"));
  Commit(PieceOf(bytes, 4 * kChunk, 5));
  Commit(PieceOf(bytes, 2 * kChunk, 2 * kChunk));
  EXPECT_TRUE(*store_->HasDataset("pieces"));
  EXPECT_TRUE(*Dataset("pieces") == bytes);
}

TEST_P(StoreConformance, ADataSetWithAPieceDroppedNeverBecomesWhole) {
  constexpr int64_t kChunk = int64_t{1} << 20;
  const std::string bytes(3 * kChunk, 'x');
  core::Changes drop;
  drop.dropped_datasets = {"pieces", "other"};
  Commit(PieceOf(bytes, 0, kChunk));
  Commit(PieceOf(bytes, kChunk, kChunk));
  Commit(drop);
  Commit(PieceOf(bytes, 2 * kChunk, kChunk));
  EXPECT_FALSE(*store_->HasDataset("pieces"));
  for (int64_t chunk = 0; chunk < 3; ++chunk) Commit(PieceOf(bytes, chunk * kChunk, kChunk));
  Commit(drop);  // what is whole stays
  EXPECT_TRUE(*store_->HasDataset("pieces"));
  EXPECT_TRUE(*Dataset("pieces") == bytes);
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

#endif  // MINNOW_TESTS_SERVER_STORAGE_STORE_CONFORMANCE_BESIDE_H_
