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
  EXPECT_NEAR(spread.between_groups, 4, 0.5);
  EXPECT_NEAR(spread.within_groups, 9, 0.3);
  EXPECT_NEAR(spread.shared(), 4.0 / 13, 0.03);
}

}  // namespace
}  // namespace minnow::bench
