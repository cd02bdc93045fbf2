// Machines that compute wrongly: found out by second opinions, and what they said is forgotten.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/toy_desk.h"
#include "tests/support/toy_world.h"

namespace minnow::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A desk where every slice is checked, and workers "a" and "b".
class Quarantined : public testing::Test {
 protected:
  Quarantined() {
    for (const char* name : {"a", "b"}) desk_.Join(name);
    job_ = desk_.Submit(ToyLadder());
  }

  absl::Status Finish(const std::string& name, const Lease& lease, bool lies) {
    LeaseReport report = desk_.ReportOf(lease, name);
    if (lies) report.trials[2].weights_sha256 = std::string(64, 'f');
    return desk_.Report(report, name).statuses.at(0);
  }

  // The worker takes what it is given first, and says what it makes of it.
  Lease DoOne(const std::string& name, bool lies) {
    const std::optional<Lease> lease = desk_.LeaseOne(name);
    EXPECT_TRUE(lease.has_value()) << name;
    EXPECT_TRUE(Finish(name, *lease, lies).ok());
    return *lease;
  }

  static std::pair<int64_t, int> PieceOf(const Lease& lease) { return {lease.bundle, lease.slice_number}; }

  std::vector<std::string> Events(const std::string& kind) {
    desk_.Commit();
    std::vector<std::string> texts;
    for (const EventRecord& event : desk_.stored().events) {
      if (event.kind == kind) texts.push_back(event.text);
    }
    return texts;
  }

  std::vector<std::string> NamesOfQuarantined() {
    std::vector<std::string> names;
    for (const WorkerSummary& worker : desk_.coordinator().Workers(desk_.now())) {
      if (worker.standing == Standing::kQuarantined) names.push_back(worker.name);
    }
    return names;
  }

  int64_t TrialsOf(const std::string& worker) {
    desk_.Commit();
    return std::count_if(desk_.stored().trials.begin(), desk_.stored().trials.end(),
                         [&](const auto& row) { return row.second.worker == worker; });
  }

  ToyDesk desk_{{.check_one_in = 1}};
  int64_t job_ = 0;
};

TEST_F(Quarantined, NobodyWhileResultsAgree) {
  const Lease first = DoOne("a", /*lies=*/false);
  const Lease check = DoOne("b", /*lies=*/false);
  EXPECT_EQ(check.slice->trials, first.slice->trials) << "the same work";
  EXPECT_EQ(desk_.coordinator().counters().checks, 1);
  EXPECT_NE(DoOne("b", /*lies=*/false).bundle, first.bundle) << "one check is enough";
  EXPECT_THAT(NamesOfQuarantined(), IsEmpty());
  EXPECT_THAT(Events("disputed"), IsEmpty());
}

TEST_F(Quarantined, TheRefereeDecidesAgainstTheFirst) {
  const Lease first = DoOne("a", /*lies=*/true);
  DoOne("b", /*lies=*/false);
  EXPECT_THAT(NamesOfQuarantined(), IsEmpty()) << "it is one word against another";
  EXPECT_EQ(TrialsOf("a"), 9);
  desk_.Join("c");
  EXPECT_EQ(DoOne("c", /*lies=*/false).slice->trials, first.slice->trials);
  EXPECT_THAT(NamesOfQuarantined(), ElementsAre("a"));
  EXPECT_EQ(TrialsOf("a"), 0) << "what it said is forgotten";
  EXPECT_THAT(Events("quarantined"), ElementsAre(HasSubstr("jobs/1/trials/1 to 9 ended differently on it")));
  EXPECT_THAT(Events("folded_again"), ElementsAre(HasSubstr("evidence came from worker a")));
  EXPECT_EQ(DoOne("b", /*lies=*/false).slice->trials, first.slice->trials) << "it is trained again";
}

TEST_F(Quarantined, TheRefereeDecidesAgainstTheSecond) {
  DoOne("a", /*lies=*/false);
  DoOne("b", /*lies=*/true);
  desk_.Join("c");
  DoOne("c", /*lies=*/false);
  EXPECT_THAT(NamesOfQuarantined(), ElementsAre("b"));
  EXPECT_EQ(TrialsOf("a"), 9);
  EXPECT_THAT(Events("folded_again"), IsEmpty()) << "the job has nothing of it";
}

