// What adds to an answer: its pass rate, a reliable shape, other splits of the rows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "tests/support/toy_desk.h"
#include "tests/support/toy_world.h"

namespace minnow::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// With 2 inputs and 3 outputs [4,1] has 23 parameters, as [2,2] has 21. Shapes of 23 parameters pass for every third
// seed, larger ones for every seed.
ToyOutcome LuckyThenReliable(const SliceWork& work, const TrialSpec& trial) {
  const int64_t size = Parameters(work.shape);
  const bool passes = size > 23 || (size == 23 && trial.seed % 3 == 0);
  return {.passes = passes, .best_score = passes ? 0.96 : 0.9, .epochs = passes ? 5 : 40};
}

JobSpec Characterised() {
  JobSpec spec = ToyLadder();
  spec.characterise = true;
  return spec;
}

const JobRecord& Record(const ToyWorld& world, int64_t job = 1) { return world.stored().jobs.at(job); }

int64_t TrialsOf(const ToyWorld& world, Phase phase) {
  int64_t trials = 0;
  for (const auto& [key, trial] : world.stored().trials) trials += trial.phase == phase ? 1 : 0;
  return trials;
}

TEST(Characterise, CountsHowOftenFreshSeedsOfTheAnswerPass) {
  ToyWorld world(2, 1, LuckyThenReliable);
  world.Run(ToyRequest(Characterised()));
  EXPECT_EQ(Record(world).state, JobState::kAnswered);
  EXPECT_EQ(Parameters(Record(world).answer->shape), 23);
  EXPECT_EQ(Record(world).pass_rate, (PassRate{.tries = 64, .passes = 21}));
  EXPECT_EQ(TrialsOf(world, Phase::kPassRate), 64);
  for (const auto& [key, trial] : world.stored().trials) {
    EXPECT_FALSE(trial.phase != Phase::kSearch && world.stored().evidence.contains(key)) << "no evidence";
  }
}

TEST(Characterise, FreshSeedsStopWhereTheyPassAndNowhereElse) {
  JobSpec spec = Characterised();
  spec.early_stop = true;
  std::set<int64_t> seeds;
  ToyWorld world(1, 1, [&](const SliceWork& work, const TrialSpec& trial) {
    if (work.phase == Phase::kPassRate) {
      EXPECT_FALSE(work.train_on || work.first_pass_settles) << "each of them stops at its own pass";
      EXPECT_TRUE(trial.stop.bounds.empty());
      seeds.insert(trial.seed);
    }
    return LuckyThenReliable(work, trial);
  });
  world.Run(ToyRequest(spec));
  EXPECT_EQ(seeds.size(), 64u);
}

TEST(Characterise, FindsTheSmallestReliableShapeFromTheAnswerUp) {
  ToyWorld world(2, 1, LuckyThenReliable);
  world.Run(ToyRequest(Characterised()));
  ASSERT_TRUE(Record(world).reliable.has_value()) << Record(world).reliable_reason;
  EXPECT_GT(Parameters(Record(world).reliable->shape), 23);
  EXPECT_EQ(Record(world).reliable->tries, Record(world).reliable->passes);
  EXPECT_EQ(Record(world).reliable->tries, 12) << "Wald's test accepts twelve passes in a row";
  for (const auto& [key, trial] : world.stored().trials) {
    EXPECT_TRUE(trial.phase != Phase::kReliable || Parameters(trial.shape) >= 23);
  }
}

// The pass rate has shown it, so nothing is trained for it.
TEST(Characterise, TakesThePassRateAsEvidenceOfReliability) {
  ToyWorld world(2, 1, [](const SliceWork& work, const TrialSpec& trial) {
    return ToyOutcome{.passes = Parameters(work.shape) >= 9 && trial.seed % 20 != 0};
  });
  world.Run(ToyRequest(Characterised()));
  EXPECT_EQ(Record(world).pass_rate, (PassRate{.tries = 64, .passes = 61}));
  ASSERT_TRUE(Record(world).reliable.has_value()) << Record(world).reliable_reason;
  EXPECT_EQ(Record(world).reliable->shape, Record(world).answer->shape);
  EXPECT_EQ(Record(world).reliable->tries, 12);
  EXPECT_EQ(TrialsOf(world, Phase::kReliable), 0);
}

