#include "server/core/job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/toy_world.h"

namespace minnow::core {
namespace {

using testing::HasSubstr;

JobSpec Ladder() {
  JobSpec spec;
  spec.goal.value = 0.95;
  spec.units = {1, 2, 4, 8};
  return spec;
}

// Shapes with at least this many parameters pass; with 2 inputs and 3 outputs [4,1] has 23, [8] has 51.
auto PassesFrom(int64_t parameters) {
  return [parameters](const SliceWork& work, const TrialSpec&) {
    const bool passes = Parameters(work.shape) >= parameters;
    return ToyOutcome{.passes = passes, .best_score = passes ? 0.96 : 0.9};
  };
}

const JobRecord& Record(const ToyWorld& world) { return world.stored().jobs.at(1); }

TEST(Job, AnswersWithTheSmallestShapeThatPasses) {
  ToyWorld world(1, 1, PassesFrom(23));
  world.Run(ToyRequest(Ladder()));
  EXPECT_EQ(Record(world).state, JobState::kAnswered);
  EXPECT_EQ(Parameters(Record(world).answer->shape), 23);
  EXPECT_EQ(Record(world).answer->confirmed, true);
  for (const auto& [key, shape] : world.stored().shapes) {
    if (Parameters(shape.shape) >= 23) continue;
    EXPECT_EQ(shape.evidence.verdict, search::Verdict::kNotGoodEnough) << ShapeText(shape.shape);
  }
}

TEST(Job, IsExhaustedWhenNothingPasses) {
  ToyWorld world(3, 1, PassesFrom(1'000'000));
  world.Run(ToyRequest(Ladder()));
  EXPECT_EQ(Record(world).state, JobState::kExhausted);
  EXPECT_FALSE(Record(world).answer.has_value());
  for (const auto& [key, shape] : world.stored().shapes) {
    EXPECT_EQ(shape.evidence.verdict, search::Verdict::kNotGoodEnough) << ShapeText(shape.shape);
  }
}

TEST(Job, AMissedLookSendsTheSearchToLargerShapes) {
  ToyWorld world(3, 1, PassesFrom(23));
  world.look_rule = [](int look) { return look == 3; };
  world.Run(ToyRequest(Ladder()));
  ASSERT_EQ(world.stored().looks.size(), 3u);
  const auto& looks = world.stored().looks;
  EXPECT_LT(Parameters(world.stored().shapes.at({1, looks[0].marker.shape}).shape),
            Parameters(world.stored().shapes.at({1, looks[1].marker.shape}).shape));
  EXPECT_EQ(world.stored().shapes.at({1, looks[0].marker.shape}).because, "missed on test");
  EXPECT_EQ(Record(world).state, JobState::kAnswered);
  EXPECT_EQ(Record(world).answer->confirmed, true);
  EXPECT_EQ(Record(world).answer->trial, looks[2].marker.trial);
  EXPECT_NEAR(looks[0].marker.level, 0.975, 1e-12);
  EXPECT_NEAR(looks[2].marker.level, 1 - 0.05 / 12, 1e-12);
}

TEST(Job, ReturnsTheFirstLookWhenAllAreMissed) {
  ToyWorld world(3, 1, PassesFrom(23));
  world.look_rule = [](int) { return false; };
  world.Run(ToyRequest(Ladder()));
  EXPECT_EQ(world.stored().looks.size(), 3u);
  EXPECT_EQ(Record(world).state, JobState::kAnswered);
  EXPECT_EQ(Record(world).answer->confirmed, false);
  EXPECT_EQ(Record(world).answer->trial, world.stored().looks[0].marker.trial);
}

TEST(Job, LooksNoFurtherWhenNoLargerShapePasses) {
  ToyWorld world(
      2, 1, [](const SliceWork& work, const TrialSpec&) { return ToyOutcome{.passes = Parameters(work.shape) == 23}; });
  world.look_rule = [](int) { return false; };
  world.Run(ToyRequest(Ladder()));
  EXPECT_EQ(world.stored().looks.size(), 1u);
  EXPECT_EQ(Record(world).state, JobState::kAnswered);
  EXPECT_EQ(Record(world).answer->confirmed, false);
}

TEST(Job, FindsItsThresholdFirstWhenItHasNone) {
  JobSpec spec = Ladder();
  spec.goal.value.reset();
  ToyWorld world(3, 1, PassesFrom(23));
  world.Run(ToyRequest(spec));
  EXPECT_EQ(Record(world).state, JobState::kAnswered);
  // The toy prediction is right on every row, so the standard error is 0.
  EXPECT_EQ(Record(world).threshold, 0.96);
  for (const auto& [key, trial] : world.stored().trials) {
    EXPECT_FALSE(trial.phase == Phase::kReference && world.stored().evidence.contains(key));
    EXPECT_FALSE(trial.phase == Phase::kReference && world.stored().weights.contains(key)) << "dropped at the marker";
  }
}

TEST(Job, FailsWithAReasonWhenTheLargestNetworksShowNoThreshold) {
  JobSpec spec = Ladder();
  spec.goal.value.reset();
  ToyWorld world(2, 1, [](const SliceWork&, const TrialSpec&) {
    return ToyOutcome{.passes = false, .best_score = WorstScore(Metric::kAccuracy)};
  });
  world.Run(ToyRequest(spec));
  EXPECT_EQ(Record(world).state, JobState::kFailed);
  EXPECT_THAT(Record(world).reason, HasSubstr("--good-enough"));
}

TEST(Job, ABudgetOfTrialsIsNeverExceededAndALargerOneGoesOn) {
  JobSpec spec = Ladder();
  ToyWorld unlimited(2, 1, PassesFrom(23));
  unlimited.Run(ToyRequest(spec));

  spec.budget.trials = 100;
  ToyWorld world(2, 1, PassesFrom(23));
  world.Run(ToyRequest(spec));
  EXPECT_EQ(Record(world).state, JobState::kBudgetSpent);
  EXPECT_EQ(world.stored().evidence.size(), 100u);
  world.Run(ToyRequest(spec));
  EXPECT_EQ(world.stored().evidence.size(), 100u) << "the same budget changes nothing";
  spec.budget.trials = 100'000;
  EXPECT_EQ(world.Run(ToyRequest(spec)), 1);
  EXPECT_EQ(Record(world).state, JobState::kAnswered);
  EXPECT_EQ(Record(world).answer->shape, Record(unlimited).answer->shape);
  EXPECT_EQ(world.stored().evidence.size(), unlimited.stored().evidence.size());
}

TEST(Job, ABudgetOfEpochsCountsTheWorstCase) {
  JobSpec spec = Ladder();
  spec.budget.epochs = 40 * 70 + 39;
  ToyWorld world(4, 1, PassesFrom(1'000'000));
  world.Run(ToyRequest(spec));
  EXPECT_EQ(Record(world).state, JobState::kBudgetSpent);
  EXPECT_EQ(world.stored().evidence.size(), 70u);
}

TEST(Job, ABudgetOfSecondsStopsTheJob) {
  JobSpec spec = Ladder();
  spec.budget.seconds = 5;
  const SubmitRequest request = ToyRequest(spec);
  StoredState stored;
  Coordinator coordinator({}, stored.Load());
  const absl::Time start = absl::UnixEpoch();
  const int64_t job = coordinator.Submit(request, start)->job;
  ASSERT_TRUE(coordinator.LeaseWork("a", job, start).has_value());
  EXPECT_EQ(coordinator.NextTick(), start + absl::Seconds(5));
  coordinator.Tick(start + absl::Seconds(4));
  EXPECT_EQ(coordinator.Progress(job)->state, JobState::kRunning);
  coordinator.Tick(start + absl::Seconds(5));
  EXPECT_EQ(coordinator.Progress(job)->state, JobState::kBudgetSpent);
  EXPECT_FALSE(coordinator.LeaseWork("a", job, start + absl::Seconds(5)).has_value());
}

TEST(Job, AnInterruptedJobWhoseNewBudgetOfSecondsIsSpentEnds) {
  JobSpec spec = Ladder();
  const absl::Time start = absl::UnixEpoch();
  StoredState stored;
  {
    Coordinator coordinator({}, stored.Load());
    const int64_t job = coordinator.Submit(ToyRequest(spec), start)->job;
    const absl::Time later = start + absl::Seconds(3);
    const std::optional<Lease> lease = coordinator.LeaseWork("a", job, later);
    LeaseReport report{
        .lease = lease->id, .worker = "a", .trials = std::vector<TrialResult>(lease->slice->trials.size())};
    ASSERT_TRUE(coordinator.Report(report, later).ok());
    stored.Apply(coordinator.TakeChanges());
  }
  Coordinator coordinator({.void_leases = true}, stored.Load());
  spec.budget.seconds = 1;
  const int64_t job = coordinator.Submit(ToyRequest(spec), start)->job;
  EXPECT_EQ(coordinator.Progress(job)->state, JobState::kBudgetSpent);
  spec.budget.seconds = 5;
  EXPECT_EQ(coordinator.Submit(ToyRequest(spec), start)->job, job);
  EXPECT_EQ(coordinator.Progress(job)->state, JobState::kRunning);
  EXPECT_EQ(coordinator.NextTick(), start + absl::Seconds(2)) << "three of the five seconds are spent";
}

TEST(Job, AskedForAgainWhileItRunsItsClockGoesOn) {
  JobSpec spec = Ladder();
  spec.budget.seconds = 5;
  StoredState stored;
  Coordinator coordinator({}, stored.Load());
  const absl::Time start = absl::UnixEpoch();
  ASSERT_TRUE(coordinator.Submit(ToyRequest(spec), start).ok());
  ASSERT_TRUE(coordinator.Submit(ToyRequest(spec), start + absl::Seconds(4)).ok());
  EXPECT_EQ(coordinator.NextTick(), start + absl::Seconds(5));
}

TEST(Job, ALookThatGivesNoNumbersIsMissed) {
  StoredState stored;
  Coordinator coordinator({}, stored.Load());
  const absl::Time now = absl::UnixEpoch();
  const int64_t job = coordinator.Submit(ToyRequest(Ladder()), now)->job;
  while (const std::optional<Lease> lease = coordinator.LeaseWork("a", job, now)) {
    LeaseReport report{.lease = lease->id, .worker = "a"};
    if (lease->prediction) {
      report.outputs = std::vector<float>(36, std::nanf(""));
    } else {
      report.trials.resize(lease->slice->trials.size());
      for (TrialResult& trial : report.trials) trial.state = TrialState::kPassed;
    }
    ASSERT_TRUE(coordinator.Report(report, now).ok());
  }
  EXPECT_EQ(coordinator.Progress(job)->looks, 3);
  const Changes changes = coordinator.TakeChanges();
  for (const LookRecord& look : changes.looks) {
    EXPECT_EQ(look.grade, "missed");
    EXPECT_FALSE(look.marker.confirmed);
  }
}

TEST(Job, AGridTrainsEverythingAndOpensTheTestPart) {
  JobSpec spec = Ladder();
  spec.search = SearchKind::kGrid;
  ToyWorld world(4, 1, [](const SliceWork& work, const TrialSpec&) {
    EXPECT_TRUE(work.train_on);
    EXPECT_FALSE(work.test_sha256.empty());
    return ToyOutcome{.passes = Parameters(work.shape) >= 23};
  });
  world.Run(ToyRequest(spec));
  EXPECT_EQ(world.stored().evidence.size(), 21u * 9 * 3);
  EXPECT_EQ(Record(world).state, JobState::kAnswered);
  EXPECT_EQ(Record(world).answer->confirmed, std::nullopt);
  EXPECT_TRUE(world.stored().looks.empty());
  const ShapeRecord& smallest = world.stored().shapes.at({1, 1});
  ASSERT_EQ(ShapeText(smallest.shape), "2-1-3");
  EXPECT_EQ(smallest.evidence.verdict, search::Verdict::kUndecided) << "27 misses reject nothing";
}

TEST(Job, ARandomSearchGrowsWithItsBudget) {
  JobSpec spec = Ladder();
  spec.search = SearchKind::kRandom;
  ToyWorld world(4, 1, PassesFrom(1'000'000));
  world.Run(ToyRequest(spec));
  EXPECT_EQ(world.stored().evidence.size(), 100u);
  EXPECT_EQ(Record(world).state, JobState::kExhausted);
  spec.budget.trials = 150;
  world.Run(ToyRequest(spec));
  EXPECT_EQ(world.stored().evidence.size(), 150u);
}

TEST(Job, FailsWithTheReasonWhenAPieceOfWorkFailsThreeTimes) {
  StoredState stored;
  Coordinator coordinator({}, stored.Load());
  const absl::Time now = absl::UnixEpoch();
  const int64_t job = coordinator.Submit(ToyRequest(Ladder()), now)->job;
  for (int i = 0; i < kMaxFailures; ++i) {
    const std::optional<Lease> lease = coordinator.LeaseWork("a", job, now);
    ASSERT_TRUE(lease.has_value());
    EXPECT_EQ(lease->attempt, i + 1);
    ASSERT_TRUE(coordinator.Report({.lease = lease->id, .worker = "a", .failure = "out of memory"}, now).ok());
  }
  EXPECT_EQ(coordinator.Progress(job)->state, JobState::kFailed);
  EXPECT_THAT(coordinator.Progress(job)->reason, HasSubstr("out of memory"));
}

TEST(Job, RefusesAReportThatDoesNotFitItsLease) {
  StoredState stored;
  Coordinator coordinator({}, stored.Load());
  const absl::Time now = absl::UnixEpoch();
  const int64_t job = coordinator.Submit(ToyRequest(Ladder()), now)->job;
  const std::optional<Lease> lease = coordinator.LeaseWork("a", job, now);
  LeaseReport report{.lease = lease->id, .worker = "a", .trials = std::vector<TrialResult>(3)};
  EXPECT_EQ(coordinator.Report(report, now).code(), absl::StatusCode::kInvalidArgument);
  report.lease = 999;
  EXPECT_EQ(coordinator.Report(report, now).code(), absl::StatusCode::kNotFound);
}

TEST(Job, AnExpiredLeaseIsGivenToAnotherWorker) {
  StoredState stored;
  Coordinator coordinator({.lease = absl::Seconds(10)}, stored.Load());
  const absl::Time start = absl::UnixEpoch();
  const int64_t job = coordinator.Submit(ToyRequest(Ladder()), start)->job;
  const std::optional<Lease> first = coordinator.LeaseWork("a", job, start);
  coordinator.Tick(start + absl::Seconds(11));
  const std::optional<Lease> second = coordinator.LeaseWork("b", job, start + absl::Seconds(11));
  EXPECT_EQ(second->slice->trials, first->slice->trials);
  EXPECT_EQ(second->attempt, 2);
}

TEST(Job, IsAnotherOneWhenClassesHaveOtherNames) {
  StoredState stored;
  Coordinator coordinator({}, stored.Load());
  SubmitRequest request = ToyRequest(Ladder());
  request.preparation = R"({"classes": ["a", "b", "c"], "notes": ["one"]})";
  EXPECT_EQ(coordinator.Submit(request, absl::UnixEpoch())->job, 1);
  request.preparation = R"({"classes": ["a", "b", "c"], "notes": ["said otherwise"]})";
  EXPECT_EQ(coordinator.Submit(request, absl::UnixEpoch())->job, 1);
  request.preparation = R"({"classes": ["x", "y", "z"], "notes": ["one"]})";
  EXPECT_EQ(coordinator.Submit(request, absl::UnixEpoch())->job, 2);
}

TEST(Job, RefusesAMetricOfTheOtherTask) {
  JobSpec spec = Ladder();
  spec.goal = {.metric = Metric::kRmse, .value = 1.0};
  StoredState stored;
  Coordinator coordinator({}, stored.Load());
  EXPECT_EQ(coordinator.Submit(ToyRequest(spec), absl::UnixEpoch()).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace minnow::core
