// What people do to jobs, and what they are told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/toy_desk.h"

namespace minnow::core {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

bool HasEvent(ToyDesk& desk, const std::string& kind) {
  desk.Commit();
  return std::any_of(desk.stored().events.begin(), desk.stored().events.end(),
                     [&](const EventRecord& event) { return event.kind == kind; });
}

TEST(Pause, TakesTheWorkBackAndGivesOutNone) {
  ToyDesk desk;
  desk.Join("a");
  const int64_t job = desk.Submit(ToyLadder());
  const std::optional<Lease> lease = desk.LeaseOne("a");
  ASSERT_TRUE(desk.Apply(JobAction::kPause, job).ok());
  ASSERT_TRUE(desk.Apply(JobAction::kPause, job).ok()) << "again: nothing happens";
  EXPECT_EQ(desk.Progress(job).state, JobState::kPaused);
  EXPECT_FALSE(desk.LeaseOne("a").has_value());
  EXPECT_THAT(desk.Beat("a", {}), Contains(lease->id));
  EXPECT_TRUE(HasEvent(desk, "paused"));
  ASSERT_TRUE(desk.Apply(JobAction::kResume, job).ok());
  EXPECT_EQ(desk.LeaseOne("a")->slice->trials, lease->slice->trials);
  EXPECT_TRUE(HasEvent(desk, "resumed"));
}

TEST(Pause, AResultThatStillArrivesIsKeptAndDecidesNothing) {
  ToyDesk desk;
  desk.Join("a");
  const int64_t job = desk.Submit(ToyLadder());
  const std::optional<Lease> lease = desk.LeaseOne("a");
  ASSERT_TRUE(desk.Apply(JobAction::kPause, job).ok());
  ASSERT_TRUE(desk.Finish(*lease, "a").ok());
  EXPECT_EQ(desk.Progress(job).trials_reported, 9);
  EXPECT_EQ(desk.Progress(job).trials, 0) << "no evidence yet";
  desk.Commit();
  desk.Crash();
  EXPECT_EQ(desk.Progress(job).state, JobState::kPaused) << "a crash does not resume it";
  ASSERT_TRUE(desk.Apply(JobAction::kResume, job).ok());
  EXPECT_EQ(desk.Progress(job).trials, 9);
}

TEST(Pause, StopsTheClockOfABudget) {
  ToyDesk desk;
  JobSpec spec = ToyLadder();
  spec.budget.seconds = 5;
  const int64_t job = desk.Submit(spec);
  desk.Wait(absl::Seconds(2));
  ASSERT_TRUE(desk.Apply(JobAction::kPause, job).ok());
  desk.Wait(absl::Hours(1));
  EXPECT_EQ(desk.Progress(job).state, JobState::kPaused);
  ASSERT_TRUE(desk.Apply(JobAction::kResume, job).ok());
  EXPECT_EQ(desk.coordinator().NextTick(), desk.now() + absl::Seconds(3));
}

TEST(Pause, ALookThatIsUnderWayIsTakenLater) {
  ToyDesk desk;
  desk.Join("a");
  const int64_t job = desk.Submit(ToyLadder());
  std::optional<Lease> look = desk.LeaseOne("a");
  for (; !look->prediction; look = desk.LeaseOne("a")) ASSERT_TRUE(desk.Finish(*look, "a", /*passes=*/true).ok());
  ASSERT_TRUE(desk.Apply(JobAction::kPause, job).ok());
  EXPECT_TRUE(desk.Finish(*look, "a").ok());
  EXPECT_EQ(desk.Progress(job).looks, 0);
  ASSERT_TRUE(desk.Apply(JobAction::kResume, job).ok());
  look = desk.LeaseOne("a");
  ASSERT_TRUE(look && look->prediction);
  EXPECT_TRUE(desk.Finish(*look, "a").ok());
  EXPECT_EQ(desk.Progress(job).state, JobState::kAnswered);
}

TEST(Cancel, FreesItsWorkersAtTheirNextCall) {
  ToyDesk desk;
  desk.Join("a");
  desk.Join("b");
  const int64_t job = desk.Submit(ToyLadder(1));
  const std::optional<Lease> first = desk.LeaseOne("a");
  const std::optional<Lease> second = desk.LeaseOne("b");
  ASSERT_TRUE(desk.Apply(JobAction::kCancel, job).ok());
  ASSERT_TRUE(desk.Apply(JobAction::kCancel, job).ok()) << "again: nothing happens";
  EXPECT_EQ(desk.Progress(job).state, JobState::kCancelled);
  EXPECT_THAT(desk.Beat("a", {first->id}), Contains(first->id));
  EXPECT_THAT(desk.Report({.lease = 1}, "b").not_needed, Contains(second->id));
  EXPECT_TRUE(HasEvent(desk, "cancelled"));
  EXPECT_THAT(desk.stored().leases, IsEmpty());
}

TEST(Cancel, AnUnknownOrEndedJobCannotBeStopped) {
  ToyDesk desk;
  EXPECT_EQ(desk.Apply(JobAction::kPause, 7).code(), absl::StatusCode::kNotFound);
  JobSpec spec = ToyLadder();
  spec.budget.seconds = 1;
  const int64_t job = desk.Submit(spec);
  desk.Wait(absl::Seconds(1));
  for (JobAction action : {JobAction::kPause, JobAction::kResume, JobAction::kCancel}) {
    EXPECT_EQ(desk.Apply(action, job).code(), absl::StatusCode::kFailedPrecondition);
  }
  EXPECT_THAT(desk.Apply(JobAction::kResume, job).message(), HasSubstr("larger budget"));
  desk.Commit();
  desk.Crash();
  EXPECT_EQ(desk.Apply(JobAction::kPause, job).code(), absl::StatusCode::kFailedPrecondition);
}

TEST(Delete, LeavesNothing) {
  ToyDesk desk;
  desk.Join("a");
  const int64_t job = desk.Submit(ToyLadder());
  const std::optional<Lease> lease = desk.LeaseOne("a");
  ASSERT_TRUE(desk.Finish(*desk.LeaseOne("a"), "a").ok());
  desk.Commit();
  ASSERT_TRUE(desk.Apply(JobAction::kDelete, job).ok());
  EXPECT_THAT(desk.Beat("a", {lease->id}), Contains(lease->id));
  EXPECT_TRUE(desk.Finish(*lease, "a").ok()) << "nobody needs it any more";
  EXPECT_EQ(desk.coordinator().Progress(job, desk.now()).status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(HasEvent(desk, "deleted"));
  EXPECT_THAT(desk.stored().jobs, IsEmpty());
  EXPECT_THAT(desk.stored().trials, IsEmpty());
  EXPECT_THAT(desk.stored().datasets, IsEmpty());
  EXPECT_EQ(desk.Submit(ToyLadder()), job + 1) << "the same question is a new job, and numbers are not used twice";
}

TEST(Delete, AlsoRemovesAJobThatEndedInAnEarlierProcess) {
  ToyDesk desk;
  const int64_t job = desk.Submit(ToyLadder());
  ASSERT_TRUE(desk.Apply(JobAction::kCancel, job).ok());
  desk.Commit();
  desk.Crash();
  ASSERT_TRUE(desk.Apply(JobAction::kDelete, job).ok());
  desk.Commit();
  EXPECT_THAT(desk.stored().jobs, IsEmpty());
  desk.Crash();
  EXPECT_EQ(desk.Submit(ToyLadder()), job + 1);
}

TEST(RequestIds, ASubmitThatIsSentAgainIsTheSameJob) {
  ToyDesk desk;
  SubmitRequest request = ToyRequest(ToyLadder());
  request.request_id = "r1";
  const auto submit = [&] { return *desk.coordinator().Submit(request, desk.now()); };
  EXPECT_FALSE(submit().existed);
  EXPECT_FALSE(submit().existed) << "answered as it was";
  ASSERT_TRUE(desk.Apply(JobAction::kCancel, 1).ok());
  desk.Commit();
  desk.Crash();
  submit();
  EXPECT_EQ(desk.Progress(1).state, JobState::kCancelled) << "sent again, it takes nothing up";
  request.request_id = "r2";
  EXPECT_TRUE(submit().existed);
}

TEST(RequestIds, ASubmitThatIsSentAgainAfterADeleteCreatesNothing) {
  ToyDesk desk;
  SubmitRequest request = ToyRequest(ToyLadder());
  request.request_id = "r1";
  ASSERT_TRUE(desk.coordinator().Submit(request, desk.now()).ok());
  ASSERT_TRUE(desk.Apply(JobAction::kDelete, 1).ok());
  EXPECT_EQ(desk.coordinator().Submit(request, desk.now())->job, 1);
  EXPECT_EQ(desk.coordinator().JobStates().size(), 0u);
}

TEST(RequestIds, AnActionIsDoneOnce) {
  ToyDesk desk;
  const int64_t job = desk.Submit(ToyLadder());
  const JobRequest pause{.request_id = "p", .action = JobAction::kPause, .job = job};
  ASSERT_TRUE(desk.coordinator().Apply(pause, desk.now()).ok());
  ASSERT_TRUE(desk.Apply(JobAction::kResume, job).ok());
  ASSERT_TRUE(desk.coordinator().Apply(pause, desk.now()).ok());
  EXPECT_EQ(desk.Progress(job).state, JobState::kRunning) << "it was paused before, and resumed since";
}

TEST(RequestIds, AnActionThatFoundNothingToDoIsDoneToo) {
  ToyDesk desk;
  const int64_t job = desk.Submit(ToyLadder());
  ASSERT_TRUE(desk.Apply(JobAction::kCancel, job).ok());
  desk.Commit();
  desk.Crash();
  const JobRequest cancel{.request_id = "c", .action = JobAction::kCancel, .job = job};
  EXPECT_TRUE(desk.coordinator().Apply(cancel, desk.now()).ok());
  desk.Commit();
  desk.coordinator().Adopt(desk.stored().LoadJob(job));
  ASSERT_EQ(desk.Submit(ToyLadder()), job);
  EXPECT_TRUE(desk.coordinator().Apply(cancel, desk.now()).ok());
  EXPECT_EQ(desk.coordinator().StateOf(job).value(), JobState::kRunning) << "the same request stops it again";
}

TEST(RequestIds, AnIdIsNotUsedForTwoThings) {
  ToyDesk desk;
  SubmitRequest request = ToyRequest(ToyLadder(1));
  request.request_id = "r";
  const int64_t job = desk.coordinator().Submit(request, desk.now())->job;
  const auto code = [](const absl::Status& status) { return status.code(); };
  request.spec.seed = 2;
  EXPECT_EQ(code(desk.coordinator().Submit(request, desk.now()).status()), absl::StatusCode::kInvalidArgument);
  const JobRequest cancel{.request_id = "r", .action = JobAction::kCancel, .job = job};
  EXPECT_EQ(code(desk.coordinator().Apply(cancel, desk.now())), absl::StatusCode::kInvalidArgument);
  request.request_id = "no spaces";
  EXPECT_EQ(code(desk.coordinator().Submit(request, desk.now()).status()), absl::StatusCode::kInvalidArgument);
}

TEST(WhyStill, NamesTheFix) {
  ToyDesk desk({.server_address = "127.0.0.1:7077"});
  const int64_t job = desk.Submit(ToyLadder());
  EXPECT_EQ(desk.Progress(job).why_still,
            "Nothing moves, because no worker is connected: start one with `minnow-worker --server 127.0.0.1:7077`.");
  desk.Join("a");
  EXPECT_EQ(desk.Progress(job).why_still, "");
  desk.coordinator().SetDiskLow(true);
  EXPECT_THAT(desk.Progress(job).why_still, HasSubstr("free some space"));
  ASSERT_TRUE(desk.Apply(JobAction::kPause, job).ok());
  EXPECT_EQ(desk.Progress(job).why_still, "It is paused: `minnow resume jobs/1` goes on.");
  ASSERT_TRUE(desk.Apply(JobAction::kCancel, job).ok());
  EXPECT_EQ(desk.Progress(job).why_still, "") << "it has ended";
}

TEST(WhyStill, SaysNothingOfWorkersInThisProcess) {
  ToyDesk desk;
  EXPECT_EQ(desk.Progress(desk.Submit(ToyLadder())).why_still, "");
}

TEST(WhyStill, NamesTheJobThatHasTheWorkers) {
  ToyDesk desk({.server_address = "here"});
  desk.Join("a");
  JobSpec first = ToyLadder(1);
  first.priority = 3;
  desk.Submit(first);
  const std::optional<Lease> lease = desk.LeaseOne("a");
  const int64_t second = desk.Submit(ToyLadder(2));
  EXPECT_EQ(desk.Progress(second).why_still, "") << "not at once";
  desk.Wait(absl::Seconds(2));
  desk.Beat("a", {lease->id});
  EXPECT_EQ(desk.Progress(second).why_still, "The workers are busy with jobs/1 (priority 3).");
  EXPECT_EQ(desk.Progress(1).why_still, "");
}

TEST(WhyStill, NamesTheWorkerThatIsSilent) {
  ToyDesk desk({.server_address = "here"});
  desk.Join("w1");
  desk.Join("w2");
  const int64_t job = desk.Submit(ToyLadder());
  const std::optional<Lease> lease = desk.LeaseOne("w1");
  desk.Wait(absl::Seconds(4));
  desk.Beat("w2", {});
  EXPECT_EQ(desk.Progress(job).why_still,
            "It waits for worker w1, not heard from for 4 s; its work goes to others after 10 s.");
  EXPECT_EQ(desk.Progress(job).workers, 1);
  desk.Beat("w1", {lease->id});
  EXPECT_EQ(desk.Progress(job).why_still, "");
}

TEST(WhyStill, WorkersMayReturnAfterACrash) {
  ToyDesk desk({.server_address = "here"});
  desk.Join("a");
  const int64_t job = desk.Submit(ToyLadder());
  ASSERT_TRUE(desk.LeaseOne("a").has_value());
  desk.Commit();
  desk.Crash();
  EXPECT_EQ(desk.Progress(job).why_still, "");
  desk.Wait(absl::Seconds(6));
  EXPECT_THAT(desk.Progress(job).why_still, HasSubstr("no worker is connected"));
}

TEST(WhyStill, AJobOfAnotherNumericsVersionIsLeftAlone) {
  ToyDesk desk({.server_address = "here"});
  desk.Join("a");
  const int64_t job = desk.Submit(ToyLadder());
  desk.Commit();
  desk.stored().jobs.at(job).numerics_version = kNumericsVersion + 1;
  desk.Crash();
  EXPECT_FALSE(desk.LeaseOne("a").has_value());
  EXPECT_EQ(desk.Progress(job).state, JobState::kRunning);
  EXPECT_THAT(desk.Progress(job).why_still, HasSubstr("numerics version"));
  EXPECT_EQ(desk.Apply(JobAction::kResume, job).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(desk.Apply(JobAction::kCancel, job).ok());
}

TEST(Workers, AreListedWithWhatTheyDo) {
  ToyDesk desk;
  desk.Join("a", /*threads=*/4);
  desk.Join("b");
  const int64_t job = desk.Submit(ToyLadder());
  ASSERT_TRUE(desk.FinishSlowly(*desk.LeaseOne("a"), "a", 0.5).ok());
  const std::vector<Lease> leases = desk.LeaseMany("a", 2);
  desk.Commit();
  desk.Wait(absl::Seconds(9));
  desk.Beat("a", {leases[0].id, leases[1].id});
  desk.Wait(absl::Seconds(9));
  const std::vector<WorkerSummary> workers = desk.coordinator().Workers(desk.now());
  ASSERT_THAT(workers, SizeIs(2));
  EXPECT_EQ(workers[0].name, "a");
  EXPECT_TRUE(workers[0].connected);
  EXPECT_EQ(workers[0].threads, 4);
  EXPECT_EQ(workers[0].processor, "toy");
  EXPECT_EQ(workers[0].leases, 2);
  EXPECT_EQ(workers[0].job, job);
  EXPECT_EQ(workers[0].shape, leases[0].slice->shape);
  EXPECT_EQ(workers[0].trials, 9);
  EXPECT_EQ(workers[0].epochs, 9 * 40);
  EXPECT_DOUBLE_EQ(workers[0].train_seconds, 4.5);
  const int rows = ToyRequest(ToyLadder()).rows_train;
  EXPECT_DOUBLE_EQ(workers[0].samples_per_second.value(), 40 * rows / 0.5);
  EXPECT_EQ(desk.coordinator().counters().samples, 9 * 40 * rows);
  EXPECT_EQ(workers[0].first_heard, absl::UnixEpoch());
  EXPECT_EQ(workers[0].last_heard, absl::UnixEpoch() + absl::Seconds(9));
  EXPECT_FALSE(workers[1].connected);
  EXPECT_EQ(workers[1].leases, 0);
  EXPECT_FALSE(workers[1].samples_per_second.has_value());
}

TEST(Workers, KeepTheirTotalsOverACrash) {
  ToyDesk desk;
  desk.Join("a");
  desk.Submit(ToyLadder());
  ASSERT_TRUE(desk.Finish(*desk.LeaseOne("a"), "a").ok());
  desk.Commit();
  desk.Crash();
  EXPECT_FALSE(desk.coordinator().Workers(desk.now())[0].connected);
  ASSERT_TRUE(desk.Finish(*desk.LeaseOne("a"), "a").ok());
  EXPECT_TRUE(desk.coordinator().Workers(desk.now())[0].connected);
  EXPECT_EQ(desk.coordinator().Workers(desk.now())[0].trials, 9 + 16);
}

}  // namespace
}  // namespace minnow::core
