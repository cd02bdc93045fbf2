// What every store owes the coordinator, whatever it is made of. A test binary includes this once and says
//
//   INSTANTIATE_TEST_SUITE_P(Sqlite, StoreConformance, testing::Values(a function that returns a new StorePlace));
#ifndef MINNOW_TESTS_SERVER_STORAGE_STORE_CONFORMANCE_H_
#define MINNOW_TESTS_SERVER_STORAGE_STORE_CONFORMANCE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <random>
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
  job.spec.pass = PassPolicy::kReliable;
  job.spec.order_by = SizeMeasure::kMultiplyAdds;
  job.spec.early_stop = job.spec.require_shown = job.spec.characterise = true;
  job.spec.splits = 5;
  job.split_seed = ~uint64_t{0} - 1;
  job.characterise_seconds = 2.0 / 3;
  job.pass_rate = PassRate{64, 9};
  const Recipe recipe{InitScheme::kOrthogonal, Activation::kTanh, Optimizer::kAdam, 0.1, 17, 1e-7};
  job.reliable = ReliableShape{SmallShape({24}), recipe, 18, 17};
  job.reliable_reason = "none";
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
  core::Entry rate{.place = 6, .content = search::Bundle{.phase = Phase::kPassRate, .recipes = {4}, .first_trial = 4}};
  core::Entry rate_end{.place = 7, .content = core::PhaseEndMarker{Phase::kPassRate}};
  core::Entry end{.place = 8, .content = core::PhaseEndMarker{Phase::kReliable}};
  core::Changes changes;
  changes.entries = {{1, end},    {1, rate_end}, {1, rate},      {1, nothing},
                     {1, answer}, {1, look},     {1, threshold}, {1, hole}};
  Commit(changes);
  Reopen();
  std::string expected;
  for (const core::Entry& entry : {BundleEntry(0, 1, 3), hole, threshold, look, answer, nothing, rate, rate_end, end}) {
    expected += TextOf(entry);
  }
  std::string found;
  const core::Snapshot snapshot = Load();
  for (const core::Entry& entry : snapshot.jobs.at(0).entries) found += TextOf(entry);
  EXPECT_EQ(found, expected);
}

