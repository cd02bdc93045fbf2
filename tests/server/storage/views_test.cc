// Every view on a small database drawn by hand, against rows worked out by hand. Parameters of the shapes with 4 inputs
// and 1 output: [] 5, [1] 7, [2] 13, [3] 19, [2,2] 19.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "server/storage/queries.h"
#include "server/storage/sqlite_store.h"
#include "tests/server/storage/change_builder.h"
#include "tests/server/storage/query_rows.h"
#include "tests/server/storage/temporary_folder.h"

namespace minnow::storage {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr TrialState kPassed = TrialState::kPassed;
constexpr TrialState kMissed = TrialState::kMissed;

const std::vector<std::vector<int>> kShapes = {{}, {1}, {2}, {3}, {2, 2}};

class ViewsTest : public testing::Test {
 protected:
  void Commit(const core::Changes& changes) {
    if (!store_) store_ = *OpenSqliteStore(path_);
    const absl::Status status = store_->Commit(changes);
    ASSERT_TRUE(status.ok()) << status.message();
  }

  std::vector<std::string> Rows(const std::string& sql) { return storage::Rows(**OpenResults(path_), sql); }

  TemporaryFolder folder_;
  std::string path_ = folder_.File("minnow.db");
  std::unique_ptr<core::Store> store_;
};

JobSketch Sketch(int64_t id, std::vector<TrialSketch> trials) {
  return {.job = SmallJob(id), .shapes = kShapes, .trials = std::move(trials)};
}

TrialSketch Tried(int shape, InitScheme init, double best, TrialState state = kMissed) {
  TrialSketch trial{.shape = shape, .state = state, .best_score = best};
  trial.recipe.init = init;
  return trial;
}

TrialSketch Tested(int shape, TrialState state, double test_score) {
  return {.shape = shape, .state = state, .best_score = 0.95, .test_score = test_score};
}

LookRecord Look(int64_t job, int look, int shape, int64_t trial, double score) {
  return {.job = job,
          .look = look,
          .marker = {shape, trial, score, {0.75, 0.96}, 0.975, score >= 0.9},
          .grade = score >= 0.9 ? "consistent" : "missed",
          .time = absl::FromUnixSeconds(1'700'000'100)};
}

TEST_F(ViewsTest, AnswersHasARowForEachJob) {
  JobSketch answered = Sketch(1, {Tried(1, InitScheme::kHe, 0.5), Tried(2, InitScheme::kHe, 0.95, kPassed)});
  answered.job.state = JobState::kAnswered;
  answered.job.answer = minnow::Answer{SmallShape({2}), 2, true};
  answered.job.wrong_at_most = 0.1;
  core::Changes changes = Drawn(answered);
  changes.looks = {Look(1, 1, 2, 2, 0.92)};
  Commit(changes);
  JobSketch exhausted = Sketch(2, {});
  exhausted.job.state = JobState::kExhausted;
  Commit(Drawn(exhausted));
  EXPECT_THAT(Rows("SELECT job, name, state, threshold, hidden, parameters, trial, init, learning_rate, seed, epoch,"
                   " validation_score, test_score, test_low, test_grade, confirmed, wrong_at_most, weights_sha256"
                   " FROM answers"),
              ElementsAre("jobs/1|digits|ANSWERED|accuracy >= 0.9|[2]|13|jobs/1/trials/2|he|0.05|2|10|0.95|0.92|0.75|"
                          "consistent|1|0.1|weights 2",
                          "jobs/2|digits|EXHAUSTED|accuracy >= 0.9|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|"
                          "NULL|NULL|NULL|NULL"));
}

TEST_F(ViewsTest, AnswersTakesTheTestScoreOfAGridFromItsTrial) {
  JobSketch grid = Sketch(1, {Tested(1, kPassed, 0.93)});
  grid.job.answer = minnow::Answer{SmallShape({1}), 1, std::nullopt};
  Commit(Drawn(grid));
  EXPECT_THAT(Rows("SELECT test_score, test_low, confirmed FROM answers"), ElementsAre("0.93|NULL|NULL"));
}

TEST_F(ViewsTest, SmallestGoodEnoughOfAGridMeetsTheThresholdOnTest) {
  JobSketch grid = Sketch(1, {Tested(4, kPassed, 0.99), Tested(3, kPassed, 0.9), Tested(3, kPassed, 0.97),
                              Tested(2, kPassed, 0.89),  // not on test
                              Tested(1, kMissed, 0.91),  // not on validation
                              Tested(0, kPassed, 0.95)});
  grid.trials.back().evidence = false;  // does not count
  Commit(Drawn(grid));
  EXPECT_THAT(Rows("SELECT * FROM smallest_good_enough"), ElementsAre("jobs/1|jobs/1/trials/2|[3]|19|0.95|0.9"));
}

TEST_F(ViewsTest, SmallestGoodEnoughKnowsMetricsWhereLowerIsBetter) {
  JobSketch grid = Sketch(1, {Tested(1, kPassed, 0.4), Tested(2, kPassed, 0.3), Tested(3, kPassed, 0.1)});
  grid.job.spec.goal = {Metric::kLogLoss, 0.3};
  grid.job.threshold = 0.3;
  Commit(Drawn(grid));
  EXPECT_THAT(Rows("SELECT trial, test_score FROM smallest_good_enough"), ElementsAre("jobs/1/trials/2|0.3"));
}

TEST_F(ViewsTest, SmallestGoodEnoughOfALadderIsTheAnswerThatWasConfirmed) {
  for (const auto& [job, score] : {std::pair{1, 0.92}, std::pair{2, 0.88}}) {
    JobSketch ladder = Sketch(job, {Tried(2, InitScheme::kHe, 0.95, kPassed)});
    ladder.job.answer = minnow::Answer{SmallShape({2}), 1, score >= 0.9};
    core::Changes changes = Drawn(ladder);
    changes.looks = {Look(job, 1, 2, 1, score)};
    Commit(changes);
  }
  EXPECT_THAT(Rows("SELECT job, trial, hidden, test_score FROM smallest_good_enough"),
              ElementsAre("jobs/1|jobs/1/trials/1|[2]|0.92"));
}

TEST_F(ViewsTest, SmallestGoodEnoughStepsDownItsIndex) {
  Commit(Drawn(Sketch(1, {Tested(1, kPassed, 0.93)})));
  const std::vector<std::string> plan = Rows("EXPLAIN QUERY PLAN SELECT * FROM smallest_good_enough");
  EXPECT_THAT(plan, testing::Contains(HasSubstr("trials_good_on_test (job=? AND shape=? AND test_score>?)")));
  EXPECT_THAT(plan, testing::Contains(HasSubstr("trials_good_on_test (job=? AND shape=? AND test_score<?)")));
  EXPECT_THAT(plan, testing::Not(testing::Contains(HasSubstr("SCAN t"))));
}

TEST_F(ViewsTest, SizeLadderHasARowForEachShape) {
  JobSketch ladder = Sketch(
      1, {Tried(1, InitScheme::kHe, 0.5), Tried(1, InitScheme::kHe, 0.75), Tried(2, InitScheme::kHe, 0.5),
          Tried(2, InitScheme::kHe, 0.625), Tried(2, InitScheme::kHe, 0.95, kPassed), Tried(2, InitScheme::kHe, 0.99)});
  ladder.trials.back().evidence = false;
  core::Changes changes = Drawn(ladder);
  changes.shapes[1].second.evidence.verdict = Verdict::kNotGoodEnough;
  changes.shapes[1].second.because = "contained in [3]";
  Commit(changes);
  EXPECT_THAT(
      Rows("SELECT * FROM size_ladder"),
      ElementsAre("jobs/1|[]|5|4|UNDECIDED|0|0|NULL|NULL||0|0",
                  "jobs/1|[1]|7|5|NOT_GOOD_ENOUGH|2|0|0.75|0.625|contained in [3]|2|0",
                  "jobs/1|[2]|13|10|GOOD_ENOUGH|3|1|0.95|0.625||3|0", "jobs/1|[3]|19|15|UNDECIDED|0|0|NULL|NULL||0|0",
                  "jobs/1|[2,2]|19|14|UNDECIDED|0|0|NULL|NULL||0|0"));
}

TEST_F(ViewsTest, AMedianCountsTrialsWithoutAScoreAsTheWorst) {
  const double none = WorstScore(Metric::kAccuracy);
  Commit(Drawn(Sketch(1, {Tried(1, InitScheme::kHe, none, TrialState::kDiverged), Tried(1, InitScheme::kHe, 0.5),
                          Tried(1, InitScheme::kHe, 0.75),  //
                          Tried(2, InitScheme::kHe, none, TrialState::kDiverged), Tried(2, InitScheme::kHe, 0.5)})));
  JobSketch lower = Sketch(2, {Tried(1, InitScheme::kHe, WorstScore(Metric::kLogLoss), TrialState::kDiverged),
                               Tried(1, InitScheme::kHe, 0.5), Tried(1, InitScheme::kHe, 0.25)});
  lower.job.spec.goal = {Metric::kLogLoss, 0.1};
  Commit(Drawn(lower));
  EXPECT_THAT(Rows("SELECT job, hidden, tries, median_score FROM size_ladder WHERE tries > 0"),
              ElementsAre("jobs/1|[1]|3|0.5", "jobs/1|[2]|2|NULL", "jobs/2|[1]|3|0.5"));
}

TEST_F(ViewsTest, ParetoFrontHasShapesThatBeatEverySmallerOne) {
  Commit(Drawn(Sketch(1, {Tried(0, InitScheme::kHe, 0.5), Tried(1, InitScheme::kHe, 0.5),
                          Tried(2, InitScheme::kHe, 0.75), Tried(3, InitScheme::kHe, 0.8),
                          Tried(4, InitScheme::kHe, 0.9)})));  // [3] and [2,2] are equally large: neither is smaller
  EXPECT_THAT(Rows("SELECT * FROM pareto_front"),
              ElementsAre("jobs/1|[]|5|0.5", "jobs/1|[2]|13|0.75", "jobs/1|[3]|19|0.8", "jobs/1|[2,2]|19|0.9"));
}

TEST_F(ViewsTest, ParetoFrontKnowsMetricsWhereLowerIsBetter) {
  JobSketch job =
      Sketch(1, {Tried(0, InitScheme::kHe, 0.5), Tried(1, InitScheme::kHe, 0.75), Tried(2, InitScheme::kHe, 0.25)});
  job.job.spec.goal = {Metric::kLogLoss, 0.3};
  Commit(Drawn(job));
  EXPECT_THAT(Rows("SELECT hidden, score FROM pareto_front"), ElementsAre("[]|0.5", "[2]|0.25"));
}

TEST_F(ViewsTest, InitEffectComparesInitSchemesWithinAShape) {
  JobSketch job =
      Sketch(1, {Tried(1, InitScheme::kXavier, 0.5), Tried(1, InitScheme::kHe, 0.75),
                 Tried(1, InitScheme::kXavier, 0.25), Tried(1, InitScheme::kHe, 0.95, kPassed),
                 Tried(1, InitScheme::kHe, 0.5), Tried(2, InitScheme::kHe, 0.875), Tried(2, InitScheme::kHe, 0.1)});
  job.trials.back().phase = Phase::kReference;
  job.trials.back().evidence = false;
  Commit(Drawn(job));
  EXPECT_THAT(Rows("SELECT * FROM init_effect"),
              ElementsAre("jobs/1|[1]|he|3|1|0.75", "jobs/1|[1]|xavier|2|0|0.375", "jobs/1|[2]|he|1|0|0.875"));
}

TEST_F(ViewsTest, SeedSpreadComparesTheSeedsOfARecipe) {
  JobSketch job = Sketch(1, {Tried(1, InitScheme::kHe, 0.5), Tried(1, InitScheme::kHe, 0.75),
                             Tried(1, InitScheme::kHe, 0.95, kPassed), Tried(1, InitScheme::kHe, 0.25)});
  job.trials.back().recipe.learning_rate = 1e-6;
  job.trials.back().recipe.weight_decay = 0.01;
  Commit(Drawn(job));
  EXPECT_THAT(Rows("SELECT * FROM seed_spread"),
              ElementsAre("jobs/1|[1]|" + RecipeText(job.trials[3].recipe) + "|1|0|0.25|0.25|0.25",
                          "jobs/1|[1]|" + RecipeText(job.trials[0].recipe) + "|3|1|0.5|0.75|0.95"));
}

TEST_F(ViewsTest, SymmetryCountsTheUnitsOfEachTrial) {
  JobSketch job = Sketch(1, {Tried(2, InitScheme::kZeros, 0.5), Tried(2, InitScheme::kHe, 0.5)});
  job.trials[0].units = {.hidden = 2, .distinct = 1, .dead = 2};
  job.trials[1].units = {.hidden = 2, .distinct = 2, .dead = 0};
  Commit(Drawn(job));
  EXPECT_THAT(Rows("SELECT * FROM symmetry"),
              ElementsAre("jobs/1|jobs/1/trials/1|[2]|zeros|2|1|2", "jobs/1|jobs/1/trials/2|[2]|he|2|2|0"));
}

TEST_F(ViewsTest, ShowNothingThatIsNotEvidence) {
  JobSketch job = Sketch(1, {Tested(1, kPassed, 0.95)});
  job.trials[0].evidence = false;
  Commit(Drawn(job));
  for (const std::string view : {"smallest_good_enough", "pareto_front", "init_effect", "seed_spread", "symmetry"}) {
    EXPECT_THAT(Rows("SELECT * FROM " + view), IsEmpty()) << view;
  }
}

}  // namespace
}  // namespace minnow::storage
