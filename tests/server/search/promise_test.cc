#include "server/search/promise.h"

#include <gtest/gtest.h>

#include <cmath>

namespace minnow::search {
namespace {

// [1], [2], [], [3], [4], ... of one hidden layer at most.
JobSpec OneLayer() {
  JobSpec spec;
  spec.max_layers = 1;
  return spec;
}

class PromiseTest : public testing::Test {
 protected:
  void Try(int s, double best_score, int trials = 3) {
    const Bundle bundle{.shape = s, .recipes = std::vector<int>(trials, 0)};
    const TrialOutcome outcome{.state = TrialState::kMissed, .epochs = 40, .best_score = best_score};
    evidence_.Fold(bundle, std::vector<std::optional<TrialOutcome>>(trials, outcome));
  }

  Space space_{OneLayer(), 8, 3};
  Evidence evidence_{&space_, Metric::kAccuracy, Counting::kFirstPass, /*job_seed=*/1};
  Promise promise_{&space_, Metric::kAccuracy};
};

TEST_F(PromiseTest, RisesWithSizeBeforeAnythingIsKnown) {
  const std::vector<double> promise = promise_.Of(evidence_, 0.9);
  EXPECT_DOUBLE_EQ(promise.front(), 0.15);
  for (int s = 1; s < space_.shapes(); ++s) {
    EXPECT_EQ(promise[s] > promise[s - 1], space_.Smaller(s - 1, s)) << s;
    EXPECT_GE(promise[s], promise[s - 1]) << s;
  }
  EXPECT_LT(promise.back(), 0.85);
}

TEST_F(PromiseTest, TwoTrialsOfAShapeAreNotEnough) {
  const std::vector<double> before = promise_.Of(evidence_, 0.9);
  for (int s = 0; s < space_.shapes(); ++s) Try(s, 0.5, /*trials=*/2);
  EXPECT_EQ(promise_.Of(evidence_, 0.9), before);
}

TEST_F(PromiseTest, FollowsTheScoresOfTheShapesTried) {
  for (int s = 0; s < 8; ++s) Try(s, 0.3 + 0.07 * s);
  const std::vector<double> promise = promise_.Of(evidence_, 0.9);
  const int last = space_.shapes() - 1;
  EXPECT_LT(promise[0], 0.1);
  EXPECT_GT(promise[last], 0.3);
  EXPECT_GT(promise_.Of(evidence_, 0.7)[last], promise[last]) << "a lower threshold is easier";
}

TEST_F(PromiseTest, IsTheSameForALossAsForTheScoreThatMirrorsIt) {
  const Promise of_loss(&space_, Metric::kRmse);
  Evidence losses(&space_, Metric::kRmse, Counting::kFirstPass, 1);
  for (int s = 0; s < 8; ++s) {
    const TrialOutcome outcome{.state = TrialState::kMissed, .best_score = 7.0 - 0.7 * s};
    losses.Fold({.shape = s, .recipes = {0, 0, 0}}, std::vector<std::optional<TrialOutcome>>(3, outcome));
    Try(s, 1 - 0.1 * (7.0 - 0.7 * s));
  }
  const std::vector<double> loss = of_loss.Of(losses, 1.0);
  const std::vector<double> score = promise_.Of(evidence_, 0.9);
  for (int s = 0; s < space_.shapes(); ++s) EXPECT_NEAR(loss[s], score[s], 0.03) << s;
}

TEST_F(PromiseTest, StaysWithinItsLimitsWhateverTheScores) {
  for (int s = 0; s < 8; ++s) Try(s, s % 2 == 0 ? 1.0 : -1e300);
  for (double p : promise_.Of(evidence_, 0.9)) {
    EXPECT_GE(p, 0.02);
    EXPECT_LE(p, 0.98);
  }
}

TEST(RoughNormalCdf, IsCloseToTheTrueOne) {
  for (double z = -9; z <= 9; z += 0.01) {
    EXPECT_NEAR(RoughNormalCdf(z), 0.5 * std::erfc(-z / std::sqrt(2.0)), 2e-4) << z;
  }
}

}  // namespace
}  // namespace minnow::search
