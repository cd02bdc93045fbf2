// Owners and jobs share the workers by priority, measured in the epochs that were reported.
#include <gtest/gtest.h>

#include "tests/support/toy_world.h"

namespace minnow::core {
namespace {

// A table that is longer than the test.
JobSpec Grid(int priority, uint64_t seed) {
  JobSpec spec;
  spec.goal.value = 0.95;
  spec.units = {1, 2, 3, 4, 6, 8, 12, 16};
  spec.search = SearchKind::kGrid;
  spec.grid_seeds = 60;
  spec.priority = priority;
  spec.seed = seed;
  return spec;
}

double ReportedEpochs(const ToyWorld& world, int64_t job) {
  double epochs = 0;
  for (const auto& [key, trial] : world.stored().trials) {
    if (key.first == job) epochs += trial.result.epochs;
  }
  return epochs;
}

ToyWorld::Options Options(ToyTrainer trainer) {
  ToyWorld::Options options;
  options.workers = 3;
  options.trainer = std::move(trainer);
  options.machines = {{1, 1.0}, {2, 0.5}, {4, 2.0}};
  return options;
}

TEST(Priority, OneToThreeInEpochs) {
  ToyWorld world(Options([](const SliceWork&, const TrialSpec&) { return ToyOutcome(); }));
  const int64_t first = world.Submit(ToyRequest(Grid(/*priority=*/1, 1)));
  const int64_t second = world.Submit(ToyRequest(Grid(/*priority=*/3, 2)));
  world.RunFor(absl::Seconds(30));
  ASSERT_FALSE(IsFinal(world.coordinator().Progress(second, world.now())->state)) << "both must have work";
  EXPECT_GT(ReportedEpochs(world, first), 10'000);
  EXPECT_NEAR(ReportedEpochs(world, second) / ReportedEpochs(world, first), 3, 0.3);
}

TEST(Priority, WhatATrialThatEndedEarlyDidNotUseIsNotCounted) {
  // The first job's trials end after 4 of their 40 epochs.
  ToyWorld world(Options([](const SliceWork& work, const TrialSpec&) {
    return work.job_seed == 1 ? ToyOutcome{.passes = true, .best_score = 0.96, .epochs = 4} : ToyOutcome();
  }));
  const int64_t first = world.Submit(ToyRequest(Grid(/*priority=*/1, 1)));
  const int64_t second = world.Submit(ToyRequest(Grid(/*priority=*/3, 2)));
  world.RunFor(absl::Seconds(30));
  ASSERT_FALSE(IsFinal(world.coordinator().Progress(first, world.now())->state));
  ASSERT_FALSE(IsFinal(world.coordinator().Progress(second, world.now())->state));
  EXPECT_GT(ReportedEpochs(world, first), 10'000);
  EXPECT_NEAR(ReportedEpochs(world, second) / ReportedEpochs(world, first), 3, 0.3);
}

TEST(Priority, AJobThatComesLaterSharesFromThenOn) {
  ToyWorld world(Options([](const SliceWork&, const TrialSpec&) { return ToyOutcome(); }));
  const int64_t first = world.Submit(ToyRequest(Grid(/*priority=*/1, 1)));
  world.RunFor(absl::Seconds(10));
  const double before = ReportedEpochs(world, first);
  const int64_t second = world.Submit(ToyRequest(Grid(/*priority=*/1, 2)));
  world.RunFor(absl::Seconds(20));
  EXPECT_NEAR(ReportedEpochs(world, second) / (ReportedEpochs(world, first) - before), 1, 0.1);
}

SubmitRequest OwnedGrid(const std::string& owner, uint64_t seed) {
  SubmitRequest request = ToyRequest(Grid(/*priority=*/1, seed));
  request.owner = owner;
  return request;
}

TEST(Priority, APersonWithTenJobsDoesNotGetTenShares) {
  ToyWorld world(Options([](const SliceWork&, const TrialSpec&) { return ToyOutcome(); }));
  std::vector<int64_t> tens;
  for (uint64_t seed = 1; seed <= 10; ++seed) tens.push_back(world.Submit(OwnedGrid("ten", seed)));
  const int64_t one = world.Submit(OwnedGrid("one", 11));
  world.RunFor(absl::Seconds(60));
  ASSERT_FALSE(IsFinal(world.coordinator().Progress(one, world.now())->state)) << "both must have work";
  double all_of_ten = 0;
  for (int64_t job : tens) all_of_ten += ReportedEpochs(world, job);
  EXPECT_GT(all_of_ten, 10'000);
  EXPECT_NEAR(ReportedEpochs(world, one) / all_of_ten, 1, 0.1);
  for (int64_t job : tens) EXPECT_NEAR(ReportedEpochs(world, job), all_of_ten / 10, all_of_ten / 50);
}

// A small search, and how long it takes on these workers from now on.
absl::Duration TimeOfASmallJob(ToyWorld& world) {
  JobSpec spec;
  spec.goal.value = 0.95;
  spec.units = {1, 2};
  spec.seed = 77;
  const absl::Time begin = world.now();
  const int64_t job = world.Submit(ToyRequest(spec));
  world.RunUntilEnded(job);
  return world.now() - begin;
}

TEST(Priority, AShortJobIsNotStuckBehindALongOne) {
  const auto misses = [](const SliceWork&, const TrialSpec&) { return ToyOutcome(); };
  ToyWorld alone(Options(misses));
  const absl::Duration time_alone = TimeOfASmallJob(alone);
  ToyWorld busy(Options(misses));
  const int64_t longer = busy.Submit(ToyRequest(Grid(/*priority=*/1, 1)));
  busy.RunFor(absl::Seconds(10));
  const absl::Duration time_beside = TimeOfASmallJob(busy);
  EXPECT_FALSE(IsFinal(busy.coordinator().Progress(longer, busy.now())->state));
  EXPECT_GT(time_beside, time_alone) << "it does share";
  EXPECT_LT(time_beside, 4 * time_alone);
}

TEST(Priority, AShortJobGetsItsFirstWorkWithinTheTimeOfASlice) {
  ToyWorld world(Options([](const SliceWork&, const TrialSpec&) { return ToyOutcome(); }));
  world.Submit(ToyRequest(Grid(/*priority=*/1, 1)));
  world.RunFor(absl::Seconds(10));
  // The longest that any thread of these machines is busy with one slice of the long job.
  const absl::Duration slice =
      absl::Seconds(kMaxSliceTrials * ToySeconds(Shape{.inputs = 2, .hidden = {16, 16}, .outputs = 3}, 40) / 0.5);
  JobSpec spec = Grid(/*priority=*/1, 2);
  const absl::Time submitted = world.now();
  const int64_t job = world.Submit(ToyRequest(spec));
  world.RunWhile([&] { return world.coordinator().Progress(job, world.now())->workers == 0; });
  EXPECT_LE(world.now() - submitted, slice);
}

TEST(Priority, StoppedWorkersAndCrashesChangeLittle) {
  ToyWorld::Options options = Options([](const SliceWork&, const TrialSpec&) { return ToyOutcome(); });
  options.faults = {.crash_one_in = 500, .stop_one_in = 200, .kill_one_in = 400};
  ToyWorld world(std::move(options));
  const int64_t first = world.Submit(ToyRequest(Grid(/*priority=*/1, 1)));
  const int64_t second = world.Submit(ToyRequest(Grid(/*priority=*/3, 2)));
  world.RunFor(absl::Seconds(60));
  EXPECT_GT(world.counts().crashes, 0);
  EXPECT_NEAR(ReportedEpochs(world, second) / ReportedEpochs(world, first), 3, 0.3);
}

}  // namespace
}  // namespace minnow::core
