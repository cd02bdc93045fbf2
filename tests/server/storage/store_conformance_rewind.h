// What every store does when a worker is quarantined and what it reported is forgotten. Included after, and as,
// store_conformance.h.
#ifndef MINNOW_TESTS_SERVER_STORAGE_STORE_CONFORMANCE_REWIND_H_
#define MINNOW_TESTS_SERVER_STORAGE_STORE_CONFORMANCE_REWIND_H_

#include "tests/server/storage/store_conformance.h"

namespace minnow::storage {

TEST_P(StoreConformance, RemembersWhoIsQuarantinedUntilItIsForgiven) {
  core::Changes changes;
  changes.workers = {{{"ant", "s1"}, 4, "avx2", absl::FromUnixSeconds(1'600'000'000)}};
  changes.workers[0].quarantine = core::Quarantine{absl::FromUnixSeconds(1'600'000'009), "It \"lies\".", false};
  changes.workers[0].first = changes.workers[0].registered;
  Commit(changes);
  Reopen();
  EXPECT_EQ(TextOf(Load().workers.at(0)), TextOf(changes.workers[0]));
  changes.workers[0].quarantine->folded_out = true;
  Commit(changes);
  Reopen();
  EXPECT_TRUE(Load().workers.at(0).quarantine->folded_out);
  changes.workers[0].quarantine.reset();
  Commit(changes);
  Reopen();
  EXPECT_FALSE(Load().workers.at(0).quarantine.has_value());
}

TEST_P(StoreConformance, KnowsWhatAWorkerReported) {
  CommitJobWithBundle(1);
  CommitJobWithBundle(2);
  core::Changes changes;
  changes.trials = {FinishedTrial(2, 1, 0), FinishedTrial(1, 3, 0), FinishedTrial(1, 1, 0), FinishedTrial(1, 2, 0)};
  changes.trials[3].worker = "bee";
  Commit(changes);
  Reopen();
  EXPECT_THAT(*store_->ReportedBy("ant"),
              testing::ElementsAre(testing::Pair(1, 1), testing::Pair(1, 3), testing::Pair(2, 1)));
  EXPECT_THAT(*store_->ReportedBy("nobody"), testing::IsEmpty());
}

// A job with three bundles, one of them cut, and trials of "ant" and of "bee".
inline core::Changes ToBeRewound() {
  core::Changes changes = EverythingOf(1);
  changes.entries = {{1, BundleEntry(0, 1, 3)}, {1, BundleEntry(1, 4, 3)}, {1, BundleEntry(2, 7, 3)}};
  changes.entries[0].second.state = core::EntryState::kFolded;
  changes.entries[0].second.evidence_trials = 3;
  changes.entries[2].second.state = core::EntryState::kCut;
  changes.trials = {FinishedTrial(1, 1, 0), FinishedTrial(1, 2, 0), FinishedTrial(1, 4, 1), FinishedTrial(1, 7, 2)};
  for (TrialRecord& trial : changes.trials) trial.result.weights = {1, 2, 3};
  changes.trials[1].worker = changes.trials[2].worker = "bee";
  changes.evidence = {{1, 1, 2}};
  return changes;
}

TEST_P(StoreConformance, ARewoundJobHasMemosAloneAndNothingOfTheWorker) {
  Commit(ToBeRewound());
  Commit(EverythingOf(2));
  const std::string other = TextOf(*store_->LoadJob(2));
  core::Changes rewind;
  rewind.rewound = {{.job = 1, .without = "ant"}};
  Commit(rewind);
  Reopen();
  const core::JobSnapshot job = *store_->LoadJob(1);
  EXPECT_THAT(job.entries, testing::IsEmpty());
  ASSERT_EQ(job.beside.size(), 3u);
  for (const core::Entry& entry : job.beside) {
    EXPECT_EQ(entry.state, core::EntryState::kMemo);
    EXPECT_EQ(entry.evidence_trials, 0);
  }
  EXPECT_EQ(job.beside[1].content, BundleEntry(1, 4, 3).content);
  EXPECT_EQ(job.next_place, 0) << "what is a memo was never issued";
  EXPECT_EQ(job.next_trial, 1);
  EXPECT_EQ(job.outcomes.size(), 2u);
  EXPECT_TRUE(job.outcomes.contains(2) && job.outcomes.contains(4));
  EXPECT_TRUE(absl::IsNotFound(store_->Weights(1, 1).status()));
  EXPECT_TRUE(store_->Weights(1, 2).ok());
  EXPECT_EQ(TextOf(*store_->LoadJob(2)), other);
}

TEST_P(StoreConformance, ARewoundJobTakesItsLooksAndTrialsAgain) {
  Commit(ToBeRewound());
  core::Changes again;
  again.rewound = {{.job = 1, .without = "ant"}};
  again.entries = {{1, BundleEntry(0, 1, 3)}};
  again.trials = {FinishedTrial(1, 1, 0)};
  again.trials[0].worker = "bee";
  again.looks = ToBeRewound().looks;
  Commit(again);
  Reopen();
  const core::JobSnapshot job = *store_->LoadJob(1);
  ASSERT_EQ(job.entries.size(), 1u);
  EXPECT_EQ(job.beside.size(), 2u);
  EXPECT_EQ(job.next_place, 1);
  EXPECT_EQ(job.outcomes.size(), 3u);
  EXPECT_THAT(*store_->ReportedBy("ant"), testing::IsEmpty());
}

TEST_P(StoreConformance, ARewoundJobLosesTheTrialsOfItsReferencePhase) {
  core::Changes changes = ToBeRewound();
  changes.evidence.clear();
  for (TrialRecord& trial : changes.trials) trial.phase = Phase::kReference;
  Commit(changes);
  core::Changes rewind;
  rewind.rewound = {{.job = 1, .without = "nobody"}};
  Commit(rewind);
  EXPECT_THAT(store_->LoadJob(1)->outcomes, testing::IsEmpty());
}

TEST_P(StoreConformance, ForgetsEntriesFromAPlaceOnWithTheirTrials) {
  Commit(ToBeRewound());
  core::Changes forget;
  forget.forgotten = {{1, 1}};
  Commit(forget);
  Reopen();
  const core::JobSnapshot job = *store_->LoadJob(1);
  EXPECT_EQ(job.entries.size(), 1u);
  EXPECT_THAT(job.beside, testing::IsEmpty());
  EXPECT_EQ(job.next_place, 1) << "so their numbers are given again";
  EXPECT_EQ(job.next_trial, 4);
  EXPECT_EQ(job.outcomes.size(), 2u);
  core::Changes other;
  other.entries = {{1, BundleEntry(1, 4, 1)}};
  other.trials = {FinishedTrial(1, 4, 1)};
  Commit(other);
  EXPECT_EQ(store_->LoadJob(1)->next_trial, 5);
}

}  // namespace minnow::storage

#endif  // MINNOW_TESTS_SERVER_STORAGE_STORE_CONFORMANCE_REWIND_H_
