// Jobs share the workers by priority, measured in the epochs that were reported.
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