TEST_F(Quarantined, WithoutARefereeItStaysOpenAndBothHashesAreKept) {
  DoOne("a", /*lies=*/true);
  DoOne("b", /*lies=*/false);
  EXPECT_THAT(Events("disputed"),
              ElementsAre(testing::AllOf(HasSubstr("on workers a (weights " + std::string(64, 'f') + "), b ("),
                                         HasSubstr("no other worker is connected"))));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(desk_.Finish(*desk_.LeaseOne("b"), "b").ok()) << "the job goes on";
  desk_.Join("c");
  DoOne("c", /*lies=*/false);
  EXPECT_THAT(NamesOfQuarantined(), ElementsAre("a"));
}

TEST_F(Quarantined, ThreeDifferentResultsNeedAFourthWorker) {
  DoOne("a", /*lies=*/false);
  DoOne("b", /*lies=*/true);
  desk_.Join("c");
  const std::optional<Lease> third = desk_.LeaseOne("c");
  LeaseReport report = desk_.ReportOf(*third, "c");
  report.trials[0].weights_sha256 = std::string(64, 'e');
  ASSERT_TRUE(desk_.Report(report, "c").statuses[0].ok());
  EXPECT_THAT(NamesOfQuarantined(), IsEmpty());
  desk_.Join("d");
  DoOne("d", /*lies=*/false);
  EXPECT_THAT(NamesOfQuarantined(), ElementsAre("b", "c"));
}

TEST_F(Quarantined, AWorkerIsRefusedWithASentenceUntilItIsForgiven) {
  DoOne("a", /*lies=*/true);
  DoOne("b", /*lies=*/false);
  const std::optional<Lease> in_hand = desk_.LeaseOne("a");
  desk_.Join("c");
  DoOne("c", /*lies=*/false);
  for (int restarts = 0; restarts < 2; ++restarts) {
    EXPECT_FALSE(desk_.LeaseOne("a").has_value());
    const absl::Status late = Finish("a", *in_hand, /*lies=*/false);
    EXPECT_TRUE(absl::IsFailedPrecondition(late) || absl::IsNotFound(late)) << late;
    const WorkerInfo again{.id = {"a", "2"}, .threads = 1, .processor = "toy"};
    const absl::Status refused = desk_.coordinator().Register(again, desk_.now()).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(refused));
    EXPECT_THAT(std::string(refused.message()), HasSubstr("`minnow workers --forgive a`"));
    EXPECT_THAT(NamesOfQuarantined(), ElementsAre("a"));
    desk_.Commit();
    desk_.Crash();
  }
  EXPECT_TRUE(absl::IsNotFound(desk_.coordinator().Forgive("nobody", desk_.now())));
  EXPECT_TRUE(desk_.coordinator().Forgive("a", desk_.now()).ok());
  desk_.Join("a", /*threads=*/1, "1");
  EXPECT_TRUE(desk_.LeaseOne("a").has_value());
  desk_.Commit();
  desk_.Crash();
  EXPECT_THAT(NamesOfQuarantined(), IsEmpty());
}

TEST_F(Quarantined, ACrashBeforeTheEvidenceIsFoldedOutLosesNothing) {
  DoOne("a", /*lies=*/true);
  DoOne("b", /*lies=*/false);
  desk_.Join("c");
  DoOne("c", /*lies=*/false);
  desk_.stored().Apply(desk_.coordinator().TakeChanges());  // the quarantine alone
  EXPECT_FALSE(desk_.stored().workers.at("a").quarantine->folded_out);
  desk_.Crash();
  EXPECT_EQ(TrialsOf("a"), 0);
  EXPECT_TRUE(desk_.stored().workers.at("a").quarantine->folded_out);
}

TEST_F(Quarantined, ChecksEndWithTheirJob) {
  DoOne("a", /*lies=*/false);
  const std::optional<Lease> check = desk_.LeaseOne("b");
  ASSERT_TRUE(check.has_value());
  EXPECT_TRUE(desk_.Apply(JobAction::kDelete, job_).ok());
  EXPECT_EQ(desk_.coordinator().leases(), 0);
  EXPECT_TRUE(desk_.Finish(*check, "b").ok());
  EXPECT_FALSE(desk_.LeaseOne("b").has_value());
}

