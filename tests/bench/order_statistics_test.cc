#include "bench/order_statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/random.h"

namespace minnow::bench {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

// t of 4 degrees of freedom: 2.776 for 95 %, and 3 / sqrt(2.5 / 5) = 4.243 has p 0.0132.
TEST(MeanOf, IsStudentsIntervalOverTheClusters) {
  const Estimate estimate = MeanOf(std::vector<double>{1, 2, 3, 4, 5});
  EXPECT_DOUBLE_EQ(estimate.mean, 3);
  EXPECT_NEAR(estimate.half_width, 1.963, 0.001);
  EXPECT_NEAR(estimate.p, 0.0132, 0.0001);
}

TEST(MeanOf, ClustersThatAllAgreeLeaveNoDoubt) {
  EXPECT_EQ(MeanOf(std::vector<double>{0, 0, 0}).p, 1);
  EXPECT_EQ(MeanOf(std::vector<double>{2, 2, 2}).p, 0);
}

TEST(HolmAdjusted, MultipliesByTheHypothesesLeftAndNeverFalls) {
  EXPECT_THAT(HolmAdjusted(std::vector<double>{0.03, 0.01, 0.02, 0.8}),
              ElementsAre(DoubleNear(0.06, 1e-12), DoubleNear(0.04, 1e-12), DoubleNear(0.06, 1e-12), 0.8));
}

TEST(SpreadOf, FindsTheVariancesThatWereDrawn) {
  PhiloxStream draw(/*key=*/1, /*stream=*/0);
  std::vector<std::vector<std::vector<double>>> values(2000);
  for (auto& place : values) {
    const double of_place = 10 * draw.Normal();
    place.resize(3);
    for (std::vector<double>& group : place) {
      const double of_group = of_place + 2 * draw.Normal();
      for (int trial = 0; trial < 8; ++trial) group.push_back(of_group + 3 * draw.Normal());
    }
  }
  const Spread spread = SpreadOf(values);
  EXPECT_NEAR(spread.between_places, 100, 10);
  EXPECT_NEAR(spread.between_groups, 4, 0.5);
  EXPECT_NEAR(spread.within_groups, 9, 0.3);
  EXPECT_NEAR(spread.shared(), 4.0 / 13, 0.03);
  EXPECT_NEAR(spread.shared_in_place(), 100.0 / 113, 0.03);
}

TEST(SpreadOf, TrialsThatAllAgreeShareNothing) {
  const Spread spread = SpreadOf({{{1, 1}, {1, 1}}, {{1, 1}, {1, 1}}});
  EXPECT_EQ(spread.shared(), 0);
  EXPECT_EQ(spread.shared_in_place(), 0);
}

TEST(ChanceOfNoPass, IsThatOfIndependentTrialsWithoutCorrelation) {
  EXPECT_NEAR(ChanceOfNoPass(0.05, 0, 59), 0.0485, 0.0001);
  EXPECT_NEAR(ChanceOfNoPass(0.05, -0.01, 59), 0.0485, 0.0001);
  EXPECT_NEAR(ChanceOfNoPass(0.05, 1e-9, 59), 0.0485, 0.0001);
}

// Of two trials, both fail with the chance (1 - rate)^2 + correlation * rate * (1 - rate).
TEST(ChanceOfNoPass, GrowsWithTheCorrelation) {
  EXPECT_NEAR(ChanceOfNoPass(0.2, 0.3, 2), 0.64 + 0.3 * 0.16, 1e-12);
  EXPECT_NEAR(ChanceOfNoPass(0.05, 1, 59), 0.95, 1e-12);
}

TEST(ChanceOfDrawingNoPass, IsDrawnWithoutPuttingBack) {
  EXPECT_DOUBLE_EQ(ChanceOfDrawingNoPass(/*passes=*/1, /*trials=*/4, /*drawn=*/1), 0.75);
  EXPECT_DOUBLE_EQ(ChanceOfDrawingNoPass(2, 4, 2), 1.0 / 6);
  EXPECT_EQ(ChanceOfDrawingNoPass(3, 4, 2), 0);
  EXPECT_EQ(ChanceOfDrawingNoPass(0, 4, 2), 1);
}

}  // namespace
}  // namespace minnow::bench
