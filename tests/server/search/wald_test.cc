#include "server/search/wald.h"

#include <gtest/gtest.h>

#include <cmath>

namespace minnow::search {
namespace {

TEST(Wald, TwelvePassesInARowAcceptAndElevenDoNot) {
  EXPECT_EQ(Wald(12, 0), WaldDecision::kAccepted);
  EXPECT_EQ(Wald(11, 0), WaldDecision::kOpen);
}

TEST(Wald, ThreeMissesInARowRejectAndTwoDoNot) {
  EXPECT_EQ(Wald(0, 3), WaldDecision::kRejected);
  EXPECT_EQ(Wald(0, 2), WaldDecision::kOpen);
}

// By hand: one miss takes ln 3 = 1.0986 back, worth 4.37 passes, so 17 passes make up for it (0.25131 x 17 - 1.0986 =
// 3.174) and 16 do not (2.922); 18 passes and two misses are open.
TEST(Wald, AMissCostsFourToFivePasses) {
  EXPECT_EQ(Wald(16, 1), WaldDecision::kOpen);
  EXPECT_EQ(Wald(17, 1), WaldDecision::kAccepted);
  EXPECT_EQ(Wald(18, 2), WaldDecision::kOpen);
  EXPECT_EQ(Wald(20, 2), WaldDecision::kOpen);
  EXPECT_EQ(Wald(21, 2), WaldDecision::kAccepted);
}

TEST(Wald, AgreesWithItsDefinition) {
  for (int passes = 0; passes <= 400; ++passes) {
    for (int misses = 0; misses <= 400; ++misses) {
      const double ratio = passes * std::log(0.9 / 0.7) + misses * std::log(0.1 / 0.3);
      const WaldDecision expected = ratio >= std::log(20.0)    ? WaldDecision::kAccepted
                                    : ratio <= -std::log(20.0) ? WaldDecision::kRejected
                                                               : WaldDecision::kOpen;
      ASSERT_EQ(Wald(passes, misses), expected) << passes << " passes, " << misses << " misses";
    }
  }
}

TEST(Wald, AsManyMissesAsItSaysRejectAndNotOneFewer) {
  EXPECT_EQ(WaldMissesToReject(0, 0), 3);
  for (int passes = 0; passes <= 60; ++passes) {
    for (int misses = 0; misses <= 60; ++misses) {
      if (Wald(passes, misses) != WaldDecision::kOpen) continue;
      const int64_t more = WaldMissesToReject(passes, misses);
      ASSERT_EQ(Wald(passes, misses + more), WaldDecision::kRejected);
      ASSERT_EQ(Wald(passes, misses + more - 1), WaldDecision::kOpen);
    }
  }
}

// The exact chance of a decision, by walking through all states for up to 2,000 trials.
double ChanceOf(WaldDecision decision, double pass_rate) {
  constexpr int kTrials = 2000;
  std::vector<double> open = {1};  // chance of each number of passes
  double decided = 0;
  for (int n = 1; n <= kTrials; ++n) {
    std::vector<double> next(n + 1);
    for (int k = 0; k < n; ++k) {
      for (const auto& [passes, chance] : {std::pair{k + 1, pass_rate}, std::pair{k, 1 - pass_rate}}) {
        const WaldDecision here = Wald(passes, n - passes);
        (here == WaldDecision::kOpen ? next[passes] : decided) +=
            here == WaldDecision::kOpen || here == decision ? open[k] * chance : 0;
      }
    }
    open = next;
  }
  return decided;
}

TEST(Wald, BothErrorsAreAtMostFivePercent) {
  EXPECT_LE(ChanceOf(WaldDecision::kRejected, 0.9), 0.05);
  EXPECT_LE(ChanceOf(WaldDecision::kAccepted, 0.7), 0.05);
  EXPECT_GT(ChanceOf(WaldDecision::kAccepted, 0.9), 0.95);
  EXPECT_GT(ChanceOf(WaldDecision::kRejected, 0.7), 0.95);
}

}  // namespace
}  // namespace minnow::search
