#include "server/core/job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/toy_desk.h"
#include "tests/support/toy_world.h"

namespace minnow::core {
namespace {

using testing::HasSubstr;

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
  world.Run(ToyRequest(ToyLadder()));
  EXPECT_EQ(Record(world).state, JobState::kAnswered);
  EXPECT_EQ(Parameters(Record(world).answer->shape), 23);
  EXPECT_EQ(Record(world).answer->confirmed, true);
  for (const auto& [key, shape] : world.stored().shapes) {
    if (Parameters(shape.shape) >= 23) continue;
    EXPECT_EQ(shape.evidence.verdict, Verdict::kNotGoodEnough) << ShapeText(shape.shape);
  }
}

TEST(Job, IsExhaustedWhenNothingPasses) {
  ToyWorld world(3, 1, PassesFrom(1'000'000));
  world.Run(ToyRequest(ToyLadder()));
  EXPECT_EQ(Record(world).state, JobState::kExhausted);
  EXPECT_FALSE(Record(world).answer.has_value());
  for (const auto& [key, shape] : world.stored().shapes) {
    EXPECT_EQ(shape.evidence.verdict, Verdict::kNotGoodEnough) << ShapeText(shape.shape);
  }
}

TEST(Job, AMissedLookSendsTheSearchToLargerShapes) {
  ToyWorld world(3, 1, PassesFrom(23));
  world.options().look_rule = [](int look) { return look == 3; };
  world.Run(ToyRequest(ToyLadder()));
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

// Always the first class, on 4 rows of each of three: every resample scores 1/3, but for the 0.8 % without that class
// and the 1.5 % without one of the others, which score 1/2. At 97.5 % these reach into the interval, at 95 % not.
TEST(Job, ALookByAnotherMetricHasABootstrapIntervalAtItsLevel) {
  JobSpec spec = ToyLadder();
  spec.goal.metric = Metric::kBalancedAccuracy;
  spec.confirm = 1;
  ToyWorld world(1, 1, PassesFrom(23));
  world.options().look_rule = [](int) { return false; };
  world.Run(ToyRequest(spec));
  const LookMarker& look = world.stored().looks.at(0).marker;
  EXPECT_NEAR(look.score, 1.0 / 3, 1e-12);
  EXPECT_NEAR(look.interval.low, 1.0 / 3, 1e-12);
  EXPECT_NEAR(look.interval.high, 1.0 / 2, 1e-12);
}

TEST(Job, ReturnsTheFirstLookWhenAllAreMissed) {
  ToyWorld world(3, 1, PassesFrom(23));
  world.options().look_rule = [](int) { return false; };
  world.Run(ToyRequest(ToyLadder()));
  EXPECT_EQ(world.stored().looks.size(), 3u);
  EXPECT_EQ(Record(world).state, JobState::kAnswered);
  EXPECT_EQ(Record(world).answer->confirmed, false);
  EXPECT_EQ(Record(world).answer->trial, world.stored().looks[0].marker.trial);
}

TEST(Job, LooksNoFurtherWhenNoLargerShapePasses) {
  ToyWorld world(2, 1, PassesFrom(123));  // the largest shape alone
  world.options().look_rule = [](int) { return false; };
  world.Run(ToyRequest(ToyLadder()));
  EXPECT_EQ(world.stored().looks.size(), 1u);
  EXPECT_EQ(Record(world).state, JobState::kAnswered);
  EXPECT_EQ(Record(world).answer->confirmed, false);
}

TEST(Job, FindsItsThresholdFirstWhenItHasNone) {
  JobSpec spec = ToyLadder();
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
  JobSpec spec = ToyLadder();
  spec.goal.value.reset();
  ToyWorld world(2, 1, [](const SliceWork&, const TrialSpec&) {
    return ToyOutcome{.passes = false, .best_score = WorstScore(Metric::kAccuracy)};
  });
  world.Run(ToyRequest(spec));
  EXPECT_EQ(Record(world).state, JobState::kFailed);
  EXPECT_THAT(Record(world).reason, HasSubstr("--good-enough"));
}

TEST(Job, ABudgetOfTrialsIsNeverExceededAndALargerOneGoesOn) {
  JobSpec spec = ToyLadder();
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
  EXPECT_GT(world.stored().evidence.size(), 100u);
}

TEST(Job, ABudgetOfEpochsCountsTheWorstCase) {
  JobSpec spec = ToyLadder();
  spec.budget.epochs = 40 * 70 + 39;
  ToyWorld world(4, 1, PassesFrom(1'000'000));
  world.Run(ToyRequest(spec));
  EXPECT_EQ(Record(world).state, JobState::kBudgetSpent);
  EXPECT_EQ(world.stored().evidence.size(), 70u);
}

TEST(Job, ABudgetOfSecondsStopsTheJob) {
  JobSpec spec = ToyLadder();
  spec.budget.seconds = 5;
  ToyDesk desk;
  desk.Join("a");
  const int64_t job = desk.Submit(spec);
  ASSERT_TRUE(desk.LeaseOne("a").has_value());
  EXPECT_LE(desk.coordinator().NextTick(), desk.now() + absl::Seconds(5));
  desk.Wait(absl::Seconds(4.9));
  EXPECT_EQ(desk.Progress(job).state, JobState::kRunning);
  desk.Wait(absl::Seconds(0.1));
  EXPECT_EQ(desk.Progress(job).state, JobState::kBudgetSpent);
  EXPECT_FALSE(desk.LeaseOne("a").has_value());
}

TEST(Job, AnInterruptedJobWhoseNewBudgetOfSecondsIsSpentEnds) {
  JobSpec spec = ToyLadder();
  ToyDesk desk;
  desk.Join("a");
  const int64_t job = desk.Submit(spec);
  desk.Wait(absl::Seconds(3));
  ASSERT_TRUE(desk.Finish(*desk.LeaseOne("a"), "a").ok());
  desk.Commit();
  desk.Crash();
  spec.budget.seconds = 1;
  EXPECT_EQ(desk.Submit(spec), job);
  EXPECT_EQ(desk.Progress(job).state, JobState::kBudgetSpent);
  spec.budget.seconds = 5;
  EXPECT_EQ(desk.Submit(spec), job);
  EXPECT_EQ(desk.Progress(job).state, JobState::kRunning);
  EXPECT_EQ(desk.coordinator().NextTick(), desk.now() + absl::Seconds(2)) << "three of the five seconds are spent";
}

TEST(Job, AskedForAgainWhileItRunsItsClockGoesOn) {
  JobSpec spec = ToyLadder();
  spec.budget.seconds = 5;
  ToyDesk desk;
  desk.Submit(spec);
  desk.Wait(absl::Seconds(4));
  desk.Submit(spec);
  EXPECT_EQ(desk.coordinator().NextTick(), desk.now() + absl::Seconds(1));
}

TEST(Job, ALookThatGivesNoNumbersIsMissed) {
  ToyDesk desk;
  desk.Join("a");
  const int64_t job = desk.Submit(ToyLadder());
  while (const std::optional<Lease> lease = desk.LeaseOne("a")) {
    LeaseReport report = desk.ReportOf(*lease, "a", /*passes=*/true);
    if (report.outputs) report.outputs->assign(36, std::nanf(""));
    ASSERT_TRUE(desk.Report(report, "a").statuses[0].ok());
  }
  EXPECT_EQ(desk.Progress(job).looks, 3);
  desk.Commit();
  for (const LookRecord& look : desk.stored().looks) {
    EXPECT_EQ(look.grade, "missed");
    EXPECT_FALSE(look.marker.confirmed);
  }
}

TEST(Job, AGridTrainsEverythingAndOpensTheTestPart) {
  JobSpec spec = ToyLadder();
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
  EXPECT_EQ(smallest.evidence.verdict, Verdict::kUndecided) << "27 misses reject nothing";
}

TEST(Job, AGridRejectsAShapeByTheTrialsThatALadderTakes) {
  JobSpec spec = ToyLadder();
  spec.search = SearchKind::kGrid;
  spec.grid_seeds = 7;
  ToyWorld world(4, 1, PassesFrom(23));
  world.Run(ToyRequest(spec));
  int rejected = 0;
  for (const auto& [key, shape] : world.stored().shapes) {
    const bool passes = Parameters(shape.shape) >= 23;
    EXPECT_EQ(shape.evidence.verdict, passes ? Verdict::kGoodEnough : Verdict::kNotGoodEnough) << key.second;
    EXPECT_TRUE(passes || shape.because == (shape.shape.hidden.empty() ? "convex" : "direct")) << shape.because;
    rejected += passes ? 0 : 1;
  }
  EXPECT_GT(rejected, 3);
}

TEST(Job, ARandomSearchGrowsWithItsBudget) {
  JobSpec spec = ToyLadder();
  spec.search = SearchKind::kRandom;
  ToyWorld world(4, 1, PassesFrom(1'000'000));
  world.Run(ToyRequest(spec));
  EXPECT_EQ(world.stored().evidence.size(), 100u);
  EXPECT_EQ(Record(world).state, JobState::kExhausted);
  spec.budget.trials = 150;
  world.Run(ToyRequest(spec));
  EXPECT_EQ(world.stored().evidence.size(), 150u);
}

TEST(Job, FailsWithTheReasonWhenAPieceOfWorkFailsOnThreeWorkers) {
  ToyDesk desk;
  for (const char* name : {"a", "b", "c"}) desk.Join(name);
  const int64_t job = desk.Submit(ToyLadder());
  int attempt = 0;
  for (const char* name : {"a", "b", "c"}) {
    const std::optional<Lease> lease = desk.LeaseOne(name);
    ASSERT_TRUE(lease.has_value());
    EXPECT_EQ(lease->attempt, ++attempt);
    ASSERT_TRUE(desk.Report({.lease = lease->id, .failure = "out of memory"}, name).statuses[0].ok());
  }
  EXPECT_EQ(desk.Progress(job).state, JobState::kFailed);
  EXPECT_THAT(desk.Progress(job).reason, HasSubstr("out of memory"));
}

TEST(Job, RefusesAReportThatDoesNotFitItsLease) {
  ToyDesk desk;
  desk.Join("a");
  desk.Join("b");
  desk.Submit(ToyLadder());
  const std::optional<Lease> lease = desk.LeaseOne("a");
  const LeaseReport good = desk.ReportOf(*lease, "a", /*passes=*/true);
  const auto code = [&](const LeaseReport& report) { return desk.Report(report, "a").statuses[0].code(); };
  LeaseReport report = good;
  report.trials.pop_back();
  EXPECT_EQ(code(report), absl::StatusCode::kInvalidArgument);
  report = good;
  report.trials[0].epochs = 41;
  EXPECT_EQ(code(report), absl::StatusCode::kInvalidArgument);
  report = good;
  report.trials[0].weights.clear();
  EXPECT_EQ(code(report), absl::StatusCode::kInvalidArgument);
  report = good;
  report.trials[0].state = TrialState::kCancelled;
  EXPECT_EQ(code(report), absl::StatusCode::kInvalidArgument);
  report = good;
  report.lease = 999;
  EXPECT_EQ(code(report), absl::StatusCode::kNotFound);
  EXPECT_EQ(desk.Report(good, "b").statuses[0].code(), absl::StatusCode::kInvalidArgument) << "it is the lease of a";
  EXPECT_EQ(code(good), absl::StatusCode::kOk);
}

TEST(Job, IsAnotherOneWhenClassesHaveOtherNames) {
  ToyDesk desk;
  SubmitRequest request = ToyRequest(ToyLadder());
  const auto submit = [&](const char* preparation) {
    request.preparation = preparation;
    return desk.coordinator().Submit(request, desk.now())->job;
  };
  EXPECT_EQ(submit(R"({"classes": ["a", "b", "c"], "notes": ["one"]})"), 1);
  EXPECT_EQ(submit(R"({"classes": ["a", "b", "c"], "notes": ["said otherwise"]})"), 1);
  EXPECT_EQ(submit(R"({"classes": ["x", "y", "z"], "notes": ["one"]})"), 2);
}

TEST(Job, RefusesAMetricOfTheOtherTask) {
  JobSpec spec = ToyLadder();
  spec.goal = {.metric = Metric::kRmse, .value = 1.0};
  ToyDesk desk;
  EXPECT_EQ(desk.coordinator().Submit(ToyRequest(spec), desk.now()).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace minnow::core
