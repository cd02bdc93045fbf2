// A thousand worlds. This program is run once for each quarter of them, so that every processor has some.
#include <gtest/gtest.h>

#include <string>

#include "tests/simulation/simulation.h"

namespace minnow::simulation {
namespace {

constexpr uint64_t kSeedsOfAQuarter = 250;

class Seeds : public testing::TestWithParam<int> {};

TEST_P(Seeds, KeepEveryPromiseAndGetTheQuietAnswer) {
  const uint64_t first = 1 + kSeedsOfAQuarter * static_cast<uint64_t>(GetParam());
  const Total total = SimulateMany(first, kSeedsOfAQuarter);
  for (const Outcome& failed : total.failed) ADD_FAILURE() << FailureText(failed);
  for (int f = 0; f < kFaults; ++f) {
    EXPECT_GT(total.faults[f], 0) << Name(static_cast<Fault>(f)) << " never happened, so nothing is known of it";
  }
}

INSTANTIATE_TEST_SUITE_P(Quarter, Seeds, testing::Range(0, 4));

TEST(Replay, OfASeedIsExact) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const Outcome first = Simulate(seed);
    const Outcome second = Simulate(seed);
    EXPECT_EQ(first.digest, second.digest) << "seed " << seed;
    EXPECT_EQ(first.steps, second.steps) << "seed " << seed;
    EXPECT_EQ(first.faults, second.faults) << "seed " << seed;
    EXPECT_EQ(first.failure, second.failure) << "seed " << seed;
  }
}

TEST(Replay, OfAnotherSeedIsAnotherWorld) { EXPECT_NE(Simulate(1).digest, Simulate(2).digest); }

TEST(FailureText, SaysHowToSeeItAgain) {
  const Outcome outcome{.seed = 17, .failure = "trial 3 counts twice", .mix = "  disk full: 0.01\n", .steps = 99};
  const std::string text = FailureText(outcome);
  for (const char* part : {"seed 17", "step 99", "trial 3 counts twice", "disk full: 0.01", "--first 17 --seeds 1"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part;
  }
}

}  // namespace
}  // namespace minnow::simulation