TEST_F(Quarantined, NearTheEndOfAGridWorkComesBeforeSpotChecks) {
  desk_.Apply(JobAction::kCancel, job_).IgnoreError();
  JobSpec grid = ToyLadder();
  grid.search = SearchKind::kGrid;
  grid.max_layers = 1;
  job_ = desk_.Submit(grid);
  const Lease first = DoOne("a", /*lies=*/false);
  std::optional<Lease> next = desk_.LeaseOne("b");
  ASSERT_TRUE(next.has_value());
  EXPECT_NE(PieceOf(*next), PieceOf(first)) << "there is work for two threads, but not for long";
  EXPECT_TRUE(desk_.Finish(*next, "b").ok());
  while (desk_.coordinator().counters().checks == 0) {
    next = desk_.LeaseOne("b");
    ASSERT_TRUE(next.has_value()) << "once no work is free the checks are done";
    EXPECT_TRUE(desk_.Finish(*next, "b").ok());
  }
  EXPECT_EQ(PieceOf(*next), PieceOf(first));
  EXPECT_TRUE(desk_.coordinator().HasEnded(job_).value());
}

TEST_F(Quarantined, ASpotCheckOfALongGridDoesNotWait) {
  desk_.Apply(JobAction::kCancel, job_).IgnoreError();
  JobSpec grid = ToyLadder();
  grid.search = SearchKind::kGrid;
  grid.grid_seeds = 2000;
  job_ = desk_.Submit(grid);
  const Lease first = DoOne("a", /*lies=*/false);
  EXPECT_EQ(PieceOf(DoOne("b", /*lies=*/false)), PieceOf(first));
}

TEST_F(Quarantined, WhatOthersHaveInHandOfThatJobIsGivenOutAnew) {
  DoOne("a", /*lies=*/true);
  DoOne("b", /*lies=*/false);
  const std::optional<Lease> in_hand = desk_.LeaseOne("b");
  ASSERT_TRUE(in_hand.has_value());
  desk_.Join("c");
  DoOne("c", /*lies=*/false);
  desk_.Commit();
  EXPECT_EQ(desk_.coordinator().leases(), 0);
  EXPECT_THAT(desk_.Beat("b", {in_hand->id}), ElementsAre(in_hand->id));
  const int64_t before = TrialsOf("b");
  EXPECT_TRUE(desk_.Finish(*in_hand, "b").ok());
  EXPECT_EQ(TrialsOf("b"), before) << "its place may be another bundle's by now";
}

// What one worker says of a single trial.
Opinion Says(const std::string& worker, char hash) {
  TrialResult result;
  result.weights_sha256 = std::string(64, hash);
  return OpinionOf({result}, worker);
}

TEST(Checks, AWorkerDoesNotAgreeWithItself) {
  Checks::Check check{.work = {}, .opinions = {Says("a", 'x'), Says("b", 'y'), Says("b", 'y')}, .lease = std::nullopt};
  EXPECT_FALSE(Checks::OutcomeOf(check).settled);
  check.opinions.push_back(Says("c", 'y'));
  EXPECT_TRUE(Checks::OutcomeOf(check).settled);
  EXPECT_THAT(Checks::OutcomeOf(check).minority, ElementsAre("a"));
}

TEST(Checks, AWorkerThatContradictsItselfIsInTheMinority) {
  const Checks::Check check{
      .work = {}, .opinions = {Says("a", 'x'), Says("a", 'y'), Says("c", 'x')}, .lease = std::nullopt};
  EXPECT_THAT(Checks::OutcomeOf(check).minority, ElementsAre("a"));
}

TEST(Checks, AreGivenUpWhenEverybodySaysSomethingElse) {
  Checks::Check check{.work = {}, .opinions = {}, .lease = std::nullopt};
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    EXPECT_FALSE(Checks::OutcomeOf(check).settled);
    check.opinions.push_back(Says(name, *name));
  }
  EXPECT_TRUE(Checks::OutcomeOf(check).settled);
  EXPECT_THAT(Checks::OutcomeOf(check).minority, IsEmpty());
}

// --- Whole jobs: the state after a quarantine is that of a world without the liar ---

struct Case {
  const char* name;
  JobSpec spec;
};

std::vector<Case> Cases() {
  JobSpec ladder = ToyLadder();
  JobSpec whole = ToyLadder();
  whole.early_stop = whole.characterise = true;
  whole.splits = 2;
  JobSpec reference = whole;
  reference.goal.value.reset();
  JobSpec grid = ToyLadder();
  grid.search = SearchKind::kGrid;
  return {{"ladder", ladder}, {"whole", whole}, {"reference", reference}, {"grid", grid}};
}

ToyWorld::Options Honest(unsigned schedule) {
  ToyWorld::Options options{.workers = 4, .schedule = schedule, .trainer = ToyRule{.start = 20, .end = 80}};
  options.machines = {{1, 1.0}, {2, 0.5}};
  options.coordinator.check_one_in = 2;
  return options;
}

