#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "server/search/rounds.h"
#include "server/search/searcher.h"
#include "server/search/shape_order.h"

namespace minnow::search {
namespace {

using Reported = std::vector<std::optional<TrialOutcome>>;

JobSpec LadderSpec() {
  JobSpec spec;
  spec.max_layers = 1;
  spec.units = {1, 2, 4, 8};
  return spec;
}

class LadderTest : public testing::Test {
 protected:
  std::optional<Bundle> Plan() {
    return ladder_->Plan({.threshold = 0.9,
                          .validation_rows = 100,
                          .evidence = evidence_,
                          .outstanding = outstanding_,
                          .issued = issued_,
                          .issued_trials = std::accumulate(issued_.begin(), issued_.end(), int64_t{0})});
  }

  void Issue(const Bundle& bundle) {
    outstanding_.push_back(bundle);
    issued_[bundle.shape] += bundle.trials();
  }

  void FoldFirst(TrialState state) {
    const Bundle bundle = outstanding_.front();
    outstanding_.erase(outstanding_.begin());
    evidence_.Fold(bundle, Reported(state == TrialState::kPassed ? 1 : bundle.trials(),
                                    TrialOutcome{.state = state, .epochs = 5, .best_score = 0.5}));
    issued_[bundle.shape] = evidence_.shape(bundle.shape).tries;
  }

