// Work that is late: given to others as well, reported late, reported twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/toy_desk.h"

namespace minnow::core {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr absl::Duration kMoment = absl::Milliseconds(1);
constexpr absl::Duration kRounding = absl::Nanoseconds(10);

// A job of 32 trials, which are two pieces of work, and workers "a" to "d".
class LateWork : public testing::Test {
 protected:
  LateWork() {
    for (const char* name : {"a", "b", "c", "d"}) desk_.Join(name);
    JobSpec spec = ToyLadder();
    spec.budget.trials = 9 + 32;  // the linear model has nine
    job_ = desk_.Submit(spec);
    // The pace: one second a trial, of this size.
    EXPECT_TRUE(desk_.FinishSlowly(*desk_.LeaseOne("a"), "a", 1).ok());
  }

  // All of them are there and well, but for those who hold something.
  void HearFrom(std::vector<std::string> names) {
    for (const std::string& name : names) EXPECT_TRUE(desk_.coordinator().Hear({name, "1"}, desk_.now()).ok());
  }

  // `name` keeps its leases for so long.
  void KeepAtWork(const std::string& name, const std::vector<int64_t>& leases, absl::Duration duration) {
    for (const absl::Time end = desk_.now() + duration; desk_.now() < end;) {
      desk_.Wait(std::min(absl::Seconds(1), end - desk_.now()));
      EXPECT_THAT(desk_.Beat(name, leases), IsEmpty());
      HearFrom({"a", "b", "c", "d"});
    }
  }

  // How long after it was given, work is late that should take so long.
  static absl::Duration LateAfter(double seconds) { return 2 * absl::Seconds(seconds) + absl::Seconds(0.5); }

  // Sums of seconds are rounded here and there.
  void ExpectNextTick(absl::Time time) {
    EXPECT_LT(absl::AbsDuration(desk_.coordinator().NextTick() - time), kRounding);
  }

  const Counters& counters() { return desk_.coordinator().counters(); }

