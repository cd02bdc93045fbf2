// This program is built with a bug (planted_bugs.cmake): one of the sources of Minnow, changed in one place. The
// simulation must notice within a few seeds, or nobody knows that it would notice anything.
#include <gtest/gtest.h>

#include <iostream>

#include "tests/simulation/simulation.h"

namespace minnow::simulation {
namespace {

constexpr uint64_t kSeeds = 1000;  // those of seeds_test

TEST(PlantedBug, IsCaught) {
  uint64_t seed = 1;
  Outcome outcome = Simulate(seed);
  while (!outcome.failure && seed < kSeeds) outcome = Simulate(++seed);
  ASSERT_TRUE(outcome.failure) << "nobody notices in " << kSeeds << " worlds: " << MINNOW_PLANTED_BUG;
  std::cout << MINNOW_PLANTED_BUG << ": caught by seed " << seed << ", since " << *outcome.failure << "\n";
}

}  // namespace
}  // namespace minnow::simulation