  Space space_{LadderSpec(), 8, 3};
  Evidence evidence_{&space_, Metric::kAccuracy, Counting::kFirstPass, /*job_seed=*/1};
  std::unique_ptr<Searcher> ladder_ = NewLadderInOrder(LadderSpec(), &space_, NewAscendingOrder());
  std::vector<Bundle> outstanding_;
  std::vector<int64_t> issued_ = std::vector<int64_t>(space_.shapes());
};

TEST_F(LadderTest, GoesUpFromTheSmallestShape) {
  std::vector<int> order;
  for (int i = 0; i < space_.shapes(); ++i) {
    order.push_back(Plan()->shape);
    Issue(*Plan());
  }
  EXPECT_THAT(order, testing::ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(LadderTest, PlansAHoleWhenEverythingIsUnderWay) {
  for (int i = 0; i < space_.shapes(); ++i) Issue(*Plan());
  ASSERT_TRUE(Plan().has_value());
  EXPECT_TRUE(Plan()->hole());
}

TEST_F(LadderTest, IsSettledOnceEverySmallerShapeIsRejected) {
  for (int i = 0; i < 3; ++i) Issue(*Plan());
  FoldFirst(TrialState::kMissed);
  FoldFirst(TrialState::kMissed);
  EXPECT_FALSE(ladder_->Settled(evidence_));
  FoldFirst(TrialState::kPassed);
  EXPECT_TRUE(ladder_->Settled(evidence_));
}

TEST_F(LadderTest, IsSettledWhenAllAreRejected) {
  for (int i = 0; i < space_.shapes(); ++i) Issue(*Plan());
  for (int i = 0; i < space_.shapes(); ++i) FoldFirst(TrialState::kMissed);
  EXPECT_TRUE(ladder_->Settled(evidence_));
  EXPECT_EQ(evidence_.incumbent(), std::nullopt);
}

TEST_F(LadderTest, PlansNothingThatIsNotSmallerThanTheIncumbent) {
  Issue(NextInRounds(Phase::kSearch, 3, space_.LadderGroups(3), 7, 0));
  FoldFirst(TrialState::kPassed);
  for (int i = 0; i < 3; ++i) {
    EXPECT_LT(Plan()->shape, 3);
    Issue(*Plan());
  }
  EXPECT_TRUE(Plan()->hole());
}

TEST_F(LadderTest, ALargerShapeUnderWayStandsForWhatItContains) {
  Issue(NextInRounds(Phase::kSearch, 4, space_.LadderGroups(4), 7, 0));  // [8] contains [1], [2] and [4]
  ASSERT_TRUE(space_.linear(Plan()->shape));
  Issue(*Plan());
  EXPECT_TRUE(Plan()->hole());
}

TEST_F(LadderTest, GoesOnAboveTheFloorAfterAMissedLook) {
  Issue(NextInRounds(Phase::kSearch, 3, space_.LadderGroups(3), 7, 0));
  FoldFirst(TrialState::kPassed);
  evidence_.ApplyMissedLook(3);
  EXPECT_EQ(Plan()->shape, 4);
}

class EarlyStopTest : public LadderTest {
 protected:
  static JobSpec StoppingSpec(PassPolicy policy = PassPolicy::kAny) {
    JobSpec spec = LadderSpec();
    spec.early_stop = true;
    spec.pass = policy;
    spec.goal = {Metric::kAccuracy, 0.9};
    return spec;
  }

  void UseLadder(const JobSpec& spec) { ladder_ = NewLadderInOrder(spec, &space_, NewAscendingOrder()); }

  void FoldPilot() {
    const TrialOutcome outcome{.state = TrialState::kMissed,
                               .epochs = 40,
                               .best_score = 0.5,
                               .best_at_rungs = {0.4, 0.45, 0.48, 0.5},
                               .best_at_end = 0.5};
    for (int i = 0; i < ladder_->pilot(); ++i) Issue(*Plan());
    for (const Bundle& bundle : outstanding_) evidence_.Fold(bundle, Reported(bundle.trials(), outcome));
    outstanding_.clear();
  }
};

// [1], [2], [4] and [8] have 15, 27, 51 and 99 parameters; a quarter, half and three quarters of the way, in
// logarithms, are 24, 39 and 62.
TEST_F(EarlyStopTest, BeginsWithAPilotOfSeveralSizesThatIsNeverStopped) {
  UseLadder(StoppingSpec());
  ASSERT_EQ(ladder_->pilot(), 3) << "two parts fall on [4]";
  std::vector<std::vector<int>> hidden;
  std::vector<int> trials;
  for (int i = 0; i < ladder_->pilot(); ++i) {
    const std::optional<Bundle> bundle = Plan();
    hidden.push_back(space_.shape(bundle->shape).hidden);
    trials.push_back(bundle->trials());
    EXPECT_TRUE(bundle->stop_bounds.empty());
    Issue(*bundle);
  }
  EXPECT_EQ(hidden, (std::vector<std::vector<int>>{{1}, {2}, {4}}));
  EXPECT_THAT(trials, testing::ElementsAre(18, 9, 9)) << "two rounds of 9 recipes, then one";
}

TEST_F(EarlyStopTest, ThePilotOfALongLadderHasFourSizes) {
  JobSpec spec = StoppingSpec();
  spec.max_layers = 2;
  spec.units = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64};
  const Space space(spec, 60, 10);
  const std::unique_ptr<Searcher> ladder = NewLadder(spec, &space);
  ASSERT_EQ(ladder->pilot(), 4);
  const Evidence evidence(&space, Metric::kAccuracy, Counting::kFirstPass, 1);
  const std::vector<int64_t> issued(space.shapes());
  std::vector<Bundle> pilot;
  std::vector<int> trials;
  for (int i = 0; i < 4; ++i) {
    pilot.push_back(*ladder->Plan({.evidence = evidence, .outstanding = pilot, .issued = issued}));
    trials.push_back(pilot.back().trials());
  }
  EXPECT_THAT(trials, testing::ElementsAre(18, 9, 9, 5));
}

TEST_F(EarlyStopTest, PlansThePilotBeforeAnythingIsFolded) {
  UseLadder(StoppingSpec());
  for (int i = 0; i < ladder_->pilot(); ++i) Issue(*Plan());
  EXPECT_EQ(Plan()->trials(), 45) << "what is left of the smallest shape";
}

TEST_F(EarlyStopTest, HasNoPilotWithoutEarlyStop) {
  EXPECT_EQ(ladder_->pilot(), 0);
  EXPECT_EQ(Plan()->trials(), 63);
}

TEST_F(EarlyStopTest, LinearModelsAloneHaveNoPilot) {
  JobSpec spec = StoppingSpec();
  spec.max_layers = 0;
  const Space linear(spec, 8, 3);
  EXPECT_EQ(NewLadder(spec, &linear)->pilot(), 0);
}

TEST_F(EarlyStopTest, LaterBundlesCarryTheBoundsOfThePlanningPrefix) {
  UseLadder(StoppingSpec());
  FoldPilot();
  const std::optional<Bundle> rest = Plan();
  EXPECT_EQ(rest->shape, 0);
  EXPECT_EQ(rest->trials(), 45);
  EXPECT_EQ(rest->first_seed, 19);
  EXPECT_EQ(rest->stop_bounds.size(), 9u);
  for (const auto& [recipe, bounds] : rest->stop_bounds) {
    EXPECT_EQ(bounds, evidence_.gains().Bounds(recipe, 4, 0.9, 100));
    EXPECT_NEAR(bounds[0], 0.9 - 0.1 - 0.015, 1e-12);  // se = sqrt(0.9 x 0.1 / 100) = 0.03
  }
}

TEST_F(EarlyStopTest, TheLinearModelIsNeverStopped) {
  UseLadder(StoppingSpec());
  FoldPilot();
  std::optional<Bundle> bundle = Plan();
  while (!space_.linear(bundle->shape)) {
    EXPECT_FALSE(bundle->stop_bounds.empty());
    Issue(*bundle);
    bundle = Plan();
    ASSERT_FALSE(bundle->hole());
  }
  EXPECT_TRUE(bundle->stop_bounds.empty());
  EXPECT_EQ(bundle->trials(), 9);
}

TEST_F(EarlyStopTest, ReliableBeginsWithTheSamePilot) {
  evidence_ = Evidence(&space_, Metric::kAccuracy, Counting::kWald, 1);
  UseLadder(StoppingSpec(PassPolicy::kReliable));
  const std::optional<Bundle> pilot = Plan();
  EXPECT_EQ(pilot->trials(), 18);
  EXPECT_TRUE(pilot->guarded.empty()) << "nothing is stopped, so nothing needs a guard";
  FoldPilot();
  const std::optional<Bundle> rest = Plan();
  EXPECT_EQ(rest->shape, 0);
  EXPECT_EQ(rest->trials(), 9) << "each of nine candidates missed twice, three misses reject it";
  std::optional<Bundle> next = rest;
  while (space_.shape(next->shape).hidden != std::vector{8}) {
    Issue(*next);
    next = Plan();
  }
  EXPECT_EQ(next->trials(), 27) << "three misses of nine candidates";
  EXPECT_EQ(next->guarded.size(), 18u) << "two of each";
}

TEST_F(LadderTest, ABundleThatCountsForNothingStandsForNothing) {
  Issue(NextInRounds(Phase::kSearch, 4, space_.LadderGroups(4), 7, 0));
  Issue(NextInRounds(Phase::kSearch, 3, space_.LadderGroups(3), 7, 0));
  std::swap(outstanding_[0], outstanding_[1]);
  FoldFirst(TrialState::kPassed);  // [4] passes, so [8], which contains [1] and [2], will be skipped
  EXPECT_EQ(Plan()->shape, 0);
}

}  // namespace
}  // namespace minnow::search
