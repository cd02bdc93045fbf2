// Whose job it is, and what that keeps others from.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/toy_desk.h"

namespace minnow::core {
namespace {

using testing::HasSubstr;

SubmitRequest RequestOf(const std::string& owner, uint64_t seed = 1) {
  SubmitRequest request = ToyRequest(ToyLadder(seed));
  request.owner = owner;
  return request;
}

int64_t SubmitAs(ToyDesk& desk, const std::string& owner, uint64_t seed = 1) {
  return desk.coordinator().Submit(RequestOf(owner, seed), desk.now())->job;
}

absl::Status ApplyAs(ToyDesk& desk, const std::string& owner, JobAction action, int64_t job) {
  return desk.coordinator().Apply({.action = action, .job = job, .owner = owner}, desk.now());
}

constexpr JobAction kActions[] = {JobAction::kPause, JobAction::kResume, JobAction::kCancel, JobAction::kDelete};

TEST(Owners, TouchTheirOwnJobsOnly) {
  ToyDesk desk;
  const int64_t job = SubmitAs(desk, "alice");
  for (JobAction action : kActions) {
    const absl::Status status = ApplyAs(desk, "bob", action, job);
    EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("jobs/1 belongs to alice, and your token is that of bob"));
    EXPECT_EQ(desk.Progress(job).state, JobState::kRunning);
  }
  for (JobAction action : kActions) EXPECT_TRUE(ApplyAs(desk, "alice", action, job).ok());
}

TEST(Owners, AreKnownAfterACrash) {
  ToyDesk desk;
  const int64_t job = SubmitAs(desk, "alice");
  ASSERT_TRUE(ApplyAs(desk, "alice", JobAction::kCancel, job).ok());
  desk.Commit();
  desk.Crash();
  EXPECT_TRUE(absl::IsPermissionDenied(ApplyAs(desk, "bob", JobAction::kDelete, job)));
  EXPECT_TRUE(ApplyAs(desk, "alice", JobAction::kDelete, job).ok());
}

TEST(Owners, AskTheSameQuestionApart) {
  ToyDesk desk;
  SubmitRequest small = RequestOf("alice");
  small.spec.budget.trials = 40;
  const int64_t first = desk.coordinator().Submit(small, desk.now())->job;
  SubmitRequest large = RequestOf("bob");
  large.spec.budget.trials = 4000;
  large.spec.priority = 9;
  const SubmitResponse other = *desk.coordinator().Submit(large, desk.now());
  EXPECT_NE(other.job, first);
  EXPECT_FALSE(other.existed);
  desk.Commit();
  EXPECT_EQ(desk.stored().jobs.at(first).spec.budget.trials, 40);
  EXPECT_EQ(desk.stored().jobs.at(first).spec.priority, 1);
  EXPECT_TRUE(desk.coordinator().Submit(large, desk.now())->existed) << "their own they find again";
}

TEST(Owners, OfASplitAreThoseOfItsJob) {
  ToyDesk desk;
  SubmitRequest request = RequestOf("alice");
  request.spec.splits = 2;
  request.other_splits = {SplitOfRows{.split_seed = 2,
                                      .preparation = request.preparation,
                                      .training = request.training,
                                      .test = request.test,
                                      .validation_targets = request.validation_targets,
                                      .test_targets = request.test_targets,
                                      .inputs = request.inputs,
                                      .rows_train = request.rows_train}};
  const int64_t job = desk.coordinator().Submit(request, desk.now())->job;
  const int64_t split = job + 1;
  EXPECT_TRUE(absl::IsPermissionDenied(ApplyAs(desk, "bob", JobAction::kCancel, split)));
  EXPECT_TRUE(ApplyAs(desk, "alice", JobAction::kCancel, split).ok());
}

TEST(Owners, MayNotTouchWhatIsNobodys) {
  ToyDesk desk;
  const int64_t job = desk.Submit(ToyLadder());
  const absl::Status status = ApplyAs(desk, "alice", JobAction::kCancel, job);
  EXPECT_TRUE(absl::IsPermissionDenied(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("jobs/1 belongs to nobody"));
}

TEST(Owners, WithoutTokensEverythingIsAllowed) {
  ToyDesk desk;
  const int64_t job = SubmitAs(desk, "alice");
  EXPECT_TRUE(ApplyAs(desk, "", JobAction::kCancel, job).ok());
}

// Another one's request id says nothing of a job, and repeats nothing.
TEST(Owners, LearnNothingFromTheRequestsOfOthers) {
  ToyDesk desk;
  SubmitRequest request = RequestOf("alice");
  request.request_id = "r1";
  const int64_t job = desk.coordinator().Submit(request, desk.now())->job;
  const JobRequest pause{.request_id = "r2", .action = JobAction::kPause, .job = job, .owner = "alice"};
  ASSERT_TRUE(desk.coordinator().Apply(pause, desk.now()).ok());
  JobRequest again = pause;
  again.owner = "bob";
  EXPECT_TRUE(absl::IsPermissionDenied(desk.coordinator().Apply(again, desk.now())));
  request.owner = "bob";
  EXPECT_TRUE(absl::IsInvalidArgument(desk.coordinator().Submit(request, desk.now()).status()));
}

TEST(Owners, HaveRoomForSoManyUnfinishedJobs) {
  ToyDesk desk;
  for (int64_t i = 0; i < kMaxUnfinishedJobsOfAnOwner; ++i) SubmitAs(desk, "alice", i + 1);
  const uint64_t next = kMaxUnfinishedJobsOfAnOwner + 1;
  const absl::Status status = desk.coordinator().Submit(RequestOf("alice", next), desk.now()).status();
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("alice has 1000 unfinished jobs on this server"));
  EXPECT_TRUE(desk.coordinator().Submit(RequestOf("bob", next), desk.now()).ok());
  ASSERT_TRUE(ApplyAs(desk, "alice", JobAction::kCancel, 1).ok());
  EXPECT_TRUE(desk.coordinator().Submit(RequestOf("alice", next), desk.now()).ok());
}

}  // namespace
}  // namespace minnow::core