// What a plan follows from has to come back bit by bit: bounds are compared with scores.
TEST_P(StoreConformance, GivesTheBoundsOfABundleBackToTheLastBit) {
  CommitJobWithBundle(1);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  search::Bundle bundle{.recipes = {0, 12, 0}, .first_trial = 4};
  bundle.stop_bounds = {{0, {0.1, -0.0, 1.0 / 3, -kInfinity}}, {12, {kInfinity, 5e-324, 1.7976931348623157e308}}};
  std::mt19937_64 random(7);
  while (bundle.stop_bounds[0].size() < 1000) {
    const double bound = std::bit_cast<double>(random());
    if (std::isfinite(bound)) bundle.stop_bounds[0].push_back(bound);
  }
  bundle.guarded = {2, 0};
  core::Changes changes;
  changes.entries = {{1, {.place = 1, .content = bundle}}};
  Commit(changes);
  Reopen();
  const core::JobSnapshot job = Load().jobs.at(0);
  const search::Bundle found = std::get<search::Bundle>(job.entries.at(1).content);
  EXPECT_EQ(found, bundle);
  EXPECT_TRUE(std::signbit(found.stop_bounds.at(0)[1]));
  EXPECT_EQ(std::get<search::Bundle>(job.entries.at(0).content).stop_bounds.size(), 0u);
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

// A restart plans by these as the coordinator before it did.
TEST_P(StoreConformance, OutcomesAreThoseThatTheResultsGaveAtOnce) {
  CommitJobWithBundle(1);  // of 40 epochs: its rungs are at 3, 6, 12 and 24
  core::Changes changes;
  changes.trials = {FinishedTrial(1, 1, 0), FinishedTrial(1, 2, 0), FinishedTrial(1, 3, 0), FinishedTrial(1, 7, 0)};
  TrialResult& stopped = changes.trials[0].result;
  stopped.state = TrialState::kStoppedEarly;
  stopped.epochs = stopped.epoch = 6;
  stopped.scores = {{3, 0.7, 0.5, 0.625}, {6, 0.6, 0.375, 0.625}};
  TrialResult& audited = changes.trials[1].result;
  audited.epochs = audited.epoch = 40;
  audited.would_stop_epoch = 6;
  audited.standard_error = 1.0 / 3;
  audited.scores = {{3, 1, 0.1, 0.1}, {6, 1, 0.2, 0.2}, {12, 1, 0.1, 0.3}, {24, 1, 0.1, 0.4}, {40, 1, 0.5, 0.7}};
  TrialResult& diverged = changes.trials[2].result;
  diverged.state = TrialState::kDiverged;
  diverged.epochs = diverged.epoch = 3;
  diverged.best_score = WorstScore(Metric::kAccuracy);
  diverged.scores = {{3, std::numeric_limits<double>::infinity(), 0, WorstScore(Metric::kAccuracy)}};
  changes.trials[3].result.scores.clear();
  Commit(changes);
  Reopen();
  const auto outcomes = Load().jobs.at(0).outcomes;
  ASSERT_EQ(outcomes.size(), 4u);
  for (const TrialRecord& trial : changes.trials) {
    EXPECT_EQ(TextOf(outcomes.at(trial.number)), TextOf(search::OutcomeOf(trial.result, /*epochs=*/40)));
  }
  EXPECT_THAT(outcomes.at(1).best_at_rungs, testing::ElementsAre(0.625, 0.625));
  EXPECT_THAT(outcomes.at(2).best_at_rungs, testing::ElementsAre(0.1, 0.2, 0.3, 0.4));
  EXPECT_EQ(outcomes.at(2).best_at_end, 0.7);
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

TEST_P(StoreConformance, AJobThatStillAddsToItsAnswerIsNotOver) {
  CommitJobWithBundle(1);
  CommitJobWithBundle(2);
  core::Changes changes;
  changes.jobs = {SmallJob(1), SmallJob(2)};
  for (JobRecord& job : changes.jobs) job.state = JobState::kAnswered;
  changes.jobs[0].characterising = true;
  changes.leases = {{4, 1, 0, 0, 1, "ant", absl::FromUnixSeconds(10)},
                    {5, 2, 0, 0, 1, "ant", absl::FromUnixSeconds(10)}};
  Commit(changes);
  Reopen();
  const core::Snapshot snapshot = Load();
  ASSERT_EQ(snapshot.jobs.size(), 1u);
  EXPECT_EQ(TextOf(snapshot.jobs[0].record), TextOf(changes.jobs[0]));
  EXPECT_EQ(snapshot.jobs[0].entries.size(), 1u);
  ASSERT_EQ(snapshot.leases.size(), 1u);
  EXPECT_EQ(snapshot.leases[0].job, 1);
}

TEST_P(StoreConformance, KnowsWhoseSplitAJobIsAndDeletesItWithThat) {
  core::Changes changes;
  changes.datasets = SmallDatasets();
  changes.jobs = {SmallJob(3), SmallJob(2), SmallJob(1)};  // splits may be written before the job that they are of
  for (int split : {0, 1}) changes.jobs[split].parent = 1;
  changes.entries = {{3, BundleEntry(0, 1, 3)}};
  Commit(changes);
  Commit(EverythingOf(4));
  Reopen();
  const core::Snapshot before = Load();
  ASSERT_EQ(before.jobs.size(), 4u);
  EXPECT_EQ(TextOf(before.jobs[2].record), TextOf(changes.jobs[0]));
  core::Changes deletion;
  deletion.deleted_jobs = {1};
  Commit(deletion);
  Reopen();
  const core::Snapshot after = Load();
  ASSERT_EQ(after.jobs.size(), 1u);
  EXPECT_EQ(TextOf(after.jobs[0]), TextOf(before.jobs[3]));
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

}  // namespace minnow::storage

#endif  // MINNOW_TESTS_SERVER_STORAGE_STORE_CONFORMANCE_H_