// Returns false when nothing showed that it lies: a crash forgets which checks were open.
bool IsTheSameAsWithoutTheLiar(const Case& question, unsigned schedule, const ToyFaults& faults) {
  ToyWorld honest(Honest(schedule));
  const int64_t job = honest.Run(ToyRequest(question.spec));
  ToyWorld::Options options = Honest(schedule + 100);
  options.liars = {"w1"};
  options.faults = faults;
  ToyWorld world(std::move(options));
  EXPECT_EQ(world.Submit(ToyRequest(question.spec)), job);
  const auto caught = [&] {
    const auto liar = world.stored().workers.find("w1");
    return liar != world.stored().workers.end() && liar->second.quarantine;
  };
  world.RunUntilEnded(job);
  // Checks go on where a job has ended; it is opened again when one of them finds something.
  for (int seconds = 0; seconds < 100 && !caught(); ++seconds) world.RunFor(absl::Seconds(1));
  if (!caught()) return false;
  world.RunUntilEnded(job);
  EXPECT_EQ(world.Transcript(job), honest.Transcript(job)) << question.name << " under schedule " << schedule;
  for (const auto& [key, trial] : world.stored().trials) {
    EXPECT_NE(trial.worker, "w1") << question.name << " trial " << key.second;
  }
  EXPECT_EQ(world.stored().trials_stored_twice, 0);
  return true;
}

TEST(FoldOut, LeavesEveryJobAsIfTheLiarHadNeverReported) {
  for (const Case& question : Cases()) {
    for (unsigned schedule = 1; schedule <= 6; ++schedule) {
      EXPECT_TRUE(IsTheSameAsWithoutTheLiar(question, schedule, {})) << question.name << " under schedule " << schedule;
    }
  }
}

TEST(FoldOut, DoesSoAcrossCrashesOfTheCoordinator) {
  int caught = 0;
  for (const Case& question : Cases()) {
    for (unsigned schedule = 1; schedule <= 4; ++schedule) {
      caught += IsTheSameAsWithoutTheLiar(question, schedule, {.crash_one_in = 150, .stop_one_in = 300});
    }
  }
  EXPECT_GE(caught, 8) << "of 16";
}

TEST(FoldOut, ReopensAJobThatHadItsAnswerEvenIfItIsNotInMemory) {
  ToyWorld::Options options = Honest(1);
  options.workers = 1;
  options.coordinator.check_one_in = 1;
  options.liars = {"w0"};
  ToyWorld world(std::move(options));
  const int64_t lied = world.Run(ToyRequest(ToyLadder(1)));
  ASSERT_EQ(world.stored().jobs.at(lied).state, JobState::kAnswered);
  const JobRecord before = world.stored().jobs.at(lied);
  world.Restart();
  ToyWorld honest(Honest(1));
  honest.Run(ToyRequest(ToyLadder(1)));
  // Another job shows what w0 is.
  world.JoinMore(3);
  const int64_t other = world.Submit(ToyRequest(ToyLadder(2)));
  world.RunUntilEnded(other);
  for (int seconds = 0; seconds < 100 && !world.stored().workers.at("w0").quarantine; ++seconds) {
    world.RunFor(absl::Seconds(1));
  }
  world.RunUntilEnded(lied);
  EXPECT_NE(world.stored().jobs.at(lied).answer->trial, before.answer->trial);
  EXPECT_EQ(world.Transcript(lied), honest.Transcript(lied));
}

TEST(FoldOut, TrainsOnlyWhatTheLiarHadReportedWhereTheListStaysTheSame) {
  // Its lie is in the bits alone, so the plan does not change.
  ToyWorld::Options options = Honest(5);
  options.faulty = {"w1"};
  JobSpec grid = ToyLadder();
  grid.search = SearchKind::kGrid;
  ToyWorld world(std::move(options));
  const int64_t job = world.Submit(ToyRequest(grid));
  world.RunWhile([&] {
    const auto liar = world.stored().workers.find("w1");
    return liar == world.stored().workers.end() || !liar->second.quarantine;
  });
  std::set<int64_t> honest;
  for (const auto& [key, trial] : world.stored().trials) {
    if (trial.worker != "w1") honest.insert(key.second);
  }
  ASSERT_GT(honest.size(), 20u);
  world.RunUntilEnded(job);
  EXPECT_EQ(world.stored().trials.size(), 21u * 9 * 3);
  EXPECT_EQ(world.stored().trials_stored_twice, 0) << "nothing honest was trained again";
}

}  // namespace
}  // namespace minnow::core
