// What people see of a job is the same, byte for byte, whatever happened to workers and server while it ran.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/simulation/simulated_job.h"

namespace minnow::simulation {
namespace {

constexpr unsigned kSchedules = 50;
constexpr int kWindow = 8;  // of a ladder

TEST(SameAnswer, OverFiftySchedulesOfKillsJoinsAndDelays) {
  const Scenario scenario = ShuffledLadder();
  const Outcome quiet = Live(scenario, {});
  EXPECT_GE(quiet.incumbents, 3);
  EXPECT_GE(quiet.cut_bundles, 1) << "a pass in the middle of a bundle";
  EXPECT_GE(quiet.moot_bundles, 1);
  core::ToyCounts all;
  for (unsigned schedule = 1; schedule <= kSchedules; ++schedule) {
    const Outcome outcome = Live(scenario, RandomLife(schedule));
    ASSERT_EQ(outcome.seen, quiet.seen) << "schedule " << schedule;
    all.most_outstanding = std::max(all.most_outstanding, outcome.counts.most_outstanding);
    all.crashes += outcome.counts.crashes;
    all.kills += outcome.counts.kills;
    all.takeovers += outcome.counts.takeovers;
    all.coordinator += outcome.counts.coordinator;
  }
  EXPECT_EQ(all.most_outstanding, kWindow + 1) << "the window binds: an entry and those that its plan does not see";
  EXPECT_GT(all.crashes, 100);
  EXPECT_GT(all.kills, 100);
  EXPECT_GT(all.takeovers, 10);
  EXPECT_GT(all.coordinator.hedges, 100);
  EXPECT_GT(all.coordinator.late_reports, 10);
  EXPECT_GT(all.coordinator.duplicates, 10);
  EXPECT_EQ(all.coordinator.mismatches, 0) << "a trial is a function";
}

TEST(SameAnswer, WithOneThreeAndSevenWorkers) {
  for (const Scenario& scenario : {ShuffledLadder(), MissedLooks(), RandomSearch()}) {
    const Outcome quiet = Live(scenario, {});
    for (int workers : {3, 7}) {
      EXPECT_EQ(Live(scenario, {.workers = workers, .schedule = 2, .faults = {}}).seen, quiet.seen)
          << scenario.name << ", " << workers << " workers";
    }
  }
}

TEST(SameAnswer, OfOtherQuestionsToo) {
  for (const Scenario& scenario : {MissedLooks(), RandomSearch()}) {
    const Outcome quiet = Live(scenario, {});
    for (unsigned schedule = 1; schedule <= 6; ++schedule) {
      EXPECT_EQ(Live(scenario, RandomLife(schedule)).seen, quiet.seen) << scenario.name << ", schedule " << schedule;
    }
  }
}

TEST(SameAnswer, WhenASecondWorkerOvertakesASlowOne) {
  const Scenario scenario = ShuffledLadder();
  const Life slow_and_fast{.workers = 2, .schedule = 3, .faults = {}, .machines = {{1, 0.02}, {1, 1.0}}};
  const Outcome outcome = Live(scenario, slow_and_fast);
  EXPECT_GT(outcome.counts.coordinator.hedges, 0);
  EXPECT_EQ(outcome.counts.coordinator.expired, 0);
  EXPECT_GT(outcome.second_attempts, 0) << "nothing was lost, so a second attempt that counts is a hedge that won";
  EXPECT_EQ(outcome.seen, Live(scenario, {}).seen);
}

}  // namespace
}  // namespace minnow::simulation