TEST(Characterise, SpendsOnReliabilityNoMoreThanTheSearchDid) {
  ToyWorld world(2, 1, [](const SliceWork& work, const TrialSpec& trial) {
    return ToyOutcome{.passes = Parameters(work.shape) >= 9 && trial.seed % 3 == 0};
  });
  world.Run(ToyRequest(Characterised()));
  EXPECT_FALSE(Record(world).reliable.has_value());
  EXPECT_THAT(Record(world).reliable_reason, HasSubstr("as many epochs as the search took"));
  int64_t search = 0, reliable = 0;
  for (const auto& [key, trial] : world.stored().trials) {
    if (world.stored().evidence.contains(key)) search += trial.result.epochs;
    if (trial.phase == Phase::kReliable) reliable += trial.result.epochs;
  }
  EXPECT_LE(reliable, search);
}

TEST(Characterise, AReliableAnswerIsTheReliableShape) {
  JobSpec spec = Characterised();
  spec.pass = PassPolicy::kReliable;
  ToyWorld world(2, 1, LuckyThenReliable);
  world.Run(ToyRequest(spec));
  ASSERT_TRUE(Record(world).reliable.has_value()) << Record(world).reliable_reason;
  EXPECT_EQ(Record(world).reliable->shape, Record(world).answer->shape);
  EXPECT_GT(Parameters(Record(world).answer->shape), 23);
  EXPECT_EQ(TrialsOf(world, Phase::kReliable), 0);
}

TEST(Characterise, TheJobIsAnsweredBeforeItEnds) {
  ToyWorld world(1, 1, LuckyThenReliable);
  const int64_t job = world.Submit(ToyRequest(Characterised()));
  world.RunWhile([&] { return world.stored().jobs.at(job).state != JobState::kAnswered; });
  EXPECT_FALSE(*world.coordinator().HasEnded(job));
  EXPECT_TRUE(Record(world).answer->confirmed.value());
  EXPECT_EQ(world.coordinator().RunningJobs(), std::vector<int64_t>{job});
  world.RunUntilEnded(job);
  EXPECT_FALSE(Record(world).characterising);
  EXPECT_TRUE(world.coordinator().RunningJobs().empty());
}

TEST(Characterise, CancellingKeepsTheAnswer) {
  ToyWorld world(1, 1, LuckyThenReliable);
  const int64_t job = world.Submit(ToyRequest(Characterised()));
  world.RunWhile([&] { return world.stored().jobs.at(job).state != JobState::kAnswered; });
  EXPECT_THAT(std::string(world.Apply(JobAction::kPause, job).message()), HasSubstr("keeps the answer"));
  ASSERT_TRUE(world.Apply(JobAction::kCancel, job).ok());
  EXPECT_TRUE(*world.coordinator().HasEnded(job));
  EXPECT_EQ(Record(world).state, JobState::kAnswered);
  EXPECT_TRUE(WasCutShort(Record(world)));
}

TEST(Characterise, ABudgetOfSecondsEndsItWithTheAnswer) {
  JobSpec spec = Characterised();
  ToyWorld unlimited(1, 1, LuckyThenReliable);
  unlimited.Run(ToyRequest(spec));
  spec.budget.seconds = Record(unlimited).search_seconds + Record(unlimited).characterise_seconds / 2;
  ToyWorld world(1, 1, LuckyThenReliable);
  world.Run(ToyRequest(spec));
  EXPECT_EQ(Record(world).state, JobState::kAnswered);
  EXPECT_TRUE(WasCutShort(Record(world)));
  EXPECT_THAT(world.stored().events.back().text, HasSubstr("budget of seconds"));
  world.Run(ToyRequest(spec));
  EXPECT_TRUE(WasCutShort(Record(world))) << "the budget is the same";
  spec.budget.seconds.reset();
  world.Run(ToyRequest(spec));
  EXPECT_EQ(Record(world).pass_rate, Record(unlimited).pass_rate);
  EXPECT_EQ(Record(world).reliable, Record(unlimited).reliable);
}

using Reached = std::function<bool(const ToyWorld&)>;

// Cancels the job where `reached` says, asks again, perhaps of another process, and expects what an uncancelled job
// finds.
void ExpectToGoOn(const JobSpec& spec, const Reached& reached, bool restart) {
  ToyWorld whole(1, 1, LuckyThenReliable);
  whole.Run(ToyRequest(spec));
  ToyWorld world(1, 1, LuckyThenReliable);
  const int64_t job = world.Submit(ToyRequest(spec));
  world.RunWhile([&] { return !reached(world); });
  ASSERT_TRUE(world.Apply(JobAction::kCancel, job).ok());
  if (restart) world.Restart();
  world.Run(ToyRequest(spec));
  EXPECT_EQ(Record(world).pass_rate, Record(whole).pass_rate);
  EXPECT_EQ(Record(world).reliable, Record(whole).reliable);
  for (int split = 2; split <= spec.splits; ++split) {
    EXPECT_EQ(Record(world, split).state, JobState::kAnswered);
    EXPECT_EQ(Record(world, split).answer->shape, Record(whole, split).answer->shape);
  }
}

