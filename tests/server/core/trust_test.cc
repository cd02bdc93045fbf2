// Workers whose work fails, and work that fails on workers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/toy_desk.h"

namespace minnow::core {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Trust : public testing::Test {
 protected:
  Trust() { job_ = desk_.Submit(ToyLadder()); }

  void Join(std::vector<std::string> names) {
    for (const std::string& name : names) desk_.Join(name);
  }

  // `name` takes the next piece of work and cannot do it.
  void Fail(const std::string& name, const std::string& why = "out of memory") {
    const std::optional<Lease> lease = desk_.LeaseOne(name);
    ASSERT_TRUE(lease.has_value()) << name;
    ASSERT_TRUE(desk_.Report({.lease = lease->id, .failure = why}, name).statuses[0].ok());
  }

  Standing StandingOf(const std::string& name) {
    for (const WorkerSummary& worker : desk_.coordinator().Workers(desk_.now())) {
      if (worker.name == name) return worker.standing;
    }
    return Standing::kGood;
  }

  std::vector<std::string> Events(const std::string& kind) {
    desk_.Commit();
    std::vector<std::string> texts;
    for (const EventRecord& event : desk_.stored().events) {
      if (event.kind == kind) texts.push_back(event.text);
    }
    return texts;
  }

  // Time passes, and the workers are heard from.
  void WaitWith(const std::vector<std::string>& names, absl::Duration duration) {
    for (const absl::Time end = desk_.now() + duration; desk_.now() < end;) {
      desk_.Wait(std::min(absl::Seconds(1), end - desk_.now()));
      for (const std::string& name : names) desk_.Beat(name, {});
    }
  }

  // A new start of a worker takes all that it can get, and is killed.
  void TakeAndDie(const std::string& name, const std::string& session, int leases) {
    desk_.Join(name, /*threads=*/1, session);
    const WorkRequest request{.worker = {name, session}, .idle_threads = leases};
    last_ = *desk_.coordinator().LeaseWork(request, std::nullopt, desk_.now());
  }

