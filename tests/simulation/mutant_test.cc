// This program is built with a job whose planning may see one bundle more than its prefix (see CMakeLists.txt). What is
// planned then depends on what has been reported by that time, and the test of the same answer must notice.
#include <gtest/gtest.h>

#include "tests/simulation/simulated_job.h"

namespace minnow::simulation {
namespace {

TEST(Mutant, PlanningThatSeesOneBundleMoreIsNoticed) {
  const Scenario scenario = ShuffledLadder();
  const Outcome quiet = Live(scenario, {});
  int different = 0;
  for (unsigned schedule = 1; schedule <= 12; ++schedule) {
    different += Live(scenario, RandomLife(schedule)).seen != quiet.seen ? 1 : 0;
  }
  EXPECT_GE(different, 1);
  RecordProperty("schedules_that_differ", different);
}

}  // namespace
}  // namespace minnow::simulation