TEST(Characterise, CancelledItGoesOnWhenItIsAskedForAgain) {
  const auto answered = [](const ToyWorld& world) { return Record(world).state == JobState::kAnswered; };
  const auto pass_rate_known = [](const ToyWorld& world) { return Record(world).pass_rate.has_value(); };
  for (const Reached& reached : {Reached(answered), Reached(pass_rate_known)}) {
    for (const bool restart : {false, true}) ExpectToGoOn(Characterised(), reached, restart);
  }
}

TEST(Splits, CancelledWithTheirJobGoOnWhenItIsAskedForAgain) {
  JobSpec spec = Characterised();
  spec.splits = 3;
  const auto begun = [](const ToyWorld& world) { return Record(world, 2).state == JobState::kRunning; };
  const auto one_known = [](const ToyWorld& world) { return Record(world, 2).state == JobState::kAnswered; };
  for (const Reached& reached : {Reached(begun), Reached(one_known)}) {
    for (const bool restart : {false, true}) ExpectToGoOn(spec, reached, restart);
  }
}

TEST(Progress, SaysWhatIsAddedToTheAnswer) {
  JobSpec spec = Characterised();
  spec.splits = 3;
  ToyWorld world(1, 1, LuckyThenReliable);
  const int64_t job = world.Submit(ToyRequest(spec));
  const auto progress = [&] { return *world.coordinator().Progress(job, world.now()); };
  EXPECT_EQ(progress().adding, std::nullopt);
  world.RunWhile([&] { return Record(world).state != JobState::kAnswered; });
  EXPECT_EQ(progress().adding, Phase::kPassRate);
  EXPECT_EQ(progress().splits_open, 0);
  world.RunWhile([&] { return !Record(world).pass_rate; });
  EXPECT_EQ(progress().adding, Phase::kReliable);
  world.RunWhile([&] { return Record(world, 2).state == JobState::kQueued; });
  EXPECT_EQ(progress().adding, std::nullopt);
  EXPECT_EQ(progress().splits_open, 2);
  world.RunWhile([&] { return world.coordinator().Progress(job, world.now())->workers == 0; });
  EXPECT_EQ(world.coordinator().Workers(world.now()).at(0).split_of, job) << "it works on the split";
  world.RunWhile([&] { return Record(world, 2).state == JobState::kRunning; });
  EXPECT_EQ(progress().splits_open, 1);
}

TEST(Splits, AreJobsWithTheThresholdOfTheFirstAndWithoutALook) {
  JobSpec spec = ToyLadder();
  spec.goal.value.reset();
  spec.splits = 3;
  ToyWorld world(2, 1, LuckyThenReliable);
  world.Run(ToyRequest(spec));
  ASSERT_EQ(world.stored().jobs.size(), 3u);
  for (int64_t job : {2, 3}) {
    EXPECT_EQ(Record(world, job).parent, 1);
    EXPECT_EQ(Record(world, job).split_seed, static_cast<uint64_t>(job));
    EXPECT_EQ(Record(world, job).threshold, Record(world).threshold);
    EXPECT_EQ(Record(world, job).state, JobState::kAnswered);
    EXPECT_FALSE(Record(world, job).answer->confirmed.has_value());
    EXPECT_NE(Record(world, job).data_sha256, Record(world).data_sha256);
  }
  for (const LookRecord& look : world.stored().looks) EXPECT_EQ(look.job, 1);
}

TEST(Splits, WaitForTheAnswerAndRunOneAfterAnother) {
  JobSpec spec = Characterised();
  spec.splits = 3;
  ToyWorld world(4, 1, LuckyThenReliable);
  const int64_t job = world.Submit(ToyRequest(spec));
  EXPECT_EQ(Record(world, 2).state, JobState::kQueued);
  EXPECT_THAT(world.coordinator().Progress(2, world.now())->why_still,
              HasSubstr("another split of the rows of jobs/1"));
  world.RunWhile([&] { return world.stored().jobs.at(2).state == JobState::kQueued; });
  EXPECT_TRUE(Record(world).reliable.has_value());
  EXPECT_EQ(Record(world, 3).state, JobState::kQueued);
  world.RunUntilEnded(job);
  EXPECT_TRUE(*world.coordinator().HasEnded(3));
}