  ToyDesk desk_;
  int64_t job_ = 0;
  std::vector<Lease> last_;
};

TEST_F(Trust, PausesAWorkerLongerAfterEachFailureInARow) {
  Join({"bad", "b", "c", "d"});
  double pause = 5;
  for (int failures = 1; failures <= 9; ++failures) {
    Fail("bad", "no room " + std::to_string(failures));
    // Somebody else does that piece, so that the job goes on.
    ASSERT_TRUE(desk_.Finish(*desk_.LeaseOne("b"), "b").ok());
    EXPECT_EQ(StandingOf("bad"), Standing::kPausing);
    WaitWith({"bad", "b", "c", "d"}, absl::Seconds(pause) - absl::Milliseconds(1));
    EXPECT_FALSE(desk_.LeaseOne("bad").has_value()) << failures;
    WaitWith({"bad", "b", "c", "d"}, absl::Milliseconds(2));
    EXPECT_EQ(StandingOf("bad"), Standing::kOnProbation);
    pause = std::min(2 * pause, 600.0);
  }
  EXPECT_EQ(pause, 600) << "and no longer than that";
  EXPECT_THAT(Events("worker_paused"), Contains(HasSubstr("worker bad gets no work for 10 s, since its work failed, 2 "
                                                          "times in a row: no room 2")));
}

TEST_F(Trust, GivesAWorkerOnProbationOnePieceUntilOneSucceeds) {
  Join({"bad", "b"});
  Fail("bad");
  WaitWith({"bad", "b"}, absl::Seconds(6));
  const std::vector<Lease> one = desk_.LeaseMany("bad", /*idle_threads=*/4);
  ASSERT_EQ(one.size(), 1u);
  EXPECT_THAT(desk_.LeaseMany("bad", 4), IsEmpty());
  EXPECT_TRUE(desk_.Finish(one[0], "bad").ok());
  EXPECT_EQ(StandingOf("bad"), Standing::kGood);
  EXPECT_THAT(Events("worker_back"), ElementsAre(HasSubstr("worker bad works again")));
  Fail("bad");
  WaitWith({"bad", "b"}, absl::Seconds(5.1));
  EXPECT_EQ(StandingOf("bad"), Standing::kOnProbation) << "the first pause again, not a longer one";
}

TEST_F(Trust, SaysWhyNothingMovesWhileEverybodyPauses) {
  ToyDesk desk({.server_address = "farm:7077"});
  desk.Join("a");
  desk.Join("b");
  const int64_t job = desk.Submit(ToyLadder());
  const std::optional<Lease> lease = desk.LeaseOne("a");
  ASSERT_TRUE(desk.Report({.lease = lease->id, .failure = "x"}, "a").statuses[0].ok());
  EXPECT_EQ(desk.Progress(job).why_still, "");
  const int64_t other = desk.Submit(ToyLadder(2));
  const std::optional<Lease> second = desk.LeaseOne("b");
  ASSERT_TRUE(desk.Report({.lease = second->id, .failure = "x"}, "b").statuses[0].ok());
  EXPECT_THAT(desk.Progress(other).why_still + desk.Progress(job).why_still, HasSubstr("Every connected worker"));
}

TEST_F(Trust, AJobFailsWhenThreeDifferentWorkersCannotDoAPiece) {
  Join({"a", "b", "c", "d", "e"});
  Fail("a");
  Fail("b");
  // The same worker once more is nothing new.
  WaitWith({"a", "b", "c", "d", "e"}, absl::Seconds(6));
  Fail("a");
  EXPECT_EQ(desk_.Progress(job_).state, JobState::kRunning);
  Fail("c", "no space left");
  EXPECT_EQ(desk_.Progress(job_).state, JobState::kFailed);
  EXPECT_EQ(desk_.Progress(job_).reason,
            "jobs/1/trials/1 to 9 failed on workers a, b and c, the last time with: no space left");
}

TEST_F(Trust, AJobFailsWhenAllThatAreConnectedCannotDoAPiece) {
  Join({"a", "b"});
  Fail("a");
  EXPECT_EQ(desk_.Progress(job_).state, JobState::kRunning);
  Fail("b");
  EXPECT_EQ(desk_.Progress(job_).state, JobState::kFailed);
  desk_.Join("c");
  const int64_t alone = desk_.Submit(ToyLadder(2));
  WaitWith({"c"}, absl::Seconds(11));
  Fail("c");
  EXPECT_THAT(desk_.Progress(alone).reason, HasSubstr("failed on worker c,"));
}

TEST_F(Trust, WorkThatKillsItsWorkersIsTriedAloneAndThenFailsTheJob) {
  // The pilot's pieces; the first of them kills whoever trains it.
  for (int start = 1; start <= 2; ++start) {
    TakeAndDie("w" + std::to_string(start), "s", 2);
    ASSERT_EQ(last_.size(), 2u) << "nothing is known yet";
    desk_.Wait(absl::Seconds(11));
  }
  const Lease first = last_[0];
  EXPECT_THAT(Events("suspect"),
              ElementsAre(HasSubstr("in the hands of workers w1 and w2"), HasSubstr("given out alone")));
  for (int start = 1; start <= kMaxDeathsAlone; ++start) {
    EXPECT_EQ(desk_.Progress(job_).state, JobState::kRunning) << start;
    TakeAndDie("again", "s" + std::to_string(start), 5);
    ASSERT_EQ(last_.size(), 1u) << "alone";
    EXPECT_EQ(last_[0].bundle, first.bundle);
    EXPECT_EQ(last_[0].slice_number, first.slice_number);
    const WorkRequest more{.worker = {"again", "s" + std::to_string(start)}, .idle_threads = 3};
    EXPECT_THAT(*desk_.coordinator().LeaseWork(more, std::nullopt, desk_.now()), IsEmpty());
  }
  desk_.Wait(absl::Seconds(11));
  EXPECT_EQ(desk_.Progress(job_).state, JobState::kFailed);
  EXPECT_THAT(desk_.Progress(job_).reason, HasSubstr("may need more than the machines have: 3 starts of workers"));
  EXPECT_THAT(desk_.Progress(job_).reason, HasSubstr("again"));
}

TEST_F(Trust, WorkThatOnlyStoodBesideIsDoneAfterAll) {
  for (int start = 1; start <= 2; ++start) {
    TakeAndDie("w" + std::to_string(start), "s", 2);
    desk_.Wait(absl::Seconds(11));
  }
  desk_.Join("good");
  std::set<std::pair<int64_t, int>> done;
  for (const std::optional<Lease>& lease : {desk_.LeaseOne("good"), desk_.LeaseOne("good")}) {
    if (!lease) continue;
    EXPECT_TRUE(desk_.Finish(*lease, "good").ok());
    done.insert({lease->bundle, lease->slice_number});
  }
  const std::optional<Lease> other = desk_.LeaseOne("good");
  ASSERT_TRUE(other.has_value());
  EXPECT_TRUE(desk_.Finish(*other, "good").ok());
  EXPECT_EQ(desk_.Progress(job_).state, JobState::kRunning);
}

TEST_F(Trust, WorkThatIsTriedAloneIsNotStarvedByWorkersThatAreNeverIdle) {
  JobSpec grid = ToyLadder();
  grid.search = SearchKind::kGrid;
  grid.grid_seeds = 50;
  const int64_t endless = desk_.Submit(grid);
  desk_.Join("busy", /*threads=*/2);
  const WorkRequest first{.worker = {"busy", "1"}, .idle_threads = 1};
  std::optional<Lease> held = desk_.coordinator().LeaseWork(first, endless, desk_.now())->front();
  for (int start = 1; start <= 2; ++start) {
    const std::string name = "w" + std::to_string(start);
    desk_.Join(name, /*threads=*/1, "s");
    const WorkRequest request{.worker = {name, "s"}, .idle_threads = 2};
    last_ = *desk_.coordinator().LeaseWork(request, job_, desk_.now());
    for (int second = 0; second < 11; ++second) {
      desk_.Wait(absl::Seconds(1));
      desk_.Beat("busy", {held->id});
    }
  }
  ASSERT_THAT(Events("suspect"), testing::SizeIs(testing::Ge(1u)));
  // It takes a piece while it still holds another one, for as long as it is given any, and asks for more when it
  // reports its last one, before any of its threads is idle.
  for (int piece = 0; piece < 50; ++piece) {
    const std::optional<Lease> next = desk_.LeaseOne("busy");
    ASSERT_TRUE(desk_.Finish(*held, "busy").ok());
    const std::vector<Lease> with_report = desk_.LeaseMany("busy", /*idle_threads=*/0, /*seconds=*/1);
    held = next ? next : with_report.empty() ? std::nullopt : std::optional(with_report.front());
    ASSERT_TRUE(held.has_value());
    if (held->bundle == last_[0].bundle && held->slice_number == last_[0].slice_number && held->job == job_) return;
  }
  FAIL() << "the piece was never given out";
}

TEST_F(Trust, WorkThatIsTriedAloneIsNotWithheldFromTheOnlyWorkerWhoIsOnProbation) {
  Join({"bad", "b", "c"});
  Fail("bad");
  for (int start = 1; start <= 2; ++start) {
    TakeAndDie("w" + std::to_string(start), "s", kMaxLeasesOfACall);
    WaitWith({"bad"}, absl::Seconds(11));
  }
  ASSERT_EQ(StandingOf("bad"), Standing::kOnProbation);
  const std::optional<Lease> lease = desk_.LeaseOne("bad");
  ASSERT_TRUE(lease.has_value());
  EXPECT_TRUE(desk_.Finish(*lease, "bad").ok());
  EXPECT_EQ(StandingOf("bad"), Standing::kGood);
}

TEST_F(Trust, AWorkerThatHandsBackOrComesBackHasNotDied) {
  for (int time = 1; time <= 4; ++time) {
    Join({"a"});
    ASSERT_FALSE(desk_.LeaseMany("a", 2).empty());
    ASSERT_TRUE(desk_.coordinator().ReleaseWorker({"a", "1"}, desk_.now()).ok());
  }
  for (int time = 1; time <= 4; ++time) {
    Join({"b"});
    ASSERT_FALSE(desk_.LeaseMany("b", 2).empty());
    // It lives, and does not know of these leases.
    for (int second = 0; second < 11; ++second) {
      desk_.Wait(absl::Seconds(1));
      desk_.Beat("b", {});
    }
  }
  EXPECT_THAT(Events("suspect"), IsEmpty());
  EXPECT_GT(desk_.coordinator().counters().expired, 0);
}

// --- Fencing: a lease belongs to one worker, and to one start of it ---

TEST_F(Trust, AHeartbeatRenewsNobodyElsesLease) {
  Join({"a", "b"});
  const std::optional<Lease> lease = desk_.LeaseOne("a");
  for (int second = 0; second < 9; ++second) {
    desk_.Wait(absl::Seconds(1));
    EXPECT_THAT(desk_.Beat("b", {lease->id}), ElementsAre(lease->id)) << "b is told that it is not its own";
  }
  desk_.Wait(absl::Seconds(1));
  EXPECT_EQ(desk_.coordinator().counters().expired, 1);
}

TEST_F(Trust, AHeartbeatCannotReviveALeaseThatHasEnded) {
  Join({"a", "b"});
  const std::optional<Lease> lease = desk_.LeaseOne("a");
  desk_.Wait(absl::Seconds(11));
  EXPECT_THAT(desk_.Beat("a", {lease->id}), ElementsAre(lease->id));
  EXPECT_EQ(desk_.LeaseOne("b")->attempt, 2);
  EXPECT_THAT(desk_.Beat("a", {lease->id, 12345}), ElementsAre(lease->id, 12345)) << "and one that never was";
}

TEST_F(Trust, OnlyTheStartThatHoldsALeaseHandsItBack) {
  desk_.Join("a", /*threads=*/1, "0");
  desk_.Join("a", /*threads=*/1, "1");
  const std::optional<Lease> lease = desk_.LeaseOne("a");
  EXPECT_TRUE(absl::IsAborted(desk_.coordinator().ReleaseWorker({"a", "0"}, desk_.now())));
  EXPECT_TRUE(absl::IsNotFound(desk_.coordinator().ReleaseWorker({"stranger", "1"}, desk_.now())));
  EXPECT_EQ(desk_.coordinator().leases(), 1);
  EXPECT_TRUE(desk_.coordinator().ReleaseWorker({"a", "1"}, desk_.now()).ok());
  EXPECT_EQ(desk_.coordinator().leases(), 0);
  EXPECT_TRUE(desk_.Finish(*lease, "a").ok()) << "its result is welcome all the same";
}

TEST_F(Trust, AFailureOfSomebodyElsesLeaseOrOfAnEndedOneHarmsNobody) {
  Join({"a", "b"});
  const std::optional<Lease> lease = desk_.LeaseOne("a");
  const LeaseReport failure{.lease = lease->id, .failure = "x"};
  EXPECT_TRUE(absl::IsInvalidArgument(desk_.Report(failure, "b").statuses[0]));
  EXPECT_EQ(StandingOf("b"), Standing::kGood);
  EXPECT_EQ(desk_.coordinator().leases(), 1);
  desk_.Wait(absl::Seconds(11));
  EXPECT_TRUE(desk_.Report(failure, "a").statuses[0].ok());
  EXPECT_EQ(StandingOf("a"), Standing::kGood) << "what it fails with is nobody's work any more";
  desk_.Beat("b", {});
  EXPECT_TRUE(desk_.LeaseOne("b").has_value());
  EXPECT_TRUE(absl::IsNotFound(desk_.Report({.lease = int64_t{1} << 60, .failure = "x"}, "b").statuses[0]));
}

}  // namespace
}  // namespace minnow::core
