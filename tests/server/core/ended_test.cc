// Jobs that have ended and are no longer in memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/toy_desk.h"

namespace minnow::core {
namespace {

using testing::SizeIs;

JobSpec ShortSpec() {
  JobSpec spec = ToyLadder();
  spec.budget.trials = 9;
  return spec;
}

// Submits a job that its first lease ends, and reports that. Returns the lease.
Lease EndAJob(ToyDesk& desk) {
  desk.Join("a");
  desk.Submit(ShortSpec());
  const Lease lease = desk.LeaseOne("a").value();
  EXPECT_TRUE(desk.Finish(lease, "a").ok());
  return lease;
}

TEST(Ended, AJobIsTakenUpFromTheStoreAlone) {
  ToyDesk desk;
  EndAJob(desk);
  JobSpec more = ShortSpec();
  more.budget.trials = 100;
  EXPECT_TRUE(desk.coordinator().JobsToAdopt(ToyRequest(more)).empty()) << "what is not committed is in memory";
  desk.Commit();
  EXPECT_THAT(desk.coordinator().JobsToAdopt(ToyRequest(more)), SizeIs(1));
  EXPECT_EQ(desk.Submit(more), 1);
  EXPECT_EQ(desk.Progress(1).state, JobState::kRunning);
  EXPECT_EQ(desk.Progress(1).trials, 9) << "it goes on where it was";
}

TEST(Ended, ProgressSaysWhatItSaidAtTheEnd) {
  ToyDesk desk;
  EndAJob(desk);
  const JobProgress before = desk.Progress(1);
  EXPECT_EQ(before.trials, 9);
  desk.Commit();
  EXPECT_EQ(desk.Progress(1), before);
  EXPECT_TRUE(*desk.coordinator().HasEnded(1));
  EXPECT_EQ(*desk.coordinator().StateOf(1), JobState::kBudgetSpent);
  EXPECT_EQ(desk.coordinator().JobStates(), (std::map<JobState, int64_t>{{JobState::kBudgetSpent, 1}}));
}

TEST(Ended, AResultThatComesOnceMoreIsTakenForKnown) {
  ToyDesk desk;
  const Lease lease = EndAJob(desk);
  desk.Commit();
  EXPECT_TRUE(desk.Finish(lease, "a").ok());
  desk.Commit();
  EXPECT_THAT(desk.stored().trials, SizeIs(9));
}

TEST(Ended, AJobStaysWhileItsWorkIsCheckedByAnotherWorker) {
  ToyDesk desk({.check_one_in = 1});
  desk.Join("b");
  EndAJob(desk);
  desk.Commit();
  const std::optional<Lease> check = desk.LeaseOne("b");
  ASSERT_TRUE(check.has_value());
  desk.Commit();
  JobSpec more = ShortSpec();
  more.budget.trials = 100;
  EXPECT_TRUE(desk.coordinator().JobsToAdopt(ToyRequest(more)).empty());
  EXPECT_TRUE(desk.Finish(*check, "b").ok());
  desk.Commit();
  EXPECT_THAT(desk.coordinator().JobsToAdopt(ToyRequest(more)), SizeIs(1));
}

}  // namespace
}  // namespace minnow::core
