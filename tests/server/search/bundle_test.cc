#include "server/search/bundle.h"

#include <gtest/gtest.h>

#include <set>

namespace minnow::search {
namespace {

Bundle Stoppable(int trials, int64_t first_trial) {
  return {.recipes = std::vector<int>(trials, 3), .first_trial = first_trial, .stop_bounds = {{3, {0.5, 0.6}}}};
}

TEST(Audits, AreOneOfEachSixteenConsecutiveTrials) {
  std::set<int> places;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const Bundle bundle = Stoppable(63, 1 + 64 * static_cast<int64_t>(seed));
    for (int first = 0; first < 63; first += 16) {
      int audited = 0;
      for (int i = first; i < std::min(63, first + 16); ++i) {
        if (!IsAudited(seed, bundle, i)) continue;
        ++audited;
        places.insert(i);
      }
      EXPECT_EQ(audited, 1) << "seed " << seed << ", trials from " << first;
    }
  }
  EXPECT_EQ(places.size(), 63u) << "every place is drawn sometimes";
}

TEST(Audits, AreDrawnAnewForEachBundleAndJob) {
  const auto drawn = [](uint64_t seed, int64_t first_trial) {
    std::set<int> audited;
    for (int i = 0; i < 64; ++i) {
      if (IsAudited(seed, Stoppable(64, first_trial), i)) audited.insert(i);
    }
    return audited;
  };
  EXPECT_EQ(drawn(1, 1), drawn(1, 1));
  EXPECT_NE(drawn(1, 1), drawn(1, 65));
  EXPECT_NE(drawn(1, 1), drawn(2, 1));
}

TEST(Audits, AreNoneWhereNothingIsStopped) {
  Bundle bundle = Stoppable(16, 1);
  bundle.stop_bounds.clear();
  for (int i = 0; i < 16; ++i) EXPECT_FALSE(IsAudited(1, bundle, i));
}

TEST(StopRules, ExemptAuditedAndGuardedTrials) {
  Bundle bundle = Stoppable(16, 1);
  bundle.guarded = {0, 5};
  int exempt = 0;
  for (int i = 0; i < 16; ++i) {
    const StopRule rule = StopRuleOf(1, bundle, i);
    EXPECT_EQ(rule.bounds, (std::vector<double>{0.5, 0.6}));
    EXPECT_EQ(rule.exempt, i == 0 || i == 5 || IsAudited(1, bundle, i));
    exempt += rule.exempt ? 1 : 0;
  }
  EXPECT_GE(exempt, 2);
  EXPECT_LE(exempt, 3);
}

TEST(StopRules, NeverStopARecipeWithoutBounds) {
  Bundle bundle = Stoppable(2, 1);
  bundle.recipes[1] = 4;
  EXPECT_EQ(StopRuleOf(1, bundle, 1), StopRule{});
}

}  // namespace
}  // namespace minnow::search
