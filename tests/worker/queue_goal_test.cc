#include "worker/queue_goal.h"

#include <gtest/gtest.h>

namespace minnow::worker {
namespace {

TEST(QueueGoal, IsShortWhereCallsAreAnsweredSoon) {
  QueueGoal goal;
  EXPECT_EQ(goal.full(), 0.4);
  EXPECT_EQ(goal.low(), 0.2);
  for (int call = 0; call < 100; ++call) goal.Answered(0.01);
  EXPECT_EQ(goal.full(), 0.4);
}

TEST(QueueGoal, IsTwoCallsAtItsLowestWhereTheyTakeLong) {
  QueueGoal goal;
  for (int call = 0; call < 100; ++call) goal.Answered(0.5);
  EXPECT_NEAR(goal.low(), 1, 1e-9);
  EXPECT_NEAR(goal.full(), 2, 1e-9);
}

TEST(QueueGoal, OneSlowCallIsSoonForgottenAndAnOutageHasABound) {
  QueueGoal goal;
  goal.Answered(600);
  EXPECT_EQ(goal.full(), 4);
  for (int call = 0; call < 30; ++call) goal.Answered(0.001);
  EXPECT_EQ(goal.full(), 0.4);
}

}  // namespace
}  // namespace minnow::worker
