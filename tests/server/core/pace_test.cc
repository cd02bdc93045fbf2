#include "server/core/pace.h"

#include <gtest/gtest.h>

#include <limits>

namespace minnow::core {
namespace {

TEST(Pace, GuessesSensiblyBeforeTheFirstReport) {
  // A slice of the digits data: 16 trials of 40 epochs.
  const double units = Pace::Units({.inputs = 61, .hidden = {8}, .outputs = 10}, 16 * 40, 1078);
  EXPECT_GT(Pace().Seconds(units), 0.01);
  EXPECT_LT(Pace().Seconds(units), 10);
}

TEST(Pace, BelievesTheFirstReportAndFollowsTheOthers) {
  Pace pace;
  pace.Learn(1000, 5);
  EXPECT_DOUBLE_EQ(pace.Seconds(2000), 10);
  for (int i = 0; i < 50; ++i) pace.Learn(1000, 1);
  EXPECT_NEAR(pace.Seconds(1000), 1, 0.05);
}

TEST(Pace, IsNotMisledByNonsense) {
  Pace pace;
  pace.Learn(1000, 5);
  pace.Learn(0, 5);
  pace.Learn(1000, 0);
  pace.Learn(1000, -1);
  pace.Learn(1000, std::numeric_limits<double>::infinity());
  pace.Learn(1000, std::numeric_limits<double>::quiet_NaN());
  EXPECT_DOUBLE_EQ(pace.Seconds(1000), 5);
}

TEST(Pace, ALargerShapeHasMoreUnits) {
  const Shape small{.inputs = 2, .hidden = {1}, .outputs = 3};
  const Shape large{.inputs = 2, .hidden = {64}, .outputs = 3};
  EXPECT_GT(Pace::Units(large, 10, 100), Pace::Units(small, 10, 100));
  EXPECT_GT(Pace::Units(small, 11, 100), Pace::Units(small, 10, 100));
}

}  // namespace
}  // namespace minnow::core
