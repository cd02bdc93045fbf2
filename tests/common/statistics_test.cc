#include "common/statistics.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

namespace minnow {
namespace {

// P(at most `successes` of `trials`), term by term.
double AtMost(int successes, int trials, double p) {
  double sum = 0;
  for (int k = 0; k <= successes; ++k) {
    sum += std::exp(std::lgamma(trials + 1.0) - std::lgamma(k + 1.0) - std::lgamma(trials - k + 1.0) + k * std::log(p) +
                    (trials - k) * std::log1p(-p));
  }
  return sum;
}

void ExpectInterval(const Interval& interval, double low, double high) {
  EXPECT_NEAR(interval.low, low, 5e-5);
  EXPECT_NEAR(interval.high, high, 5e-5);
}

// The examples of Newcombe 1998, "Two-sided confidence intervals for the single proportion", method 3.
TEST(WilsonInterval, GivesThePublishedValues) {
  ExpectInterval(WilsonInterval(81, 263, 0.95), 0.2553, 0.3662);
  ExpectInterval(WilsonInterval(15, 148, 0.95), 0.0624, 0.1605);
  ExpectInterval(WilsonInterval(0, 20, 0.95), 0, 0.1611);
  ExpectInterval(WilsonInterval(1, 29, 0.95), 0.0061, 0.1718);
}

TEST(WilsonInterval, TakesTheLevelOfALook) { ExpectInterval(WilsonInterval(344, 360, 0.975), 0.9243, 0.9743); }

TEST(WilsonInterval, EndsAtZeroAndOneExactly) {
  for (int64_t trials : {1, 7, 360, 1'000'003}) {
    EXPECT_EQ(WilsonInterval(0, trials, 0.95).low, 0);
    EXPECT_EQ(WilsonInterval(trials, trials, 0.95).high, 1);
  }
}

RC_GTEST_PROP(WilsonInterval, HoldsTheProportionAndIsSymmetric, ()) {
  const int trials = *rc::gen::inRange(1, 100'000);
  const int successes = *rc::gen::inRange(0, trials + 1);
  const Interval interval = WilsonInterval(successes, trials, 0.975);
  const double p = static_cast<double>(successes) / trials;
  RC_ASSERT(0 <= interval.low && interval.low <= p && p <= interval.high && interval.high <= 1);
  const Interval mirrored = WilsonInterval(trials - successes, trials, 0.975);
  RC_ASSERT(std::fabs(mirrored.low - (1 - interval.high)) < 1e-12);
}

TEST(ClopperPearsonUpper, GivesThePublishedValues) {
  EXPECT_NEAR(ClopperPearsonUpper(0, 63, 0.95), 0.0464, 5e-5);
  EXPECT_NEAR(ClopperPearsonUpper(0, 28, 0.95), 0.1015, 5e-5);
  EXPECT_NEAR(ClopperPearsonUpper(0, 59, 0.95), 1 - std::pow(0.05, 1.0 / 59), 1e-12);
  // Newcombe 1998, method 5: 0.2527 to 0.3676, two-sided at 95 %.
  EXPECT_NEAR(ClopperPearsonUpper(81, 263, 0.975), 0.3676, 5e-5);
  EXPECT_NEAR(1 - ClopperPearsonUpper(263 - 81, 263, 0.975), 0.2527, 5e-5);
}

RC_GTEST_PROP(ClopperPearsonUpper, SolvesItsDefinition, ()) {
  const int trials = *rc::gen::inRange(1, 300);
  const int successes = *rc::gen::inRange(0, trials);
  const double upper = ClopperPearsonUpper(successes, trials, 0.95);
  RC_ASSERT(upper > static_cast<double>(successes) / trials);
  RC_ASSERT(std::fabs(AtMost(successes, trials, upper) - 0.05) < 1e-9);
}

TEST(ClopperPearsonUpper, IsOneWithoutAFailure) {
  EXPECT_EQ(ClopperPearsonUpper(5, 5, 0.95), 1);
  EXPECT_EQ(ClopperPearsonUpper(0, 0, 0.95), 1);
}

// Newcombe 1998, method 5; 0 and 20 of 20 and 9 of 64 by the definition.
TEST(ClopperPearsonInterval, GivesThePublishedValues) {
  ExpectInterval(ClopperPearsonInterval(81, 263, 0.95), 0.2527, 0.3676);
  ExpectInterval(ClopperPearsonInterval(15, 148, 0.95), 0.0578, 0.1617);
  ExpectInterval(ClopperPearsonInterval(0, 20, 0.95), 0, 0.1684);
  ExpectInterval(ClopperPearsonInterval(1, 29, 0.95), 0.0009, 0.1776);
  ExpectInterval(ClopperPearsonInterval(9, 64, 0.95), 0.0664, 0.2502);
}

TEST(ClopperPearsonInterval, EndsAtZeroAndOneExactly) {
  EXPECT_EQ(ClopperPearsonInterval(0, 64, 0.95).low, 0);
  EXPECT_EQ(ClopperPearsonInterval(64, 64, 0.95).high, 1);
  EXPECT_EQ(ClopperPearsonInterval(0, 0, 0.95), (Interval{0, 1}));
}

TEST(LookLevel, StartsAtTheDocumentedLevels) {
  EXPECT_DOUBLE_EQ(LookLevel(1), 0.975);
  EXPECT_DOUBLE_EQ(LookLevel(2), 1 - 0.05 / 6);
}

TEST(LookLevel, SpendsFivePercentOverAllLooks) {
  double error = 0;
  for (int look = 1; look <= 100'000; ++look) error += 1 - LookLevel(look);
  EXPECT_LT(error, 0.05);
  EXPECT_GT(error, 0.0499);
}

}  // namespace
}  // namespace minnow