  ToyDesk desk_;
  int64_t job_ = 0;
};

TEST_F(LateWork, IsGivenToWhoeverHasNothingToDo) {
  const std::optional<Lease> held = desk_.LeaseOne("a");
  ASSERT_TRUE(desk_.Finish(*desk_.LeaseOne("c"), "c").ok());
  KeepAtWork("a", {held->id}, LateAfter(held->expected_seconds) - kMoment);
  EXPECT_FALSE(desk_.LeaseOne("b").has_value()) << "not late yet";
  ExpectNextTick(desk_.now() + kMoment);
  KeepAtWork("a", {held->id}, kMoment + kRounding);
  EXPECT_FALSE(desk_.LeaseOne("a").has_value()) << "it has it";
  const std::optional<Lease> hedge = desk_.LeaseOne("b");
  ASSERT_TRUE(hedge.has_value());
  EXPECT_EQ(hedge->slice->trials, held->slice->trials);
  EXPECT_EQ(hedge->attempt, 2);
  EXPECT_EQ(counters().hedges, 1);
}

TEST_F(LateWork, IsNotWhatMayBeTrainedTogetherWithTheRest) {
  const std::optional<Lease> first = desk_.LeaseOne("a");
  const absl::Time granted = desk_.now();
  KeepAtWork("a", {first->id}, absl::Seconds(1));
  const std::optional<Lease> second = desk_.LeaseOne("a");
  ASSERT_TRUE(TrainTogether(*first, *second));
  const absl::Time late = granted + LateAfter(first->expected_seconds + second->expected_seconds);
  KeepAtWork("a", {first->id, second->id}, granted + LateAfter(first->expected_seconds) - desk_.now());
  EXPECT_FALSE(desk_.LeaseOne("b").has_value()) << "one thread may have both, which end together";
  KeepAtWork("a", {first->id, second->id}, late - kMoment - desk_.now());
  EXPECT_FALSE(desk_.LeaseOne("b").has_value());
  ExpectNextTick(late);  // whoever waits for work asks again then
  KeepAtWork("a", {first->id, second->id}, kMoment + kRounding);
  EXPECT_EQ(desk_.LeaseOne("b")->slice->trials, first->slice->trials);
}

TEST_F(LateWork, OfAThreadThatHangsIsFoundOutWhileTheOthersReport) {
  desk_.Join("a", /*threads=*/2);
  const std::vector<Lease> held = desk_.LeaseMany("a", 2);
  KeepAtWork("a", {held[0].id, held[1].id}, absl::Seconds(held[1].expected_seconds));
  ASSERT_TRUE(desk_.Finish(held[1], "a").ok());
  KeepAtWork("a", {held[0].id},
             LateAfter(held[0].expected_seconds) - absl::Seconds(held[1].expected_seconds) + kRounding);
  EXPECT_EQ(desk_.LeaseOne("b")->slice->trials, held[0].slice->trials);
}

TEST_F(LateWork, IsSharedByTheThreadsOfItsWorker) {
  desk_.Join("a", /*threads=*/2);
  const std::vector<Lease> held = desk_.LeaseMany("a", 2);
  const absl::Duration late = LateAfter(held[0].expected_seconds + held[1].expected_seconds / 2);
  KeepAtWork("a", {held[0].id, held[1].id}, late - kMoment);
  EXPECT_FALSE(desk_.LeaseOne("b").has_value());
  KeepAtWork("a", {held[0].id, held[1].id}, kMoment + kRounding);
  EXPECT_TRUE(desk_.LeaseOne("b").has_value());
  EXPECT_TRUE(desk_.LeaseOne("b").has_value());
}

TEST_F(LateWork, HasAtMostThreeHolders) {
  const std::vector<Lease> held = desk_.LeaseMany("a", 2);
  ASSERT_TRUE(desk_.Finish(held[1], "a").ok());
  KeepAtWork("a", {held[0].id}, absl::Minutes(2));
  EXPECT_TRUE(desk_.LeaseOne("b").has_value());
  EXPECT_TRUE(desk_.LeaseOne("c").has_value());
  EXPECT_FALSE(desk_.LeaseOne("d").has_value());
}

TEST_F(LateWork, OfASilentWorkerIsGivenAwayLongBeforeItsLeaseEnds) {
  const std::vector<Lease> held = desk_.LeaseMany("a", 2);
  desk_.Wait(absl::Seconds(2.5) - kMoment);
  EXPECT_FALSE(desk_.LeaseOne("b").has_value());
  EXPECT_EQ(desk_.coordinator().NextTick(), desk_.now() + kMoment);
  desk_.Wait(kMoment);
  EXPECT_EQ(desk_.LeaseOne("b")->slice->trials, held[0].slice->trials);
  EXPECT_EQ(desk_.LeaseOne("b")->slice->trials, held[1].slice->trials);
  EXPECT_EQ(counters().expired, 0);
}

TEST_F(LateWork, OfAnEarlierProcessIsGivenAwayAfterHalfALease) {
  const std::vector<Lease> held = desk_.LeaseMany("a", 2);
  desk_.Commit();
  desk_.Crash();
  KeepAtWork("a", {held[0].id, held[1].id}, absl::Seconds(5) - kMoment);
  EXPECT_FALSE(desk_.LeaseOne("b").has_value());
  KeepAtWork("a", {held[0].id, held[1].id}, kMoment);
  EXPECT_EQ(desk_.LeaseOne("b")->slice->trials, held[0].slice->trials);
}

TEST_F(LateWork, TheFirstResultWinsAndTheOthersStop) {
  const std::vector<Lease> held = desk_.LeaseMany("a", 2);
  desk_.Wait(absl::Seconds(3));
  const std::optional<Lease> hedge = desk_.LeaseOne("b");
  ASSERT_TRUE(desk_.Finish(*hedge, "b").ok());
  EXPECT_EQ(counters().hedges_won, 1);
  EXPECT_THAT(desk_.Beat("a", {held[0].id, held[1].id}), ElementsAre(held[0].id));
  EXPECT_EQ(desk_.Progress(job_).trials_reported, 9 + 16);
}

TEST_F(LateWork, APredictionIsGivenAwayToo) {
  ToyDesk desk;
  desk.Join("a");
  desk.Join("b");
  const int64_t job = desk.Submit(ToyLadder());
  std::optional<Lease> look = desk.LeaseOne("a");
  while (!look->prediction) {
    ASSERT_TRUE(desk.Finish(*look, "a", /*passes=*/true).ok());
    look = desk.LeaseOne("a");
  }
  EXPECT_FALSE(desk.LeaseOne("b").has_value());
  desk.Wait(absl::Seconds(3));
  const std::optional<Lease> hedge = desk.LeaseOne("b");
  ASSERT_TRUE(hedge && hedge->prediction);
  EXPECT_EQ(hedge->prediction->trial, look->prediction->trial);
  EXPECT_TRUE(desk.Finish(*hedge, "b").ok());
  EXPECT_EQ(desk.Progress(job).state, JobState::kAnswered);
  EXPECT_TRUE(desk.Finish(*look, "a").ok()) << "and is not needed any more";
}

TEST_F(LateWork, AResultIsTakenAfterItsLeaseRanOut) {
  const std::vector<Lease> held = desk_.LeaseMany("a", 2);
  desk_.Wait(absl::Seconds(11));
  EXPECT_EQ(counters().expired, 2);
  EXPECT_TRUE(desk_.Finish(held[0], "a").ok());
  EXPECT_EQ(desk_.Progress(job_).trials_reported, 9 + 16);
  EXPECT_EQ(counters().late_reports, 1);
  EXPECT_EQ(desk_.LeaseOne("b")->slice->trials, held[1].slice->trials) << "the other one is free";
}

TEST_F(LateWork, AResultIsTakenAfterItsLeaseRanOutAndTheCoordinatorCrashed) {
  const std::vector<Lease> held = desk_.LeaseMany("a", 2);
  desk_.Wait(absl::Seconds(11));
  desk_.Commit();
  EXPECT_TRUE(desk_.stored().leases.at(held[0].id).ended);
  desk_.Crash();
  EXPECT_TRUE(desk_.Finish(held[0], "a").ok());
  EXPECT_EQ(desk_.Progress(job_).trials_reported, 9 + 16);
  desk_.Commit();
  EXPECT_FALSE(desk_.stored().leases.contains(held[0].id)) << "what is reported has no lease";
}

TEST_F(LateWork, AResultIsTakenFromWhoeverWasTakenOver) {
  const std::vector<Lease> held = desk_.LeaseMany("a", 2);
  desk_.Join("a", 1, "2");
  const ReportResponse response = desk_.Report(desk_.ReportOf(held[0], "a"), "a");
  EXPECT_TRUE(response.statuses[0].ok());
  EXPECT_THAT(response.not_needed, IsEmpty()) << "it is told nothing; its heartbeat will stop it";
  EXPECT_EQ(desk_.Progress(job_).trials_reported, 9 + 16);
}

TEST_F(LateWork, FailuresAreFenced) {
  const std::vector<Lease> held = desk_.LeaseMany("a", 2);
  desk_.Wait(absl::Seconds(11));
  const std::optional<Lease> next = desk_.LeaseOne("b");
  for (int i = 0; i < kMaxFailures; ++i) {
    EXPECT_TRUE(desk_.Report({.lease = held[0].id, .failure = "out of memory"}, "a").statuses[0].ok());
  }
  EXPECT_EQ(desk_.Progress(job_).state, JobState::kRunning) << "a lease that has ended cannot fail";
  EXPECT_TRUE(desk_.Finish(*next, "b").ok());
}

TEST_F(LateWork, ASecondResultIsComparedWithTheFirst) {
  const std::vector<Lease> held = desk_.LeaseMany("a", 2);
  desk_.Wait(absl::Seconds(3));
  // The second piece, so that the first is open and nothing is decided yet.
  ASSERT_TRUE(desk_.LeaseOne("b").has_value());
  const std::optional<Lease> hedge = desk_.LeaseOne("b");
  ASSERT_TRUE(desk_.Finish(*hedge, "b").ok());
  EXPECT_TRUE(desk_.Finish(held[1], "a").ok());
  EXPECT_EQ(counters().duplicates, 16);
  EXPECT_EQ(counters().mismatches, 0);
}

TEST_F(LateWork, ASecondResultWithOtherBitsIsAnIncident) {
  const std::vector<Lease> held = desk_.LeaseMany("a", 2);
  desk_.Wait(absl::Seconds(3));
  ASSERT_TRUE(desk_.LeaseOne("b").has_value());
  const std::optional<Lease> hedge = desk_.LeaseOne("b");
  ASSERT_TRUE(desk_.Finish(*hedge, "b").ok());
  LeaseReport report = desk_.ReportOf(held[1], "a");
  const std::string first_hash = report.trials[3].weights_sha256;
  report.trials[3].weights_sha256 = std::string(64, 'f');
  report.trials[4].best_score += 0.001;
  EXPECT_TRUE(desk_.Report(report, "a").statuses[0].ok());
  EXPECT_EQ(counters().mismatches, 2);
  desk_.Commit();
  std::vector<std::string> texts;
  for (const EventRecord& event : desk_.stored().events) {
    if (event.kind == "mismatch") texts.push_back(event.text);
  }
  ASSERT_EQ(texts.size(), 2u);
  // Trials 1 to 9 are of the linear model, 10 to 25 of the first piece.
  for (const std::string& part : {std::string("jobs/1/trials/29"), std::string("worker"), std::string(" a "),
                                  std::string(" b "), first_hash, std::string(64, 'f')}) {
    EXPECT_THAT(texts[0], HasSubstr(part));
  }
}

TEST_F(LateWork, AFaultyMachineIsFoundBecauseOthersAreLate) {
  // Compared also when the bundle has been decided in the meantime.
  const std::vector<Lease> held = desk_.LeaseMany("a", 2);
  desk_.Wait(absl::Seconds(3));
  const std::optional<Lease> hedge = desk_.LeaseOne("b");
  ASSERT_TRUE(desk_.Finish(*hedge, "b", /*passes=*/true).ok());
  LeaseReport report = desk_.ReportOf(held[0], "a", /*passes=*/true);
  report.trials[0].weights_sha256 = std::string(64, 'f');
  desk_.Report(report, "a");
  EXPECT_EQ(counters().mismatches, 1);
}

TEST_F(LateWork, WhatAPassMakesPointlessEndsAtTheNextCall) {
  const std::vector<Lease> held = desk_.LeaseMany("a", 2);
  // The first piece passes at its first trial, which settles the bundle and with it the second piece.
  const ReportResponse response = desk_.Report(desk_.ReportOf(held[0], "a", /*passes=*/true), "a");
  EXPECT_THAT(response.not_needed, Contains(held[1].id));
  EXPECT_THAT(desk_.Beat("a", {held[1].id}), Contains(held[1].id));
}

}  // namespace
}  // namespace minnow::core
