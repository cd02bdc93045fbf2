#include "server/search/gains.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace minnow::search {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr double kThreshold = 0.9;
constexpr int64_t kRows = 400;
constexpr double kError = 0.015;  // sqrt(0.9 x 0.1 / 400)

// Rises by `first` after the first rung and by `second` after the second.
TrialOutcome Finished(double first, double second) {
  return {.state = TrialState::kMissed,
          .epochs = 40,
          .best_score = 0.8,
          .validation_score = 0.8,
          .best_at_rungs = {0.8 - first, 0.8 - second},
          .best_at_end = 0.8};
}

void LearnTimes(Gains& gains, int times, int shape, int recipe, const TrialOutcome& outcome) {
  for (int i = 0; i < times; ++i) gains.Learn(shape, recipe, outcome);
}

TEST(Gains, StopNothingBeforeEighteenTrialsFinished) {
  Gains gains(Metric::kAccuracy);
  LearnTimes(gains, 17, 0, 0, Finished(0.1, 0.05));
  EXPECT_THAT(gains.Bounds(0, 2, kThreshold, kRows), IsEmpty());
  gains.Learn(0, 1, Finished(0.2, 0.0));
  EXPECT_THAT(gains.Bounds(0, 2, kThreshold, kRows),
              ElementsAre(DoubleEq(0.9 - (0.2 + kError / 2)), DoubleEq(0.9 - (0.05 + kError / 2))));
}

TEST(Gains, AreOfTheRecipeOnceFourShapesAndSixOfItsTrialsAreKnown) {
  Gains gains(Metric::kAccuracy);
  LearnTimes(gains, 20, 0, 0, Finished(0.3, 0.2));
  for (int shape = 1; shape <= 2; ++shape) LearnTimes(gains, 3, shape, 1, Finished(0.1, 0.1));
  EXPECT_NEAR(gains.Bounds(1, 2, kThreshold, kRows)[0], 0.9 - 0.3 - kError / 2, 1e-12) << "3 shapes";
  gains.Learn(3, 2, Finished(0.0, 0.0));
  EXPECT_NEAR(gains.Bounds(1, 2, kThreshold, kRows)[0], 0.9 - 0.1 - kError / 2, 1e-12);
  EXPECT_NEAR(gains.Bounds(2, 2, kThreshold, kRows)[0], 0.9 - 0.3 - kError / 2, 1e-12) << "1 trial of that recipe";
}

TEST(Gains, TrialsThatWereStoppedOrDivergedTeachNothing) {
  Gains gains(Metric::kAccuracy);
  TrialOutcome stopped = Finished(0.0, 0.0);
  stopped.state = TrialState::kStoppedEarly;
  TrialOutcome diverged = Finished(0.0, 0.0);
  diverged.state = TrialState::kDiverged;
  LearnTimes(gains, 50, 0, 0, stopped);
  LearnTimes(gains, 50, 0, 0, diverged);
  EXPECT_THAT(gains.Bounds(0, 2, kThreshold, kRows), IsEmpty());
}

TEST(Gains, ATrialThatPassedBeforeARungSaysNothingAboutIt) {
  Gains gains(Metric::kAccuracy);
  TrialOutcome early = Finished(0.1, 0.0);
  early.state = TrialState::kPassed;
  early.best_at_rungs = {0.7};
  LearnTimes(gains, 20, 0, 0, early);
  const std::vector<double> bounds = gains.Bounds(0, 2, kThreshold, kRows);
  ASSERT_EQ(bounds.size(), 2u);
  EXPECT_FALSE(Better(Metric::kAccuracy, bounds[1], -1e300)) << "no score is worse than a bound that is not known";
  EXPECT_TRUE(std::isfinite(bounds[1]));
}

TEST(Gains, AJumpFromNoScoreAtAllStopsNothing) {
  Gains gains(Metric::kRmse);
  TrialOutcome jump = Finished(0.0, 0.0);
  jump.best_at_rungs = {std::nan(""), 0.9};
  jump.standard_error = 0.1;
  LearnTimes(gains, 18, 0, 0, jump);
  EXPECT_FALSE(Better(Metric::kRmse, gains.Bounds(0, 2, 2.0, kRows)[0], 1e300));
}

TEST(Gains, TurnAroundWhereLowerIsBetterAndTakeTheErrorOfTheBestTrial) {
  Gains gains(Metric::kRmse);
  TrialOutcome outcome{
      .state = TrialState::kMissed, .validation_score = 3.0, .best_at_rungs = {5.0}, .best_at_end = 3.0};
  LearnTimes(gains, 20, 0, 0, outcome);
  EXPECT_THAT(gains.Bounds(0, 1, 2.0, kRows), IsEmpty()) << "no trial said how far off its score may be";
  outcome.standard_error = 0.4;
  gains.Learn(0, 0, outcome);
  outcome.validation_score = 4.0;
  outcome.standard_error = 0.8;
  gains.Learn(0, 0, outcome);
  EXPECT_THAT(gains.Bounds(0, 1, 2.0, kRows), ElementsAre(DoubleEq(2.0 + 2.0 + 0.2)));
}

TEST(Gains, DoNotDependOnTheOrderOfTheTrials) {
  std::vector<TrialOutcome> outcomes;
  std::mt19937 random(5);
  std::uniform_real_distribution<double> uniform(0, 0.3);
  for (int i = 0; i < 60; ++i) {
    outcomes.push_back(Finished(uniform(random), uniform(random)));
    outcomes.back().standard_error = uniform(random);
  }
  std::vector<int> order(outcomes.size());
  for (int i = 0; i < 60; ++i) order[i] = i;
  std::vector<double> first;
  for (int shuffle = 0; shuffle < 20; ++shuffle) {
    Gains gains(Metric::kR2);
    for (int i : order) gains.Learn(i % 5, i % 4, outcomes[i]);
    const std::vector<double> bounds = gains.Bounds(2, 2, kThreshold, kRows);
    if (shuffle == 0) first = bounds;
    EXPECT_EQ(bounds, first);
    std::shuffle(order.begin(), order.end(), random);
  }
}

}  // namespace
}  // namespace minnow::search