TEST(Splits, AreCancelledWhereNothingIsGoodEnough) {
  JobSpec spec = ToyLadder();
  spec.splits = 2;
  ToyWorld world(2, 1, [](const SliceWork&, const TrialSpec&) { return ToyOutcome{.passes = false}; });
  world.Run(ToyRequest(spec));
  EXPECT_EQ(Record(world).state, JobState::kExhausted);
  EXPECT_EQ(Record(world, 2).state, JobState::kCancelled);
  EXPECT_THAT(std::string(world.Apply(JobAction::kResume, 2).message()), HasSubstr("nothing to compare"));
  world.Run(ToyRequest(spec));
  EXPECT_EQ(Record(world, 2).state, JobState::kCancelled) << "the question has its answer: there is none";
}

TEST(Splits, EndWithTheirJobAndGoOnWithIt) {
  JobSpec spec = ToyLadder();
  spec.splits = 3;
  ToyWorld world(1, 1, LuckyThenReliable);
  const int64_t job = world.Submit(ToyRequest(spec));
  world.RunFor(absl::Seconds(1));
  ASSERT_EQ(Record(world).state, JobState::kRunning);
  ASSERT_TRUE(world.Apply(JobAction::kCancel, job).ok());
  EXPECT_EQ(Record(world, 2).state, JobState::kCancelled);
  EXPECT_THAT(std::string(world.Apply(JobAction::kResume, 2).message()), HasSubstr("the question of jobs/1 again"));
  world.Run(ToyRequest(spec));
  for (int64_t split : {2, 3}) EXPECT_EQ(Record(world, split).state, JobState::kAnswered);
}

TEST(Splits, TakeALargerBudgetFromTheirJob) {
  JobSpec spec = ToyLadder();
  spec.splits = 2;
  ToyWorld unlimited(1, 1, LuckyThenReliable);
  unlimited.Run(ToyRequest(spec));
  spec.budget.trials = 40;
  ToyWorld world(1, 1, LuckyThenReliable);
  world.Run(ToyRequest(spec));
  EXPECT_EQ(Record(world).state, JobState::kBudgetSpent);
  spec.budget.trials = 100'000;
  world.Run(ToyRequest(spec));
  EXPECT_EQ(Record(world).state, JobState::kAnswered);
  EXPECT_EQ(Record(world, 2).spec.budget.trials, 100'000);
  EXPECT_EQ(Record(world, 2).answer->shape, Record(unlimited, 2).answer->shape);
}

TEST(Splits, OneThatWasCancelledGoesOnWhenTheQuestionIsAskedAgain) {
  JobSpec spec = ToyLadder();
  spec.splits = 3;
  ToyWorld world(1, 1, LuckyThenReliable);
  world.Submit(ToyRequest(spec));
  ASSERT_TRUE(world.Apply(JobAction::kCancel, 2).ok());
  world.RunUntilEnded(1);
  EXPECT_EQ(Record(world, 2).state, JobState::kCancelled);
  EXPECT_EQ(Record(world, 3).state, JobState::kAnswered);
  world.Run(ToyRequest(spec));
  EXPECT_EQ(Record(world, 2).state, JobState::kAnswered);
}

TEST(Splits, AreDeletedWithTheirJob) {
  JobSpec spec = ToyLadder();
  spec.splits = 3;
  ToyWorld world(2, 1, LuckyThenReliable);
  world.Run(ToyRequest(spec));
  ASSERT_TRUE(world.Apply(JobAction::kDelete, 1).ok());
  EXPECT_TRUE(world.stored().jobs.empty());
  EXPECT_TRUE(world.stored().trials.empty());
}

TEST(Splits, MustBeAsManyAsTheQuestionAsksFor) {
  SubmitRequest request = ToyRequest(ToyLadder());
  request.spec.splits = 2;
  ToyDesk desk;
  const auto response = desk.coordinator().Submit(request, desk.now());
  EXPECT_THAT(std::string(response.status().message()), HasSubstr("2 splits of the rows, and comes with 1"));
}

TEST(Job, WithRequireShownALookConfirmsOnlyWithItsWholeInterval) {
  JobSpec spec = ToyLadder();
  spec.require_shown = true;
  spec.confirm = 1;
  ToyWorld world(2, 1, LuckyThenReliable);  // 12 of 12 test rows right: Wilson's interval reaches below 0.95
  world.Run(ToyRequest(spec));
  EXPECT_EQ(Record(world).answer->confirmed, false);
  EXPECT_EQ(world.stored().looks.at(0).grade, "consistent");
}

}  // namespace
}  // namespace minnow::core
